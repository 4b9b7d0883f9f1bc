"""The calls."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing

from conformance.contract import Capabilities, Embeddings, Event, Health, ProviderError, Reply, Request
from conformance.reference.ollama.request import BuildsOllamaRequests
from conformance.reference.ollama.stream import ReadsOllamaStreams
from conformance.reference.wire.capable import KnowsItsLimits
from conformance.reference.wire.client import HasClient


class Ollama(KnowsItsLimits, BuildsOllamaRequests, ReadsOllamaStreams, HasClient):
    """A local Ollama, or a hosted one with a key. An empty `api_key` sends none; None reads OLLAMA_API_KEY."""

    name = "ollama"
    key_variable = "OLLAMA_API_KEY"
    capabilities = Capabilities(
        streaming=True, tools=True, images=True, structured_output=True, embeddings=True, model_listing=True
    )

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str | None = None,
        model: str = "llama3.2",
        timeout: float = 60.0,
    ) -> None:
        self.api_key = self.key(api_key)
        self.base_url = self.address(base_url or os.environ.get("OLLAMA_HOST") or "")
        self.model = model
        self.timeout = timeout

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self.public(self.base_url)!r}, model={self.model!r})"

    def address(self, host: str) -> str:
        """OLLAMA_HOST is often a host alone, or what the server listens on: 0.0.0.0 is no place to go to."""
        host = (host or "127.0.0.1").replace("0.0.0.0", "127.0.0.1")
        if "://" in host:
            return host
        return f"http://{host}" if ":" in host else f"http://{host}:11434"

    # --- the contract ----------------------------------------------------------------------

    async def generate(self, request: Request) -> Reply:
        self.answerable(request)
        return self.reply(await self.call("POST", "/api/chat", self.payload(request, stream=False)))

    async def stream(self, request: Request) -> AsyncIterator[Event]:
        self.answerable(request)
        body = self.payload(request, stream=True)
        async with (
            self.open("POST", "/api/chat", body) as response,
            aclosing(self.events(response.aiter_bytes())) as events,  # type: ignore[type-var]
        ):
            async for event in events:
                yield event

    async def embed(self, texts: Sequence[str], *, model: str | None = None) -> Embeddings:
        data = await self.call("POST", "/api/embed", {"model": model or self.model, "input": list(texts)})
        return self.embeddings(data, len(texts))

    async def list_models(self) -> Sequence[str]:
        return self.model_names(await self.call("GET", "/api/tags"))

    async def health(self) -> Health:
        try:
            await self.list_models()
        except ProviderError as exc:
            return Health(ok=False, detail=str(exc))
        return Health(ok=True)
