"""Which reference adapter a new one begins as: its own source, copied, so that the kit proves both at once."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Origin:
    """`module` is below `conformance.reference`; `address` is the base URL, as far as one can be made up."""

    module: str
    adapter: str
    address: str = "https://api.{id}.example/v1"
    keywords: tuple[tuple[str, str], ...] = ()  # more than the usual ones: names, and what they are


ORIGINS = {
    "openai-chat": Origin("openai_chat", "OpenAIChat"),
    "openai-responses": Origin("openai_responses", "OpenAIResponses"),
    "anthropic-messages": Origin("anthropic_messages", "AnthropicMessages"),
    "gemini": Origin("gemini", "Gemini", "https://api.{id}.example/v1beta"),
    "ollama": Origin("ollama", "Ollama", "http://127.0.0.1:11434"),
    "cohere-chat": Origin("cohere_chat", "CohereChat", "https://api.{id}.example"),
    "bedrock-converse": Origin(
        "bedrock_converse",
        "BedrockConverse",
        "https://bedrock-runtime.us-east-1.amazonaws.com",
        (("secret_key", "str | None"), ("session_token", "str | None"), ("region", "str | None")),
    ),
}
