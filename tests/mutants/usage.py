"""Lies about what was used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from conformance.contract import Event, Request, Usage
from conformance.reference import OpenAIChat
from conformance.reference.openai_chat.stream import Answer
from tests.mutants import mutant

WRONG = "the token usage is wrong"
COUNTS = ("prompt_tokens", "completion_tokens", "total_tokens")


def added(one: Any, other: Any) -> Any:
    """The counts of both, summed up."""
    if not one or not other:
        return one or other
    return {name: (one.get(name) or 0) + (other.get(name) or 0) for name in COUNTS}


@mutant(kills="USE-001", says=WRONG)
class SumsUsageUp(OpenAIChat):
    """Sums the usage of all chunks up."""

    def chunk(self, answer: Answer, chunk: dict[str, Any], *, failed: bool = False) -> Iterator[Event]:
        return super().chunk(answer, {**chunk, "usage": added(answer.usage, chunk.get("usage"))}, failed=failed)


@mutant(kills="USE-001", says=WRONG)
class KeepsTheFirstUsage(OpenAIChat):
    """Keeps the usage of the first chunk that has one."""

    def chunk(self, answer: Answer, chunk: dict[str, Any], *, failed: bool = False) -> Iterator[Event]:
        return super().chunk(answer, {**chunk, "usage": answer.usage or chunk.get("usage")}, failed=failed)


@mutant(kills="USE-002", says=WRONG)
class AddsTheVendorsUsage(OpenAIChat):
    """Adds what a vendor tells in its own field to what it tells in the protocol's."""

    def chunk(self, answer: Answer, chunk: dict[str, Any], *, failed: bool = False) -> Iterator[Event]:
        own = (chunk.get("x_groq") or {}).get("usage") or answer.usage
        return super().chunk(answer, {**chunk, "usage": added(own, chunk.get("usage"))}, failed=failed)


@mutant(kills="USE-003", says=WRONG)
class ForgetsUsageAtANull(OpenAIChat):
    """Takes the last chunk's word for the usage, null too."""

    def chunk(self, answer: Answer, chunk: dict[str, Any], *, failed: bool = False) -> Iterator[Event]:
        if "usage" in chunk:
            answer.usage = None
        return super().chunk(answer, chunk, failed=failed)


@mutant(kills="USE-004", says=WRONG)
class TakesANullForZero(OpenAIChat):
    """Takes a count that is null for zero."""

    def usage(self, usage: Any) -> Usage | None:
        nulls = {k: 0 for k, v in usage.items() if v is None} if isinstance(usage, dict) else {}
        return super().usage({**usage, **nulls} if nulls else usage)


@mutant(kills="USE-005", says=WRONG)
class TakesCachedTokensOff(OpenAIChat):
    """Takes cached tokens off the prompt's."""

    def usage(self, usage: Any) -> Usage | None:
        told = super().usage(usage)
        cached = ((usage or {}).get("prompt_tokens_details") or {}).get("cached_tokens") or 0
        if not told or not cached:
            return told
        return replace(told, input_tokens=(told.input_tokens or 0) - cached)


@mutant(kills="USE-005", says=WRONG)
class AddsReasoningTokens(OpenAIChat):
    """Adds reasoning tokens to the completion's."""

    def usage(self, usage: Any) -> Usage | None:
        told = super().usage(usage)
        thought = ((usage or {}).get("completion_tokens_details") or {}).get("reasoning_tokens") or 0
        return told and replace(
            told, output_tokens=(told.output_tokens or 0) + thought if thought else told.output_tokens
        )


@mutant(kills="USE-006", says="a good answer was turned into an error")
class ExpectsCountsOnly(OpenAIChat):
    """Expects that all of the usage is whole numbers and details."""

    def usage(self, usage: Any) -> Usage | None:
        if isinstance(usage, dict) and any(isinstance(v, str | float) for v in usage.values()):
            raise self.malformed("a usage that is no count")
        return super().usage(usage)


@mutant(kills="USE-007", says=WRONG)
class SumsTheTotalUp(OpenAIChat):
    """Tells the sum of the counts as the total."""

    def usage(self, usage: Any) -> Usage | None:
        told = super().usage(usage)
        if not told or told.input_tokens is None or told.output_tokens is None:
            return told
        return replace(told, total_tokens=told.input_tokens + told.output_tokens)


@mutant(kills="USE-008", says="stream_options is not sent")
class DoesNotAskForUsage(OpenAIChat):
    """Does not ask for the usage of a stream."""

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        body = super().payload(request, stream=stream)
        return {name: value for name, value in body.items() if name != "stream_options"}


@mutant(kills="USE-009", says=WRONG)
class WantsTheWholeUsage(OpenAIChat):
    """Drops the usage of a stream where a count is missing."""

    def chunk(self, answer: Answer, chunk: dict[str, Any], *, failed: bool = False) -> Iterator[Event]:
        whole = all(name in (chunk.get("usage") or {}) for name in COUNTS)
        return super().chunk(answer, chunk if whole else {**chunk, "usage": None}, failed=failed)
