"""Lies about streams in Anthropic's Messages API."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from conformance.contract import (
    Event,
    Reply,
)
from conformance.reference import AnthropicMessages
from conformance.reference.anthropic_messages.stream import Answer, Block
from tests.mutants import mutant

REFUSED = "a good answer was turned into an error"
TEXT = "the reply's text is wrong"
CALLS = "the tool calls are not those of the wire"


@mutant(kills="ANT-016", says=REFUSED)
class WantsAnInput(AnthropicMessages):
    """Reads the input of a call of which only an empty piece came as JSON."""

    def whole(self, block: Block) -> dict[str, Any]:
        if block.start.get("type") == "tool_use" and block.pieces:
            return {**block.start, "input": self.input("".join(block.pieces))}
        return super().whole(block)


@mutant(kills="ANT-016", says=CALLS)
class StartsAfresh(AnthropicMessages):
    """Begins the input anew with every empty piece."""

    def delta(self, answer: Answer, index: Any, delta: dict[str, Any]) -> Iterator[Event]:
        if delta.get("partial_json") == "" and index in answer.blocks:
            answer.blocks[index].pieces.clear()
        return super().delta(answer, index, delta)


@mutant(kills="ANT-017", says=REFUSED)
class WantsTheStartFirst(AnthropicMessages):
    """Takes a stream that begins with a ping for none."""

    def take(self, answer: Answer, name: str, data: bytes) -> Iterator[Event]:
        if name == "ping" and not answer.message:
            raise self.malformed("a stream that does not begin with message_start")
        yield from super().take(answer, name, data)


@mutant(kills="ANT-018", says=REFUSED)
class CountsOnTheLastBraces(AnthropicMessages):
    """Knows the end of an event by two braces next to each other."""

    def load(self, data: bytes) -> dict[str, Any]:
        if data.endswith(b" }"):
            raise self.malformed("an event that broke off")
        return super().load(data)


@mutant(kills="ANT-019", says=REFUSED)
class KnowsAllEvents(AnthropicMessages):
    """Takes an event that it does not know for a fault."""

    def take(self, answer: Answer, name: str, data: bytes) -> Iterator[Event]:
        if name in ("weather", "content_block_mood"):
            raise self.malformed(f"an event {name}")
        yield from super().take(answer, name, data)


@mutant(kills="ANT-020", says=REFUSED)
class GoesByNames(AnthropicMessages):
    """Knows events by their names alone."""

    def take(self, answer: Answer, name: str, data: bytes) -> Iterator[Event]:
        if name:
            yield from super().take(answer, name, data)


@mutant(kills="ANT-021", says=REFUSED)
class ReadsPings(AnthropicMessages):
    """Reads the data of pings too, which may be empty."""

    def take(self, answer: Answer, name: str, data: bytes) -> Iterator[Event]:
        self.load(data)
        yield from super().take(answer, name, data)


@mutant(kills="ANT-022", says=REFUSED)
class WantsABlock(AnthropicMessages):
    """Takes a stream without any block for a broken one."""

    def finished(self, answer: Answer) -> Reply:
        if not answer.blocks:
            raise self.malformed("a stream without content")
        return super().finished(answer)


@mutant(kills="ANT-024", says="the model list is wrong")
class ReadsOnePage(AnthropicMessages):
    """Takes the first page of the models for the list."""

    def models(self, data: Any) -> tuple[list[str], str | None]:
        return super().models(data)[0], None


@mutant(kills="ANT-025", says="the finish reason is wrong")
class WantsTheLastWord(AnthropicMessages):
    """Takes an answer without message_stop for one that its length cut off."""

    def finished(self, answer: Answer) -> Reply:
        reply = super().finished(answer)
        return reply if answer.done else replace(reply, finish_reason="length")


@mutant(kills="STR-007", says="a broken stream was returned as an answer")
class TrustsTheLastBlock(AnthropicMessages):
    """Takes the end of a block for the end of the answer."""

    def finished(self, answer: Answer) -> Reply:
        if answer.blocks:
            answer.done = True
        return super().finished(answer)


@mutant(kills="STR-027", says=TEXT)
class SpeaksItsThoughts(AnthropicMessages):
    """Takes the thoughts of a stream for text."""

    def finished(self, answer: Answer) -> Reply:
        reply = super().finished(answer)
        return replace(reply, text=(reply.reasoning or "") + reply.text)


@mutant(kills="RSP-017", says=TEXT)
class TellsItsThoughts(AnthropicMessages):
    """Takes thinking for text."""

    def reply(self, data: Any) -> Reply:
        reply = super().reply(data)
        return replace(reply, text=(reply.reasoning or "") + reply.text)
