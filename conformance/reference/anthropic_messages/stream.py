"""A stream of events as the contract's: deltas as they come, then one `Done` with everything."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

from conformance.contract import Done, Event, ProviderError, ReasoningDelta, Reply, TextDelta
from conformance.reference.anthropic_messages.reply import ParsesReplies
from conformance.reference.wire.patience import Awaited, arriving
from conformance.reference.wire.sse import EventStream

OURS = {
    "message_start",
    "content_block_start",
    "content_block_delta",
    "content_block_stop",
    "message_delta",
    "message_stop",
    "error",
}


@dataclass
class Block:
    """One block of the content: as it began, and the pieces since."""

    start: dict[str, Any]
    pieces: list[str] = field(default_factory=list)
    signature: list[str] = field(default_factory=list)


@dataclass
class Answer(Awaited):
    """What has come so far."""

    message: dict[str, Any] = field(default_factory=dict)
    blocks: dict[Any, Block] = field(default_factory=dict)
    done: bool = False  # message_stop came


class ReadsStreams(ParsesReplies):
    async def events(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[Event]:
        answer, sse = Answer(), EventStream()
        async for chunk in arriving(chunks, answer, self.timeout):
            for name, data in sse.feed(chunk):
                for event in self.take(answer, name, data):
                    yield event
                if answer.done:
                    yield Done(self.finished(answer))
                    return
        for name, data in sse.end():
            for event in self.take(answer, name, data):
                yield event
        yield Done(self.finished(answer))

    def take(self, answer: Answer, name: str, data: bytes) -> Iterator[Event]:
        """One server-sent event. Some proxies drop the names: the data has its type too."""
        if (name in OURS or name in ("", "message")) and data.strip() not in (b"", b"[DONE]"):
            event = self.load(data)
            answer.waited = answer.waited if event.get("type") == "ping" else 0.0
            if name == "error" or event.get("type") == "error":
                raise self.in_band(event)
            yield from self.event(answer, event)

    def load(self, data: bytes) -> dict[str, Any]:
        try:
            event = json.loads(data.decode())
        except ValueError:
            raise self.malformed("a stream event that is not JSON") from None
        if not isinstance(event, dict):
            raise self.malformed("a stream event that is not an object")
        return event

    def event(self, answer: Answer, event: dict[str, Any]) -> Iterator[Event]:
        """By its type; new types may be added at any time, and are passed over."""
        kind = event.get("type")
        if kind == "message_start":
            answer.message |= self.inner(event, "message")
        elif kind == "content_block_start":
            yield from self.begun(answer, self.index(event), self.inner(event, "content_block"))
        elif kind == "content_block_delta":
            yield from self.delta(answer, self.index(event), self.inner(event, "delta"))
        elif kind == "message_delta":
            self.changed(answer, event)
        elif kind == "message_stop":
            answer.done = True

    def inner(self, event: dict[str, Any], name: str) -> dict[str, Any]:
        part = event.get(name)
        if not isinstance(part, dict):
            raise self.malformed(f"a {event['type']} whose {name} is not an object")
        return part

    def index(self, event: dict[str, Any]) -> Any:
        if isinstance(index := event.get("index"), dict | list):
            raise self.malformed("a block whose index is none")
        return index

    def begun(self, answer: Answer, index: Any, block: dict[str, Any]) -> Iterator[Event]:
        """A block begins empty, or with its first words."""
        answer.blocks[index] = Block(block)
        if block.get("type") == "text" and (text := self.text(block.get("text"))):
            yield TextDelta(text)
        elif block.get("type") == "thinking" and (thought := self.text(block.get("thinking"))):
            yield ReasoningDelta(thought)

    def delta(self, answer: Answer, index: Any, delta: dict[str, Any]) -> Iterator[Event]:
        """New types of delta may be added too. Citations have no word in the contract."""
        kind = delta.get("type")
        names = {
            "text_delta": "text",
            "thinking_delta": "thinking",
            "signature_delta": "signature",
            "input_json_delta": "partial_json",
        }
        if not isinstance(kind, str) or kind not in names:
            return
        piece = self.text(delta.get(names[kind]))
        block = answer.blocks.get(index)
        if block is None:
            raise self.malformed("a delta of a block that never began")
        (block.signature if kind == "signature_delta" else block.pieces).append(piece)
        if piece and kind == "text_delta":
            yield TextDelta(piece)
        elif piece and kind == "thinking_delta":
            yield ReasoningDelta(piece)

    def changed(self, answer: Answer, event: dict[str, Any]) -> None:
        """Counts are cumulative: they take the place of those before, where they are told."""
        delta, usage = self.inner(event, "delta"), event.get("usage")
        answer.message["stop_reason"] = delta.get("stop_reason") or answer.message.get("stop_reason")
        if isinstance(usage, dict):
            before = answer.message.get("usage")
            told = {name: count for name, count in usage.items() if count is not None}
            answer.message["usage"] = {**(before if isinstance(before, dict) else {}), **told}

    def in_band(self, event: dict[str, Any]) -> ProviderError:
        return self.error(None, {}, json.dumps(event).encode())

    def finished(self, answer: Answer) -> Reply:
        """The end of the connection is not the end of the answer: it must have said that it is whole."""
        if not answer.done and not answer.message.get("stop_reason"):
            raise ProviderError(
                f"{self.name}: the stream ended before its answer was complete", kind="network", provider=self.name
            )
        return self.made([self.whole(b) for b in answer.blocks.values()], answer.message)

    def whole(self, block: Block) -> dict[str, Any]:
        """The block as it would have come in one piece."""
        kind, said = block.start.get("type"), "".join(block.pieces)
        signed = {"signature": "".join(block.signature)} if block.signature else {}
        if kind in ("text", "thinking"):
            return {**block.start, kind: self.text(block.start.get(kind)) + said, **signed}
        if kind == "tool_use":
            return {**block.start, "input": self.input(said) if said else block.start.get("input") or {}}
        return block.start

    def input(self, text: str) -> Any:
        try:
            return json.loads(text)
        except ValueError:
            raise self.malformed("tool input that is not JSON") from None
