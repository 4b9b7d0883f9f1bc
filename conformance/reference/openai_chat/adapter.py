"""The client and the calls."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Any

import httpx

from conformance.contract import Capabilities, Embeddings, Event, Health, ProviderError, Reply, Request
from conformance.reference.openai_chat.capable import KnowsItsLimits
from conformance.reference.openai_chat.http import SpeaksHTTP
from conformance.reference.openai_chat.request import BuildsRequests
from conformance.reference.openai_chat.stream import ReadsStreams


class OpenAIChat(KnowsItsLimits, BuildsRequests, ReadsStreams, SpeaksHTTP):
    """Any server that speaks the OpenAI chat API. An empty `api_key` sends none; None reads OPENAI_API_KEY."""

    name = "openai-chat"
    capabilities = Capabilities(
        streaming=True, tools=True, images=True, embeddings=True, model_listing=True, structured_output=True
    )

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str = "https://api.openai.com/v1",
        model: str = "gpt-4o-mini",
        timeout: float = 60.0,
    ) -> None:
        self.api_key = self.key(api_key)
        self.base_url = base_url
        self.model = model
        self.timeout = timeout
        self._client: httpx.AsyncClient | None = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self.base_url!r}, model={self.model!r})"

    # --- the contract ----------------------------------------------------------------------

    async def generate(self, request: Request) -> Reply:
        self.answerable(request)
        return self.reply(await self.call("POST", "/chat/completions", self.payload(request, stream=False)))

    async def stream(self, request: Request) -> AsyncIterator[Event]:
        self.able("streaming")
        self.answerable(request)
        async with self.open("POST", "/chat/completions", self.payload(request, stream=True)) as response:
            if not self.is_event_stream(response):
                raise self.unexpected(await response.aread())
            async with aclosing(self.events(response.aiter_bytes())) as events:  # type: ignore[type-var]
                async for event in events:
                    yield event

    async def embed(self, texts: Sequence[str], *, model: str | None = None) -> Embeddings:
        self.able("embeddings")
        data = await self.call("POST", "/embeddings", {"model": model or self.model, "input": list(texts)})
        return self.embeddings(data, len(texts))

    async def list_models(self) -> Sequence[str]:
        self.able("model_listing")
        return await self.models()

    async def health(self) -> Health:
        try:
            await self.models()
        except ProviderError as exc:
            return Health(ok=False, detail=str(exc))
        return Health(ok=True)

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def models(self) -> Sequence[str]:
        return self.model_ids(await self.call("GET", "/models"))

    # --- one exchange ----------------------------------------------------------------------

    async def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        async with self.open(method, path, body) as response:
            return self.decoded(await response.aread())

    @asynccontextmanager
    async def open(self, method: str, path: str, body: dict[str, Any] | None) -> AsyncIterator[httpx.Response]:
        """The answer, its body unread; anything but success raises."""
        with self.transport_errors():
            request = self.client().build_request(
                method, self.url(path), headers=self.headers(), content=self.encoded(body)
            )
            response = await self.client().send(request, stream=True)
            try:
                if not response.is_success:
                    raise self.error(response.status_code, response.headers, await response.aread())
                yield response
            finally:
                await response.aclose()

    def client(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = httpx.AsyncClient(timeout=self.timeout)
        return self._client
