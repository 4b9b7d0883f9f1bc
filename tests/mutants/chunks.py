"""Lies about what stands in a chunk of a stream."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.contract import Done, Event, Reply
from conformance.reference import OpenAIChat
from conformance.reference.openai_chat.stream import Answer
from tests.mutants import mutant


@mutant(kills="STR-009", says="a good answer was turned into an error")
class ExpectsADeltaInEveryChoice(OpenAIChat):
    """Takes a delta that is null for an object."""

    def chunk(self, answer: Answer, chunk: dict[str, Any], *, failed: bool = False) -> Iterator[Event]:
        yield from super().chunk(answer, chunk, failed=failed)
        for choice in chunk.get("choices") or ():
            choice.get("delta", {}).get("content")


@mutant(kills="STR-010", says="a good answer was turned into an error")
class ExpectsAChoiceInTheFirstChunk(OpenAIChat):
    """Takes the first chunk for one with a choice."""

    def chunk(self, answer: Answer, chunk: dict[str, Any], *, failed: bool = False) -> Iterator[Event]:
        yield from super().chunk(answer, chunk, failed=failed)
        if not answer.id:
            answer.finish = chunk["choices"][0].get("finish_reason")


@mutant(kills="STR-011", says="the token usage is wrong")
class CountsWhatWasNotTold(OpenAIChat):
    """Says that nothing was used where the provider tells no counts."""

    def finished(self, answer: Answer) -> Reply:
        answer.usage = answer.usage or {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
        return super().finished(answer)


@mutant(kills="STR-011", says="the token usage is wrong")
class ReadsUsageOnlyAlone(OpenAIChat):
    """Reads the usage only of a chunk that has nothing else."""

    def chunk(self, answer: Answer, chunk: dict[str, Any], *, failed: bool = False) -> Iterator[Event]:
        return super().chunk(answer, {**chunk, "usage": None if chunk.get("choices") else chunk.get("usage")})


@mutant(kills="STR-024", says="the reply's text is wrong")
class StopsListeningAtTheFinish(OpenAIChat):
    """Overlooks the text beside a finish reason."""

    def delta(self, answer: Answer, delta: Any) -> Iterator[Event]:
        return super().delta(answer, {} if answer.finish else delta)


@mutant(kills="STR-024", says="more than one final event")
class EndsAtEveryFinishReason(OpenAIChat):
    """Sends a final event for a finish reason that is told twice, and another."""

    def chunk(self, answer: Answer, chunk: dict[str, Any], *, failed: bool = False) -> Iterator[Event]:
        before = answer.finish
        yield from super().chunk(answer, chunk, failed=failed)
        if before and chunk.get("choices"):
            yield Done(self.finished(answer))


@mutant(kills="STR-027", says="the reply's text is wrong")
class ThinksAloud(OpenAIChat):
    """Takes reasoning for text."""

    def delta(self, answer: Answer, delta: Any) -> Iterator[Event]:
        thought = self.reasoning(delta)
        return super().delta(answer, {"content": thought} if thought else delta)


@mutant(kills="STR-028", says="the refusal is wrong")
class KeepsRefusalsToItself(OpenAIChat):
    """Does not read the refusal of a stream."""

    def finished(self, answer: Answer) -> Reply:
        answer.refusal = []
        return super().finished(answer)


# --- tool calls --------------------------------------------------------------------------------


@mutant(kills="STR-019", says="a good answer was turned into an error")
class JoinsToolCallsByOrder(OpenAIChat):
    """Takes every piece of a tool call for one of the last call."""

    def call_piece(self, answer: Answer, piece: Any) -> None:
        last = {"index": list(answer.by_index)[-1]} if answer.by_index and not piece.get("id") else {}
        super().call_piece(answer, {**piece, **last})


@mutant(kills="STR-020", says="a good answer was turned into an error")
class ExpectsArgumentsInEveryPiece(OpenAIChat):
    """Takes every piece of a tool call for one with arguments."""

    def call_piece(self, answer: Answer, piece: Any) -> None:
        super().call_piece(answer, piece)
        answer.calls[-1].arguments.append(piece["function"]["arguments"][:0])


@mutant(kills="STR-030", says="a good answer was turned into an error")
class CountsOnAnIndex(OpenAIChat):
    """Takes a piece without an index for a call of its own."""

    def call_piece(self, answer: Any, piece: Any) -> None:
        super().call_piece(answer, {"index": len(answer.calls), **piece})
