"""An LLM Council adapter for the OpenAI chat API: the native one, asked and answered in this host's words.

Not derived from the host's ProviderAdapter, which it does not import.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from time import monotonic
from typing import Any

from conformance.contract import Done, JSONSchema, Message, ProviderError, Reply, Request, TextDelta, Tool, ToolCall
from conformance.reference.openai_chat.adapter import OpenAIChat

# The host reads an error's words, and has none for the other kinds.
WORDS = {
    "auth": "401 unauthorized",
    "billing": "billing",
    "rate_limit": "429 rate limit",
    "not_found": "model not found",
    "timeout": "timeout",
    "network": "network",
    "overloaded": "overloaded",
    "server": "server error",
}


class CouncilError(Exception):
    """A failure in words that the host's classifier knows."""


@dataclass(frozen=True)
class Capabilities:
    streaming: bool = True
    tool_use: bool = True
    structured_output: bool = True
    multimodal: bool = False
    max_tokens: int | None = None
    prompt_caching: str = "none"


@dataclass
class GenerateResponse:
    text: str | None = None
    content: Any = None
    tool_calls: list[dict[str, Any]] | None = None
    usage: dict[str, int] | None = None
    model: str | None = None
    finish_reason: str | None = None
    raw: Any = None


@dataclass
class DoctorResult:
    ok: bool
    message: str = ""
    latency_ms: float | None = None


class CouncilOpenAI:
    """Any server that speaks the OpenAI chat API. An empty `api_key` sends none; None reads OPENAI_API_KEY."""

    name = "council-openai"
    capabilities = Capabilities()

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str = "https://api.openai.com/v1",
        default_model: str = "gpt-4o-mini",
        timeout: float = 60.0,
    ) -> None:
        self._given = {"api_key": api_key, "base_url": base_url, "model": default_model}
        self._timeout = timeout

    async def supports(self, capability: str) -> bool:
        return bool(getattr(self.capabilities, capability, False))

    async def doctor(self) -> DoctorResult:
        started, chat = monotonic(), self._chat(10.0)
        try:
            health = await chat.health()
        finally:
            await chat.close()
        return DoctorResult(health.ok, health.detail or "the API answers", (monotonic() - started) * 1000)

    async def generate(self, request: Any) -> GenerateResponse | AsyncIterator[GenerateResponse]:
        chat = self._chat(request.timeout_seconds or self._timeout)
        if request.stream:
            return self._stream(chat, request)
        try:
            return _response(await chat.generate(_request(request)))
        except ProviderError as exc:
            raise _error(exc) from exc
        finally:
            await chat.close()

    async def _stream(self, chat: OpenAIChat, request: Any) -> AsyncIterator[GenerateResponse]:
        """Texts as they come, then all the rest in one response without a text."""
        try:
            async with aclosing(chat.stream(_request(request))) as events:  # type: ignore[type-var]
                async for event in events:
                    if isinstance(event, TextDelta):
                        yield GenerateResponse(text=event.text)
                    elif isinstance(event, Done):
                        yield _response(event.reply, streamed=True)
        except ProviderError as exc:
            raise _error(exc) from exc
        finally:
            await chat.close()

    def _chat(self, timeout: float) -> OpenAIChat:
        return OpenAIChat(**self._given, timeout=timeout)  # type: ignore[arg-type]


def _error(exc: ProviderError) -> CouncilError:
    """The one word that decides comes first; the provider's own might say another thing, and come after."""
    word = WORDS.get(exc.kind)
    return CouncilError(f"{word}: {exc}" if word else str(exc))


def _request(asked: Any) -> Request:
    given = asked.messages or [Message("user", asked.prompt)]
    return Request(
        messages=[Message(m.role, m.content) for m in given],
        model=asked.model,
        temperature=asked.temperature,
        top_p=asked.top_p,
        max_tokens=asked.max_tokens,
        stop=list(asked.stop or ()),
        tools=[_tool(t["function"]) for t in asked.tools or ()],
        tool_choice=_choice(asked.tool_choice),
        response_schema=_schema(asked.structured_output),
        reasoning_effort=_of(asked.reasoning, "effort"),
    )


def _schema(asked: Any) -> JSONSchema | None:
    schema = _of(asked, "json_schema")
    return schema and JSONSchema(_of(asked, "name") or "answer", schema, bool(_of(asked, "strict")))


def _of(options: Any, name: str) -> Any:
    """An option of an object, or of a dict."""
    return options.get(name) if isinstance(options, dict) else getattr(options, name, None)


def _tool(function: dict[str, Any]) -> Tool:
    return Tool(function["name"], function.get("description", ""), function.get("parameters", {}))


def _choice(choice: Any) -> str | None:
    name: str | None = choice["function"]["name"] if isinstance(choice, dict) else choice
    return name


def _response(reply: Reply, *, streamed: bool = False) -> GenerateResponse:
    """A refusal has no field of its own; a stream's is its last text."""
    usage = reply.usage
    counts = {
        "prompt_tokens": usage and usage.input_tokens,
        "completion_tokens": usage and usage.output_tokens,
        "total_tokens": usage and usage.total_tokens,
    }
    return GenerateResponse(
        text=reply.refusal or (None if streamed else reply.text),
        tool_calls=[_call(i, c) for i, c in enumerate(reply.tool_calls)] or None,
        usage={k: v for k, v in counts.items() if isinstance(v, int)} or None,
        model=reply.model,
        finish_reason=None if reply.finish_reason == "unknown" else reply.finish_reason,
    )


def _call(index: int, call: ToolCall) -> dict[str, Any]:
    function = {"name": call.name, "arguments": json.dumps(call.arguments, ensure_ascii=False)}
    return {"index": index, "id": call.id, "type": "function", "function": function}
