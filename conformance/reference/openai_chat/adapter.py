"""The calls."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing

from conformance.contract import Capabilities, Embeddings, Event, Health, ProviderError, Reply, Request
from conformance.reference.openai_chat.request import BuildsRequests
from conformance.reference.openai_chat.stream import ReadsStreams
from conformance.reference.wire.capable import KnowsItsLimits
from conformance.reference.wire.client import HasClient


class OpenAIChat(KnowsItsLimits, BuildsRequests, ReadsStreams, HasClient):
    """Any server that speaks the OpenAI chat API. An empty `api_key` sends none; None reads OPENAI_API_KEY."""

    name = "openai-chat"
    capabilities = Capabilities(
        streaming=True,
        tools=True,
        images=True,
        embeddings=True,
        model_listing=True,
        structured_output=True,
        opaque=True,
    )
    route = "/chat/completions"

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

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self.public(self.base_url)!r}, model={self.model!r})"

    # --- the contract ----------------------------------------------------------------------

    async def generate(self, request: Request) -> Reply:
        self.answerable(request)
        return self.reply(await self.call("POST", self.route, self.payload(request, stream=False)))

    async def stream(self, request: Request) -> AsyncIterator[Event]:
        self.able("streaming")
        self.answerable(request)
        async with self.open("POST", self.route, self.payload(request, stream=True)) as response:
            if not self.is_event_stream(response):
                raise self.unexpected(await response.aread())
            async with aclosing(self.events(response.aiter_bytes())) as events:  # type: ignore[type-var]
                async for event in events:
                    yield event

    async def embed(self, texts: Sequence[str], *, model: str | None = None) -> Embeddings:
        self.able("embeddings")
        asked = [{"model": model or self.model, "input": part} for part in self.batches(texts)]
        return self.joined([self.embeddings(await self.call("POST", "/embeddings", a), len(a["input"])) for a in asked])

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
        return self.model_ids(await self.call("GET", "/models"))
