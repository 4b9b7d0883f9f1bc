"""Lies about streams."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from conformance.contract import Done, Event, Reply
from conformance.reference import OpenAIChat
from tests.mutants import mutant


@mutant(kills="STR-007", says="returned as an answer")
class ForgetsTheTerminator(OpenAIChat):
    """Takes the end of the connection for the end of the answer."""

    def finished(self, answer: Any) -> Reply:
        answer.done = True
        return super().finished(answer)


@mutant(kills="STR-015", says="buffered")
class KeepsItAllToItself(OpenAIChat):
    """Collects the whole stream before it delivers anything."""

    async def events(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[Event]:
        kept = [event async for event in super().events(chunks)]
        for event in kept:
            yield event


@mutant(kills="STR-002", says="no final event")
class EndsWithoutSaying(OpenAIChat):
    """Never sends the final event."""

    async def events(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[Event]:
        async for event in super().events(chunks):
            if not isinstance(event, Done):
                yield event
