"""The calls."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing

import httpx

from conformance.contract import Capabilities, Embeddings, Event, Health, ProviderError, Reply, Request
from conformance.reference.anthropic_messages.request import BuildsRequests
from conformance.reference.anthropic_messages.stream import ReadsStreams
from conformance.reference.wire.capable import KnowsItsLimits
from conformance.reference.wire.client import HasClient

VERSION = "2023-06-01"
MOST_PAGES = 100  # of models: a server that never comes to an end is not followed for ever


class AnthropicMessages(KnowsItsLimits, BuildsRequests, ReadsStreams, HasClient):
    """Any server that speaks the Messages API. An empty `api_key` sends none; None reads ANTHROPIC_API_KEY."""

    name = "anthropic-messages"
    key_variable = "ANTHROPIC_API_KEY"
    capabilities = Capabilities(
        streaming=True,
        tools=True,
        images=True,
        embeddings=False,
        model_listing=True,
        structured_output=True,
        opaque=True,
    )

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str = "https://api.anthropic.com/v1",
        model: str = "claude-haiku-4-5",
        timeout: float = 60.0,
    ) -> None:
        self.api_key = self.key(api_key)
        self.base_url = base_url
        self.model = model
        self.timeout = timeout

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self.public(self.base_url)!r}, model={self.model!r})"

    # --- HTTP ------------------------------------------------------------------------------

    def headers(self) -> dict[str, str]:
        return {**super().headers(), "anthropic-version": VERSION}

    def auth(self, key: str) -> dict[str, str]:
        return {"x-api-key": key}

    def url(self, path: str) -> httpx.URL:
        """The query of the base URL is kept, where the route has none of its own."""
        route, _, query = path.partition("?")
        url = super().url(route)
        return url.copy_with(query=query.encode()) if query else url

    # --- the contract ----------------------------------------------------------------------

    async def generate(self, request: Request) -> Reply:
        self.answerable(request)
        return self.reply(await self.call("POST", "/messages", self.payload(request, stream=False)))

    async def stream(self, request: Request) -> AsyncIterator[Event]:
        self.able("streaming")
        self.answerable(request)
        async with self.open("POST", "/messages", self.payload(request, stream=True)) as response:
            if not self.is_event_stream(response):
                raise self.unexpected(await response.aread())
            async with aclosing(self.events(response.aiter_bytes())) as events:  # type: ignore[type-var]
                async for event in events:
                    yield event

    async def embed(self, texts: Sequence[str], *, model: str | None = None) -> Embeddings:
        raise ProviderError(f"{self.name}: there are no embeddings", kind="unsupported", provider=self.name)

    async def list_models(self) -> Sequence[str]:
        ids, last = self.models(await self.call("GET", "/models"))
        for _ in range(MOST_PAGES):
            if last is None:
                break
            page, last = self.models(await self.call("GET", f"/models?{httpx.QueryParams(after_id=last)}"))
            ids += page
        return ids

    async def health(self) -> Health:
        try:
            self.models(await self.call("GET", "/models"))
        except ProviderError as exc:
            return Health(ok=False, detail=str(exc))
        return Health(ok=True)
