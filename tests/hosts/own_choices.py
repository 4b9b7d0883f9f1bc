"""Reference adapters that choose otherwise where the contract leaves the choice: each is as right as the reference."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from conformance.contract import Embeddings, Health, ProviderError, Reply, Request
from conformance.reference import (
    AnthropicMessages,
    BedrockConverse,
    CohereChat,
    Gemini,
    OpenAIChat,
    OpenAIResponses,
)


class LooksAtItsModel:
    """Asks for its own model in place of the list."""

    where = "/models"
    model: str
    call: Any

    async def health(self) -> Health:
        try:
            await self.call("GET", f"{self.where}/{quote(self.model, safe='')}")
        except ProviderError as exc:
            return Health(ok=False, detail=str(exc))
        return Health(ok=True)


class OpenAIByModel(LooksAtItsModel, OpenAIChat):
    pass


class ResponsesByModel(LooksAtItsModel, OpenAIResponses):
    pass


class AnthropicByModel(LooksAtItsModel, AnthropicMessages):
    pass


class GeminiByModel(LooksAtItsModel, Gemini):
    pass


class CohereByModel(LooksAtItsModel, CohereChat):
    where = "/v1/models"


class BedrockByModel(LooksAtItsModel, BedrockConverse):
    where = "/foundation-models"


class LooksForItsModel(AnthropicMessages):
    """Is well only if the list has its model."""

    async def health(self) -> Health:
        try:
            return Health(ok=self.model in await self.list_models())
        except ProviderError as exc:
            return Health(ok=False, detail=str(exc))


class EmbedsWithAnother(OpenAIChat):
    """Has a model of its own for embeddings, for those that chat make none."""

    async def embed(self, texts: Sequence[str], *, model: str | None = None) -> Embeddings:
        return await super().embed(texts, model=model or "text-embedding-3-small")


class WatchesItsPool(OpenAIChat):
    """Has a task that looks after idle connections, as some clients have."""

    _watch: asyncio.Task[None] | None = None

    async def generate(self, request: Request) -> Reply:
        self._watch = self._watch or asyncio.create_task(self._watched())
        return await super().generate(request)

    async def _watched(self) -> None:
        while True:
            await asyncio.sleep(5)
