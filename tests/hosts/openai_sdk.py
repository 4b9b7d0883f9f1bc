"""A native adapter as many people would write it, on the official openai SDK. It is tried, not trusted:
what the kit says of it was checked by hand, and the test beside this file holds the result."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

import openai

from conformance.contract import (
    Capabilities,
    Done,
    Embeddings,
    Event,
    Health,
    ProviderError,
    Reply,
    Request,
    TextDelta,
    ToolCall,
    Usage,
)
from conformance.reference.openai_chat.request import BuildsRequests

FINISH: dict[str, Any] = {name: name for name in ("stop", "length", "tool_calls", "content_filter")}
KINDS: dict[int, Any] = {
    400: "invalid_request",
    401: "auth",
    402: "billing",
    403: "permission",
    404: "not_found",
    408: "timeout",
    422: "invalid_request",
    429: "rate_limit",
    503: "overloaded",
    504: "timeout",
    529: "overloaded",
}


class OnTheSDK(BuildsRequests):
    name = "openai-sdk"
    capabilities = Capabilities(
        streaming=True, tools=True, images=True, embeddings=True, model_listing=True, structured_output=True
    )

    def __init__(self, api_key: str, base_url: str, model: str = "m", timeout: float = 60.0) -> None:
        self.model = model
        key = api_key.strip() or "not-needed"
        self.client = openai.AsyncOpenAI(api_key=key, base_url=base_url, timeout=timeout, max_retries=0)

    async def generate(self, request: Request) -> Reply:
        try:
            answer = await self.client.chat.completions.create(**self.payload(request, stream=False))
            choice = answer.choices[0]
            message = choice.message
            calls = [(c.id, c.function.name, c.function.arguments) for c in message.tool_calls or ()]
            return Reply(
                text=message.content or "",
                finish_reason=FINISH.get(choice.finish_reason, "unknown"),
                tool_calls=[ToolCall(i, n, json.loads(a or "{}")) for i, n, a in calls],
                refusal=message.refusal,
                usage=counts(answer.usage),
                model=answer.model,
                id=answer.id,
            )
        except Exception as exc:
            raise self.error(exc) from exc

    async def stream(self, request: Request) -> AsyncIterator[Event]:
        text, finish, usage, calls = "", None, None, {}
        try:
            async with await self.client.chat.completions.create(**self.payload(request, stream=True)) as chunks:
                async for chunk in chunks:
                    usage = chunk.usage or usage
                    for choice in chunk.choices or ():
                        finish = choice.finish_reason or finish
                        if choice.delta and choice.delta.content:
                            text += choice.delta.content
                            yield TextDelta(choice.delta.content)
                        for piece in (choice.delta and choice.delta.tool_calls) or ():
                            call = calls.setdefault(piece.index, ["", "", ""])
                            call[0] += piece.id or ""
                            call[1] += piece.function.name or ""
                            call[2] += piece.function.arguments or ""
            if finish is None:
                raise ProviderError("the stream was cut", kind="network", provider=self.name)
            made = [ToolCall(i, n, json.loads(a or "{}")) for i, n, a in calls.values()]
            yield Done(Reply(text, FINISH.get(finish, "unknown"), made, usage=counts(usage)))
        except Exception as exc:
            raise self.error(exc) from exc

    async def embed(self, texts: Sequence[str], *, model: str | None = None) -> Embeddings:
        try:
            answer = await self.client.embeddings.create(model=model or self.model, input=list(texts))
            if len(answer.data) != len(texts):
                raise ProviderError("a vector is missing", kind="malformed", provider=self.name)
            return Embeddings([row.embedding for row in sorted(answer.data, key=lambda row: row.index)])
        except Exception as exc:
            raise self.error(exc) from exc

    async def list_models(self) -> list[str]:
        try:
            return [model.id async for model in self.client.models.list()]
        except Exception as exc:
            raise self.error(exc) from exc

    async def health(self) -> Health:
        return Health(ok=True)

    async def close(self) -> None:
        await self.client.close()

    def error(self, exc: Exception) -> ProviderError:
        if isinstance(exc, ProviderError):
            return exc
        kind: Any = "malformed"
        status = code = wait = None
        if isinstance(exc, openai.APITimeoutError):
            kind = "timeout"
        elif isinstance(exc, openai.APIConnectionError):
            kind = "network"
        elif isinstance(exc, openai.APIStatusError):
            status, code = exc.status_code, exc.code if isinstance(exc.code, str) else None
            kind = KINDS.get(status, "server" if status >= 500 else "invalid_request")
            kind = {"insufficient_quota": "billing", "content_filter": "content_filter"}.get(str(code), kind)
            if "context length" in str(exc) or exc.type == "exceed_context_size_error":
                kind = "context_length"
            given = exc.response.headers.get("retry-after", "")
            wait = float(given) if given.replace(".", "").isdigit() else None
        elif isinstance(exc, openai.APIError):
            kind = "server"
        text = str(exc)[:1000]
        return ProviderError(text, kind=kind, status=status, code=code, retry_after=wait, provider=self.name)


def counts(usage: Any) -> Usage | None:
    return usage and Usage(usage.prompt_tokens, usage.completion_tokens, usage.total_tokens)
