"""Lies about vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from conformance.contract import Embeddings, ProviderError
from conformance.reference import OpenAIChat
from tests.mutants import mutant

TURNED = "a good answer was turned into an error"


@mutant(kills="EMB-001", says="texts is not sent as asked")
class SpellsOneText(OpenAIChat):
    """Takes one text for a list of characters."""

    async def embed(self, texts: Sequence[str], *, model: str | None = None) -> Embeddings:
        return await super().embed(texts[0] if len(texts) == 1 else texts, model=model)


@mutant(kills="EMB-001", says="there is no reply")
class UnpacksOneVector(OpenAIChat):
    """Hands out the one vector of one text without its list."""

    def embeddings(self, data: Any, wanted: int) -> Embeddings:
        made = super().embeddings(data, wanted)
        return Embeddings(made.vectors[0], made.model, made.usage) if wanted == 1 else made  # type: ignore[arg-type]


@mutant(kills="EMB-002", says="escaped in place of a provider error")
class CountsOnAText(OpenAIChat):
    """Takes the first of no texts."""

    async def embed(self, texts: Sequence[str], *, model: str | None = None) -> Embeddings:
        return await super().embed([texts[0], *texts[1:]], model=model)


@mutant(kills="EMB-003", says=TURNED)
class CountsOnTheIndex(OpenAIChat):
    """Takes every vector for one with an index."""

    def embeddings(self, data: Any, wanted: int) -> Embeddings:
        rows = self.rows(data)
        if any("index" not in row for row in rows):
            raise self.malformed("a vector without an index")
        return super().embeddings(data, wanted)


@mutant(kills="EMB-003", says="the embeddings are wrong")
class ReadsFromTheEnd(OpenAIChat):
    """Hands out vectors without an index from the last to the first."""

    def rows(self, data: Any) -> list[dict[str, Any]]:
        rows = super().rows(data)
        return rows if any("index" in row for row in rows) else rows[::-1]


@mutant(kills="EMB-004", says=TURNED)
class KnowsEveryKeyOfAVector(OpenAIChat):
    """Takes a vector with a key of its own for no vector."""

    def rows(self, data: Any) -> list[dict[str, Any]]:
        rows = super().rows(data)
        if any("embedding" in row and set(row) - {"object", "index", "embedding"} for row in rows):
            raise self.malformed("a vector with other keys")
        return rows


@mutant(kills="EMB-005", says=TURNED)
class WantsFractions(OpenAIChat):
    """Takes a whole number for none."""

    def vector(self, value: Any) -> Sequence[float]:
        if any(isinstance(x, int) for x in value):
            raise self.malformed("a vector that is not of numbers")
        return super().vector(value)


@mutant(kills="EMB-006", says="a failure was returned as an answer")
class TakesVectorsOfAnyLength(OpenAIChat):
    """Does not look at the length of the vectors."""

    def same_length(self, vectors: Sequence[Sequence[float]]) -> bool:
        return True


@mutant(kills="EMB-007", says="texts is not sent as asked")
class AsksForATextOnce(OpenAIChat):
    """Asks for the same text only once, and for all in alphabetical order."""

    async def embed(self, texts: Sequence[str], *, model: str | None = None) -> Embeddings:
        once = sorted(set(texts)) if len(set(texts)) < len(texts) else list(texts)
        return await super().embed(once, model=model)


@mutant(kills="EMB-008", says=TURNED)
class CountsOnUsage(OpenAIChat):
    """Takes vectors without usage for no answer."""

    def embeddings(self, data: Any, wanted: int) -> Embeddings:
        made = super().embeddings(data, wanted)
        if made.usage is None:
            raise self.malformed("no usage")
        return made


@mutant(kills="EMB-010", says="the embeddings are wrong")
class PutsTheLastPartFirst(OpenAIChat):
    """Embeds many texts in several requests, and joins the answers in the order in which they were sent last."""

    def joined(self, parts: Sequence[Embeddings]) -> Embeddings:
        return super().joined(parts[::-1])


@mutant(kills="EMB-010", says="the embeddings are wrong")
class LosesTheSecondPart(OpenAIChat):
    """Embeds many texts in several requests, and keeps the answer to the first."""

    def joined(self, parts: Sequence[Embeddings]) -> Embeddings:
        return parts[0]


@mutant(kills="EMB-010", says="a failure was returned as an answer")
class KeepsWhatCameBeforeTheError(OpenAIChat):
    """Returns the vectors of the first part where the second fails."""

    async def embed(self, texts: Sequence[str], *, model: str | None = None) -> Embeddings:
        parts: list[Embeddings] = []
        for part in self.batches(texts):
            try:
                parts.append(await super().embed(part, model=model))
            except ProviderError:
                if not parts:
                    raise
        return self.joined(parts)


@mutant(kills="EMB-011", says="model is not sent as asked")
class EmbedsWithItsOwnModel(OpenAIChat):
    """Asks its own model for vectors, whichever the call names."""

    async def embed(self, texts: Sequence[str], *, model: str | None = None) -> Embeddings:
        return await super().embed(texts)


@mutant(kills="EMB-012", says="texts is not sent as asked")
class JoinsTheLinesOfTexts(OpenAIChat):
    """Replaces the line ends of texts by blanks, as an old cookbook has it."""

    async def embed(self, texts: Sequence[str], *, model: str | None = None) -> Embeddings:
        return await super().embed([text.replace("\n", " ") for text in texts], model=model)


@mutant(kills="EMB-012", says="the embeddings are wrong")
class CutsLongTexts(OpenAIChat):
    """Embeds the first 32000 characters of a text."""

    async def embed(self, texts: Sequence[str], *, model: str | None = None) -> Embeddings:
        return await super().embed([text[:32000] for text in texts], model=model)


@mutant(kills="EMB-012", says="the embeddings are wrong")
class LeavesOutEmptyTexts(OpenAIChat):
    """Leaves out texts in which nothing stands."""

    async def embed(self, texts: Sequence[str], *, model: str | None = None) -> Embeddings:
        return await super().embed([text for text in texts if text.strip()] or texts, model=model)
