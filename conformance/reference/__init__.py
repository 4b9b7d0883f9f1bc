"""Adapters that must pass. Loaded by name, so that none costs anything until it is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_WHERE = {
    "BedrockConverse": "conformance.reference.bedrock_converse.adapter",
    "BedrockConverseSDK": "conformance.reference.bedrock_converse_sdk",  # needs boto3
    "Ollama": "conformance.reference.ollama.adapter",
    "OllamaSDK": "conformance.reference.ollama_sdk",
    "AnthropicMessages": "conformance.reference.anthropic_messages.adapter",
    "AnthropicMessagesSDK": "conformance.reference.anthropic_messages_sdk",
    "OpenAIChat": "conformance.reference.openai_chat.adapter",
    "CohereChat": "conformance.reference.cohere_chat.adapter",
    "CohereChatSDK": "conformance.reference.cohere_chat_sdk",  # needs the cohere SDK
    "OpenAIChatSDK": "conformance.reference.openai_chat_sdk",  # needs the openai SDK
    "OpenAIChatRetrying": "conformance.reference.openai_chat_retrying",  # asks again itself
    "OpenAIResponses": "conformance.reference.openai_responses.adapter",
    "OpenAIResponsesSDK": "conformance.reference.openai_responses_sdk",
    "Gemini": "conformance.reference.gemini.adapter",
    "GeminiSDK": "conformance.reference.gemini_sdk",
    "LaiosOpenAI": "conformance.reference.laios",
    "CouncilOpenAI": "conformance.reference.llm_council",
}

__all__ = [
    "AnthropicMessages",
    "AnthropicMessagesSDK",
    "BedrockConverse",
    "BedrockConverseSDK",
    "CohereChat",
    "CohereChatSDK",
    "CouncilOpenAI",
    "Gemini",
    "GeminiSDK",
    "LaiosOpenAI",
    "Ollama",
    "OllamaSDK",
    "OpenAIChat",
    "OpenAIChatRetrying",
    "OpenAIChatSDK",
    "OpenAIResponses",
    "OpenAIResponsesSDK",
]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_WHERE[name]), name)
