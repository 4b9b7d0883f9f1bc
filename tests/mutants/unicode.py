"""Lies about characters."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from typing import Any
from unicodedata import category

from conformance.contract import Event, Message, ProviderError
from conformance.reference import OpenAIChat
from conformance.reference.openai_chat.stream import Answer
from tests.mutants import mutant

PAIR = re.compile(rb"\\ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}")
WRONG = "the reply's text is wrong"
TURNED = "a good answer was turned into an error"


class EditsPrompts(OpenAIChat):
    """Changes the text of each message: what some mutants below have in common."""

    def edited(self, text: str) -> str:
        return text

    def message(self, message: Message) -> dict[str, Any]:
        wire = super().message(message)
        return {**wire, "content": self.edited(wire["content"])} if isinstance(wire["content"], str) else wire


@mutant(kills="UNI-001", says=WRONG)
class DropsWhatIsNotSeen(OpenAIChat):
    """Leaves the marks that turn the direction of text out of an answer."""

    def text(self, content: Any) -> str:
        return re.sub("[\u200e\u200f\u2066-\u2069]", "", super().text(content))


@mutant(kills="UNI-002", says=WRONG)
class EndsAtANul(OpenAIChat):
    """Takes a NUL for the end of the text."""

    def text(self, content: Any) -> str:
        return super().text(content).partition("\0")[0]


@mutant(kills="UNI-002", says=WRONG)
class CleansAnswers(OpenAIChat):
    """Leaves control characters out of a stream's text."""

    def delta(self, answer: Answer, delta: Any) -> Iterator[Event]:
        text = delta.get("content") if isinstance(delta, dict) else None
        kept = isinstance(text, str) and "".join(c for c in text if c in "\n\t\x85" or category(c) != "Cc")
        return super().delta(answer, {**delta, "content": kept} if kept else delta)


@mutant(kills="UNI-003", says=WRONG)
class CutsLongAnswers(OpenAIChat):
    """Keeps the first 65,536 characters of an answer."""

    def text(self, content: Any) -> str:
        return super().text(content)[:65_536]


@mutant(kills="UNI-003", says=TURNED)
class LimitsLines(OpenAIChat):
    """Gives up at a line of a stream that is longer than 65,536 bytes."""

    async def events(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[Event]:
        async for event in super().events(self.limited(chunks)):
            yield event

    async def limited(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        line = 0
        async for chunk in chunks:
            first, *more = chunk.split(b"\n")
            lengths = [line + len(first), *map(len, more)]
            line = lengths[-1]
            if max(lengths) > 65_536:
                raise self.malformed("a line that is too long")
            yield chunk


@mutant(kills="UNI-004", says=WRONG)
class ReadsSurrogatesOneByOne(OpenAIChat):
    """Takes each of two escaped surrogates for a character that there is not."""

    def decoded(self, body: bytes) -> Any:
        return super().decoded(PAIR.sub(rb"\\ufffd\\ufffd", body))


@mutant(kills="UNI-004", says=WRONG)
class ReadsSurrogatesOfAStreamOneByOne(OpenAIChat):
    """Takes each of two escaped surrogates in a stream for a character that there is not."""

    def load(self, data: bytes) -> dict[str, Any]:
        return super().load(PAIR.sub(rb"\\ufffd\\ufffd", data))


@mutant(kills="UNI-005", says=TURNED)
class CountsTheBytesOfAnAnswer(OpenAIChat):
    """Encodes the text of an answer, to count its bytes, and lets the encoder's exception through."""

    def text(self, content: Any) -> str:
        text = super().text(content)
        self.received = len(text.encode())
        return text


@mutant(kills="UNI-006", says="messages is not sent as asked")
class CleansPrompts(EditsPrompts):
    """Leaves control characters out of a prompt."""

    def edited(self, text: str) -> str:
        return "".join(c for c in text if c in "\0\r\n\t" or category(c) != "Cc")


@mutant(kills="UNI-007", says="messages is not sent as asked")
class DropsANul(EditsPrompts):
    """Leaves a NUL out of a prompt."""

    def edited(self, text: str) -> str:
        return text.replace("\0", "")


@mutant(kills="UNI-008", says="messages is not sent as asked")
class CutsLongPrompts(EditsPrompts):
    """Sends the first 32,768 characters of a prompt."""

    def edited(self, text: str) -> str:
        return text[:32_768]


@mutant(kills="UNI-009", says=TURNED)
class CannotSendASurrogate(EditsPrompts):
    """Lets the exception of its encoder through."""

    def edited(self, text: str) -> str:
        return text.encode().decode()


@mutant(kills="UNI-009", says=TURNED)
class TakesASurrogateForTheNetwork(EditsPrompts):
    """Says that the network failed where a prompt cannot be encoded."""

    def edited(self, text: str) -> str:
        try:
            return text.encode().decode()
        except UnicodeEncodeError as exc:
            raise ProviderError(f"{self.name}: {exc}", kind="network", provider=self.name) from exc
