"""Lies about the framing of streams: bytes, lines, fields and events."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator

from conformance.contract import Event
from conformance.reference import OpenAIChat
from conformance.reference.openai_chat.stream import Answer
from tests.mutants import mutant


class Misreads(OpenAIChat):
    """No mutant: a base of those that get wrong what one read brings."""

    def events(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[Event]:
        return super().events(self.read(chunk) async for chunk in chunks)

    def read(self, chunk: bytes) -> bytes:
        return chunk


@mutant(kills="STR-004", says="the text delivered is not the text sent")
class DecodesEachReadOnItsOwn(Misreads):
    """Decodes each read on its own, so that a character that is cut in two is lost."""

    def read(self, chunk: bytes) -> bytes:
        return chunk.decode("utf-8", "replace").encode()


@mutant(kills="STR-004", says="a good answer was turned into an error")
class TakesEveryReadForWholeLines(Misreads):
    """Takes the end of each read for the end of a line."""

    def read(self, chunk: bytes) -> bytes:
        return chunk if chunk.endswith((b"\n", b"\r")) else chunk + b"\n"


@mutant(kills="STR-005", says="a good answer was turned into an error")
class EndsLinesAtLineFeedsOnly(Misreads):
    """Takes the CR of a CR LF for a part of the line."""

    def read(self, chunk: bytes) -> bytes:
        return chunk.replace(b"\r", b" ")


@mutant(kills="STR-006", says="a good answer was turned into an error")
class InsistsOnTheSpace(Misreads):
    """Looks for "data: " with its space."""

    def read(self, chunk: bytes) -> bytes:
        return re.sub(rb"(?m)^data:(?=[^ ])", b"unknown:", chunk)


@mutant(kills="STR-008", says="a good answer was turned into an error")
class TakesCommentsForData(Misreads):
    """Takes a comment for data."""

    def read(self, chunk: bytes) -> bytes:
        return re.sub(rb"(?m)^: ", b"data: ", chunk)


@mutant(kills="STR-021", says="a good answer was turned into an error")
class TakesEveryFieldForData(Misreads):
    """Takes id and retry for data."""

    def read(self, chunk: bytes) -> bytes:
        return re.sub(rb"(?m)^(id|retry): ", b"data: ", chunk)


@mutant(kills="STR-021", says="a good answer was turned into an error")
class TripsOverForeignEvents(OpenAIChat):
    """Takes an event of a name that it does not know for a broken stream."""

    def take(self, answer: Answer, name: str, data: bytes) -> Iterator[Event]:
        if name not in ("", "message", "error"):
            raise self.malformed(f"a stream event called {name}")
        return super().take(answer, name, data)


@mutant(kills="STR-022", says="a good answer was turned into an error")
class TakesEveryLineForAnEvent(Misreads):
    """Takes every data line for an event of its own."""

    def read(self, chunk: bytes) -> bytes:
        return chunk.replace(b"\ndata:", b"\n\ndata:")


@mutant(kills="STR-023", says="a good answer was turned into an error")
class SplitsLinesLikePython(Misreads):
    """Ends lines at U+2028 and U+0085 too, as str.splitlines does."""

    def read(self, chunk: bytes) -> bytes:
        return re.sub(rb"\xe2\x80\xa8|\xc2\x85", b"\n", chunk)


@mutant(kills="STR-029", says="a good answer was turned into an error")
class DoesNotEndLinesAtCR(Misreads):
    """Ends lines at LF and CR LF only."""

    def read(self, chunk: bytes) -> bytes:
        return re.sub(rb"\r(?=[^\n])", b" ", chunk)
