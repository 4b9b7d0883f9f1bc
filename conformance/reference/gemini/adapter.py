"""The calls."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from urllib.parse import quote

import httpx

from conformance.contract import Capabilities, Embeddings, Event, Health, ProviderError, Reply, Request
from conformance.reference.gemini.request import BuildsRequests
from conformance.reference.gemini.stream import ReadsStreams
from conformance.reference.wire.capable import KnowsItsLimits
from conformance.reference.wire.client import HasClient


class Gemini(KnowsItsLimits, BuildsRequests, ReadsStreams, HasClient):
    """The Gemini API. An empty `api_key` sends none; None reads GEMINI_API_KEY, then GOOGLE_API_KEY."""

    name = "gemini"
    capabilities = Capabilities(
        streaming=True,
        tools=True,
        images=True,
        structured_output=True,
        embeddings=True,
        model_listing=True,
        opaque=True,
    )
    key_variable = "GEMINI_API_KEY"

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str = "https://generativelanguage.googleapis.com/v1beta",
        model: str = "gemini-2.5-flash",
        timeout: float = 60.0,
    ) -> None:
        self.api_key = self.key(os.environ.get("GOOGLE_API_KEY") if self._only_the_other(api_key) else api_key)
        self.base_url = base_url
        self.model = model
        self.timeout = timeout

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self.public(self.base_url)!r}, model={self.model!r})"

    def _only_the_other(self, given: str | None) -> bool:
        return given is None and not os.environ.get(self.key_variable)

    # --- HTTP ------------------------------------------------------------------------------

    def auth(self, key: str) -> dict[str, str]:
        return {"x-goog-api-key": key}

    def url(self, path: str) -> httpx.URL:
        path, _, query = path.partition("?")
        url = super().url(path)
        return url.copy_with(query=query.encode()) if query else url

    def route(self, model: str | None, method: str) -> str:
        return f"/models/{quote(self.model_name(model), safe='')}:{method}"

    # --- the contract ----------------------------------------------------------------------

    async def generate(self, request: Request) -> Reply:
        self.answerable(request)
        return self.reply(await self.call("POST", self.route(request.model, "generateContent"), self.payload(request)))

    async def stream(self, request: Request) -> AsyncIterator[Event]:
        self.able("streaming")
        self.answerable(request)
        path = self.route(request.model, "streamGenerateContent?alt=sse")
        async with self.open("POST", path, self.payload(request)) as response:
            if not self.is_event_stream(response):
                raise self.unexpected(await response.aread())
            async with aclosing(self.events(response.aiter_bytes())) as events:  # type: ignore[type-var]
                async for event in events:
                    yield event

    async def embed(self, texts: Sequence[str], *, model: str | None = None) -> Embeddings:
        path = self.route(model, "batchEmbedContents")
        return self.embeddings(await self.call("POST", path, self.batch(texts, model)), len(texts))

    async def list_models(self) -> Sequence[str]:
        """All pages of the list; a token that comes again asks for nothing new."""
        found: list[str] = []
        asked: set[str] = set()
        page = await self.call("GET", "/models")
        while (token := self.listed(page, found)) and token not in asked:
            asked.add(token)
            page = await self.call("GET", f"/models?pageToken={quote(token, safe='')}")
        return found

    async def health(self) -> Health:
        try:
            await self.call("GET", "/models")
        except ProviderError as exc:
            return Health(ok=False, detail=str(exc))
        return Health(ok=True)
