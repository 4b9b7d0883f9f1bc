"""Lies about what the adapter can do."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

from conformance.contract import Capabilities, Embeddings, Event, Image, JSONSchema, Message, Request, Text
from conformance.reference import OpenAIChat
from tests.mutants import mutant

EVERYTHING = OpenAIChat.capabilities
SILENT = "asked for, not declared, and not refused"


class NeverRefuses(OpenAIChat):
    def able(self, what: str) -> None:
        pass


@mutant(kills="CAP-001", says=f"tools: {SILENT}")
class LeavesToolsOut(NeverRefuses):
    """Declares no tools, and leaves those out that are asked for."""

    capabilities = replace(EVERYTHING, tools=False)

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        return super().payload(replace(request, tools=(), tool_choice=None), stream=stream)


@mutant(kills="CAP-001", says="TypeError escaped in place of a provider error")
class StumblesOverTools(NeverRefuses):
    """Declares no tools, and fails over those that are asked for."""

    capabilities = replace(EVERYTHING, tools=False)

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        if request.tools:
            raise TypeError("unhashable type: 'list'")
        return super().payload(request, stream=stream)


@mutant(kills="CAP-002", says=f"images: {SILENT}")
class LeavesImagesOut(NeverRefuses):
    """Declares no images, and leaves those out that are asked about."""

    capabilities = replace(EVERYTHING, images=False)

    def message(self, message: Message) -> dict[str, Any]:
        if isinstance(message.content, str):
            return super().message(message)
        texts = [p.text for p in message.content if isinstance(p, Text)]
        return super().message(replace(message, content="\n".join(texts)))


@mutant(kills="CAP-002", says=f"images: {SILENT}")
class SpeaksOfImages(NeverRefuses):
    """Declares no images, and says that there was one in its place."""

    capabilities = replace(EVERYTHING, images=False)

    def part(self, part: Text | Image) -> dict[str, Any]:
        return super().part(Text("[image]") if isinstance(part, Image) else part)


@mutant(kills="CAP-003", says=f"structured_output: {SILENT}")
class LeavesTheSchemaOut(NeverRefuses):
    """Declares no structured output, and leaves a schema out that is asked for."""

    capabilities = replace(EVERYTHING, structured_output=False)

    def response_format(self, asked: JSONSchema | None) -> dict[str, Any] | None:
        return None


@mutant(kills="CAP-004", says=f"streaming: {SILENT}")
class StreamsNothing(NeverRefuses):
    """Declares no streaming, and gives a stream of nothing."""

    capabilities = replace(EVERYTHING, streaming=False)

    async def stream(self, request: Request) -> AsyncIterator[Event]:
        for event in ():
            yield event


@mutant(kills="CAP-005", says=f"embeddings: {SILENT}")
class EmbedsZeros(NeverRefuses):
    """Declares no embeddings, and makes some up."""

    capabilities = replace(EVERYTHING, embeddings=False)

    async def embed(self, texts: Sequence[str], *, model: str | None = None) -> Embeddings:
        return Embeddings([[0.0, 0.0] for _ in texts])


@mutant(kills="CAP-006", says=f"model_listing: {SILENT}")
class SaysThereAreNoModels(NeverRefuses):
    """Declares no model list, and gives an empty one."""

    capabilities = replace(EVERYTHING, model_listing=False)

    async def list_models(self) -> Sequence[str]:
        return []


@mutant(kills="CAP-007", says=f"tools: {SILENT}")
class DeclaresTooLittle(NeverRefuses):
    """Declares nothing, and does everything."""

    capabilities = Capabilities(streaming=False, tools=False)


@mutant(kills="CAP-008", says="structured_output: declared, and refused")
class RefusesWhatItDeclares(OpenAIChat):
    """Declares structured output, and refuses it."""

    def answerable(self, request: Request) -> None:
        self.capabilities = replace(EVERYTHING, structured_output=False)
        super().answerable(request)
