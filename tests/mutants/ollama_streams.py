"""Lies of an adapter for Ollama's own API about its streams: lines, their text and their end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

from conformance.contract import Done, Event, Reply, Request, TextDelta
from conformance.reference import Ollama
from conformance.reference.ollama.stream import Answer
from tests.mutants import mutant

Body = dict[str, Any]
TURNED = "a good answer was turned into an error"


class ReadsText(Ollama):
    """For those that read lines in their own way; no mutant."""

    def lines(self, chunk: bytes) -> list[bytes]:
        raise NotImplementedError

    async def events(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[Event]:
        answer = Answer()
        async for chunk in chunks:
            for line in self.lines(chunk):
                for event in self.take(answer, line):
                    yield event
        yield Done(self.finished(answer))


@mutant(kills="STR-004", says=TURNED)
class TakesAReadForALine(ReadsText):
    """Takes what one read brings for whole lines, and keeps no rest for the next."""

    def lines(self, chunk: bytes) -> list[bytes]:
        return [line for line in chunk.split(b"\n") if line.strip()]


@mutant(kills="STR-004", says=TURNED)
class TakesAReadForOneObject(ReadsText):
    """Takes what one read brings for one object."""

    rest = b""

    def lines(self, chunk: bytes) -> list[bytes]:
        self.rest += chunk
        if not self.rest.endswith(b"\n"):
            return []
        line, self.rest = self.rest, b""
        return [line]


@mutant(kills="STR-023", says=TURNED)
class SplitsWhereTextDoes(ReadsText):
    """Splits lines as str.splitlines does, at U+0085 too."""

    rest = b""

    def lines(self, chunk: bytes) -> list[bytes]:
        *whole, self.rest = (self.rest + chunk).split(b"\n")
        return [part.encode() for line in whole for part in line.decode().splitlines() if part.strip()]


@mutant(kills="OLL-017", says=TURNED)
class ReadsBlankLines(ReadsText):
    """Takes a blank line for an object."""

    rest = b""

    def lines(self, chunk: bytes) -> list[bytes]:
        *whole, self.rest = (self.rest + chunk).split(b"\n")
        return whole


@mutant(kills="OLL-017", says=TURNED)
class WantsTheLastNewline(ReadsText):
    """Drops a last line that has no end."""

    rest = b""

    def lines(self, chunk: bytes) -> list[bytes]:
        *whole, self.rest = (self.rest + chunk).split(b"\n")
        return [line for line in whole if line.strip()]


@mutant(kills="OLL-019", says=TURNED)
class GoesByTheLabel(Ollama):
    """Reads a stream only where it is labelled application/x-ndjson."""

    async def stream(self, request: Request) -> AsyncIterator[Event]:
        async with self.open("POST", "/api/chat", self.payload(request, stream=True)) as response:
            if response.headers.get("content-type") == "application/json":
                raise self.malformed("an answer that is not a stream")
            async for event in self.events(response.aiter_bytes()):
                yield event


@mutant(kills="STR-007", says="a broken stream was returned as an answer")
class TakesTheEndForTheDoneLine(Ollama):
    """Takes the end of the connection for the line that is done."""

    def finished(self, answer: Answer) -> Reply:
        answer.last = answer.last or {"done": True, "done_reason": "stop"}
        return super().finished(answer)


@mutant(kills="STR-024", says="the text delivered is not the text sent")
class StopsBeforeTheLastText(Ollama):
    """Overlooks the text on the line that is done."""

    def take(self, answer: Answer, line: bytes) -> Iterator[Event]:
        for event in super().take(answer, line):
            if isinstance(event, TextDelta) and b'"done":true' in line:
                answer.text.pop()
            else:
                yield event


@mutant(kills="STR-012", says="a broken stream was returned as an answer")
class OverlooksErrorLines(Ollama):
    """Takes a line with an error for the end."""

    def take(self, answer: Answer, line: bytes) -> Iterator[Event]:
        if b'{"error"' in line:
            answer.last = {"done": True}
            return
        yield from super().take(answer, line)


@mutant(kills="OLL-012", says="the tool calls are not those of the wire")
class KeepsTheLastLinesCalls(Ollama):
    """Keeps the calls of the last line that has some."""

    def take(self, answer: Answer, line: bytes) -> Iterator[Event]:
        before = list(answer.calls)
        yield from super().take(answer, line)
        answer.calls = answer.calls[len(before) :] or before


@mutant(kills="OLL-016", says="the text delivered is not the text sent")
class ThinksOrSpeaks(Ollama):
    """Overlooks the text on a line that has thinking."""

    def text_of(self, message: Body, name: str) -> str:
        return "" if name == "content" and message.get("thinking") else super().text_of(message, name)


@mutant(kills="STR-027", says="the text delivered is not the text sent")
class SpeaksItsThinking(Ollama):
    """Delivers thinking as text."""

    def text_of(self, message: Body, name: str) -> str:
        text = super().text_of(message, name)
        return super().text_of(message, "thinking") + text if name == "content" else ""


@mutant(kills="OLL-025", says="the tool calls are not those of the wire")
class OnlyCountsOnTheLastLine(Ollama):
    """Takes from the line that is done its counts, and no calls."""

    def take(self, answer: Answer, line: bytes) -> Iterator[Event]:
        known = list(answer.calls)
        yield from super().take(answer, line)
        if answer.last is not None:
            answer.calls = known
