"""The calls."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from urllib.parse import parse_qsl, quote

import httpx

from conformance.contract import Capabilities, Embeddings, Event, Health, ProviderError, Reply, Request
from conformance.reference.cohere_chat.request import BuildsRequests
from conformance.reference.cohere_chat.stream import ReadsStreams
from conformance.reference.wire.capable import KnowsItsLimits
from conformance.reference.wire.client import HasClient

PAGES = 50  # of models, before it is a circle


class CohereChat(KnowsItsLimits, BuildsRequests, ReadsStreams, HasClient):
    """Cohere. The base URL ends before the version; an empty `api_key` sends none, None reads CO_API_KEY."""

    name = "cohere-chat"
    capabilities = Capabilities(
        streaming=True, tools=True, images=True, embeddings=True, model_listing=True, structured_output=True
    )
    key_variables = ("CO_API_KEY", "COHERE_API_KEY")

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str = "https://api.cohere.com",
        model: str = "command-a-03-2025",
        timeout: float = 60.0,
    ) -> None:
        self.api_key = self.key(api_key)
        self.base_url = base_url
        self.model = model
        self.timeout = timeout

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self.public(self.base_url)!r}, model={self.model!r})"

    def key(self, given: str | None) -> str | None:
        found = (os.environ[name] for name in self.key_variables if os.environ.get(name))
        return super().key(next(found, "") if given is None else given)

    def url(self, path: str) -> httpx.URL:
        route, _, query = path.partition("?")
        return super().url(route).copy_merge_params(dict(parse_qsl(query))) if query else super().url(route)

    # --- the contract ----------------------------------------------------------------------

    async def generate(self, request: Request) -> Reply:
        self.answerable(request)
        return self.reply(await self.call("POST", "/v2/chat", self.payload(request, stream=False)))

    async def stream(self, request: Request) -> AsyncIterator[Event]:
        self.able("streaming")
        self.answerable(request)
        async with self.open("POST", "/v2/chat", self.payload(request, stream=True)) as response:
            if not self.is_event_stream(response):
                raise self.unexpected(await response.aread())
            async with aclosing(self.events(response.aiter_bytes())) as events:  # type: ignore[type-var]
                async for event in events:
                    yield event

    async def embed(self, texts: Sequence[str], *, model: str | None = None) -> Embeddings:
        self.able("embeddings")
        asked = self.embeddings_asked(texts, model or self.model)
        return self.embeddings([(len(a["texts"]), await self.call("POST", "/v2/embed", a)) for a in asked])

    async def list_models(self) -> Sequence[str]:
        self.able("model_listing")
        return await self.models()

    async def health(self) -> Health:
        try:
            await self.models()
        except ProviderError as exc:
            return Health(ok=False, detail=str(exc))
        return Health(ok=True)

    async def models(self) -> Sequence[str]:
        """Page by page."""
        names: list[str] = []
        path = "/v1/models"
        for _ in range(PAGES):
            data = await self.call("GET", path)
            names += self.model_names(data)
            if not (token := self.next_page(data)):
                break
            path = f"/v1/models?page_token={quote(token, safe='')}"
        return names
