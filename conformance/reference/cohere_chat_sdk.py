"""A native adapter for Cohere's chat API on the official cohere SDK (`AsyncClientV2` of version 7 or later).

The SDK brings the routes, the framing of streams, typed events and exceptions. What it hides has to be looked for:

* retries, which belong to the host: `max_retries=0`;
* redirects, which the SDK's own client follows anywhere: it is given one that does not;
* a 200 that is no answer: the SDK makes models of anything, so what they hold is read as the wire's;
* a stream that was cut: the SDK swallows `[DONE]` and takes the end of the connection for it, so only the event that
  ends the message tells that the answer is whole.

An event of a stream that the SDK cannot read it leaves out, with no more than a warning in the log: nothing shows that
a piece of the answer is missing.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import aclosing
from typing import Any

import httpx

from conformance.contract import Capabilities, Done, Embeddings, Event, Health, ProviderError, Reply, Request
from conformance.reference.cohere_chat.request import BuildsRequests
from conformance.reference.cohere_chat.stream import Answer, ReadsStreams
from conformance.reference.wire.capable import KnowsItsLimits

try:
    import cohere
    from cohere.core.api_error import ApiError
except ImportError as exc:
    raise ImportError(
        "the cohere SDK is not installed; get it with: pip install 'provider-conformance[cohere-sdk]'"
    ) from exc


class CohereChatSDK(KnowsItsLimits, BuildsRequests, ReadsStreams):
    """Cohere, by way of its SDK. The base URL ends before the version."""

    name = "cohere-chat-sdk"
    key_variable = "CO_API_KEY"
    capabilities = Capabilities(
        streaming=True, tools=True, images=True, embeddings=True, model_listing=True, structured_output=True
    )

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str = "https://api.cohere.com",
        model: str = "command-a-03-2025",
        timeout: float = 60.0,
    ) -> None:
        self.api_key = self.key(api_key)
        self.base_url = base_url.strip()
        self.model = model
        if not self.api_key:
            raise ProviderError(f"{self.name}: no API key was given", kind="auth", provider=self.name)
        self.http = httpx.AsyncClient(timeout=timeout, follow_redirects=False)
        self.client = cohere.AsyncClientV2(
            self.api_key,
            base_url=self.base_url,
            timeout=timeout,
            max_retries=0,
            httpx_client=self.http,
            log_warning_experimental_features=False,
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self.public(self.base_url)!r}, model={self.model!r})"

    # --- the contract ----------------------------------------------------------------------

    async def generate(self, request: Request) -> Reply:
        self.answerable(request)
        return self.reply(await self.body(self.client.chat(**self.payload(request, stream=False))))

    async def stream(self, request: Request) -> AsyncIterator[Event]:
        self.answerable(request)
        asked = self.payload(request, stream=False)  # the SDK says itself that it is one
        try:
            async with aclosing(self.replied(self.client.chat_stream(**asked))) as events:  # type: ignore[type-var]
                async for event in events:
                    yield event
            return
        except (ApiError, httpx.HTTPError, httpx.InvalidURL, ValueError) as exc:
            error = self.of_the_sdk(exc)
        raise error

    async def embed(self, texts: Sequence[str], *, model: str | None = None) -> Embeddings:
        asked = self.embeddings_asked(texts, model or self.model)
        return self.embeddings([(len(a["texts"]), await self.body(self.client.embed(**a))) for a in asked])

    async def list_models(self) -> Sequence[str]:
        names: list[str] = []
        token: str | None = None
        while True:
            data = await self.body(self.client.models.list(page_token=token))
            names += self.model_names(data)
            if not (token := self.next_page(data)):
                return names

    async def health(self) -> Health:
        try:
            await self.list_models()
        except ProviderError as exc:
            return Health(ok=False, detail=str(exc))
        return Health(ok=True)

    async def close(self) -> None:
        await self.http.aclose()

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        """Half of a surrogate pair, which no body can hold and the SDK cannot encode, is replaced."""
        body: dict[str, Any] = json.loads(self.encoded(super().payload(request, stream=stream)) or b"")
        return body

    # --- what the SDK brings ----------------------------------------------------------------

    async def body(self, call: Awaitable[Any]) -> Any:
        """What the SDK read, as the wire had it."""
        try:
            answer = await call
        except (ApiError, httpx.HTTPError, httpx.InvalidURL, ValueError, TypeError) as exc:  # TypeError: no such model
            error = self.of_the_sdk(exc)
        else:
            return self.decoded(json.dumps(self.bare(answer)).encode())
        raise error

    def bare(self, value: Any) -> Any:
        """Models as they came, without what the SDK fills in."""
        return value.model_dump(by_alias=True, exclude_unset=True, warnings=False) if hasattr(value, "dict") else value

    async def replied(self, stream: AsyncIterator[Any]) -> AsyncIterator[Event]:
        answer = Answer()
        async for event in stream:
            for told in self.told(answer, self.whole(event)):
                yield told
        yield Done(self.finished(answer))

    def whole(self, event: Any) -> dict[str, Any]:
        bare = self.bare(event)
        if not isinstance(bare, dict):
            raise self.malformed("a stream event that is not an object")
        return {"type": getattr(event, "type", bare.get("type")), **bare}

    def of_the_sdk(self, exc: Exception) -> ProviderError:
        """An error of the SDK as the contract's: one of a status has the body, as JSON or as text."""
        if isinstance(exc, ProviderError):
            return exc
        if isinstance(exc, ApiError) and (exc.status_code or 0) >= 300:
            body = exc.body if isinstance(exc.body, str) else json.dumps(exc.body)
            return self.error(exc.status_code, exc.headers or {}, body.encode())
        if isinstance(exc, httpx.TransportError) and "Content-Type" not in str(exc):
            try:
                with self.transport_errors():
                    raise exc
            except ProviderError as known:
                return known
        error = self.malformed(f"what the SDK cannot read: {type(exc).__name__}")
        error.__cause__ = exc
        return error
