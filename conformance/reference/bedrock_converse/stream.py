"""A stream of messages as the contract's events: deltas as they come, then one `Done` with everything."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from conformance.contract import Done, Event, ProviderError, ReasoningDelta, Reply, TextDelta, ToolCall
from conformance.reference.bedrock_converse.messages import Damaged, Message, MessageStream
from conformance.reference.bedrock_converse.reply import ParsesConverseReplies
from conformance.reference.wire.patience import Awaited, arriving


@dataclass
class Call:
    used: dict[str, Any]
    input: list[str] = field(default_factory=list)


@dataclass
class Answer(Awaited):
    """What has come so far."""

    text: list[str] = field(default_factory=list)
    reasoning: list[str] = field(default_factory=list)
    calls: dict[Any, Call] = field(default_factory=dict)  # by index of the block
    blocks: dict[Any, dict[str, Any]] = field(default_factory=dict)  # the others, likewise
    ended: bool = False
    stop_reason: Any = None
    usage: Any = None


class ReadsConverseStreams(ParsesConverseReplies):
    async def events(self, chunks: AsyncIterator[bytes], id: str | None = None) -> AsyncIterator[Event]:
        answer, messages = Answer(), self.message_stream()
        try:
            async for chunk in arriving(chunks, answer, self.timeout):
                for message in messages.feed(chunk):
                    for event in self.take(answer, message):
                        yield event
        except Damaged as exc:
            raise self.malformed(str(exc)) from exc
        if messages.buffer:
            raise self.cut()
        yield Done(self.finished(answer, id))

    def message_stream(self) -> MessageStream:
        return MessageStream()

    def take(self, answer: Answer, message: Message) -> Iterator[Event]:
        """One message. Events that are not known are of a later version, and skipped."""
        kind = message.headers.get(":message-type", "event")
        if kind != "event":
            raise self.in_band(message, kind)
        handle = self.handlers().get(message.headers.get(":event-type", ""))
        if handle:
            answer.waited = 0.0
            yield from handle(answer, self.load(message.payload))

    def handlers(self) -> dict[str, Callable[[Answer, dict[str, Any]], Iterator[Event]]]:
        return {
            "contentBlockStart": self.block_start,
            "contentBlockDelta": self.block_delta,
            "messageStop": self.message_stop,
            "metadata": self.metadata,
        }

    def load(self, payload: bytes) -> dict[str, Any]:
        try:
            data = json.loads(payload.decode())
        except ValueError:
            raise self.malformed("a stream event that is not JSON") from None
        if not isinstance(data, dict):
            raise self.malformed("a stream event that is not an object")
        return data

    def in_band(self, message: Message, kind: str) -> ProviderError:
        """An exception has a type and a payload; an error a code and a text, both in headers."""
        headers = message.headers
        if kind == "exception":
            text, codes = self.describe(message.payload)
            return self.told(None, {}, text, codes, type=self.type_name(headers.get(":exception-type")))
        text = headers.get(":error-message", "no details")
        return self.told(None, {}, text, [], type=self.type_name(headers.get(":error-code")))

    # --- events ----------------------------------------------------------------------------

    def block_start(self, answer: Answer, event: dict[str, Any]) -> Iterator[Event]:
        start = event.get("start")
        if not isinstance(start, dict | None):
            raise self.malformed("a block's start that is not an object")
        if start and self.is_call(start):
            answer.calls[self.index(event)] = Call(start["toolUse"])
        yield from ()

    def block_delta(self, answer: Answer, event: dict[str, Any]) -> Iterator[Event]:
        delta = event.get("delta")
        if not isinstance(delta, dict | None):
            raise self.malformed("a delta that is not an object")
        delta, index = delta or {}, self.index(event)
        self.block_piece(answer, index, delta)
        if reasoning := self.reasoning_delta(delta):
            answer.reasoning.append(reasoning)
            yield ReasoningDelta(reasoning)
        if text := self.plain(delta.get("text")):
            answer.text.append(text)
            yield TextDelta(text)
        call = answer.calls.get(index)
        if call and delta.get("toolUse") is not None:
            call.input.append(self.plain(self.member(delta, "toolUse").get("input")))

    def block_piece(self, answer: Answer, index: Any, delta: dict[str, Any]) -> None:
        """The block as it would have come in one piece, of which only the text is for people."""
        if isinstance(delta.get("text"), str):
            block = answer.blocks.setdefault(index, {"text": ""})
            block["text"] = block.get("text", "") + delta["text"]
        elif delta.get("reasoningContent"):
            piece = self.member(delta, "reasoningContent")
            block = answer.blocks.setdefault(index, {"reasoningContent": {}})
            self.thought_piece(block.setdefault("reasoningContent", {}), piece)

    def thought_piece(self, thought: dict[str, Any], piece: dict[str, Any]) -> None:
        if piece.get("redactedContent"):
            thought["redactedContent"] = piece["redactedContent"]
            return
        told = thought.setdefault("reasoningText", {"text": ""})
        for name in ("text", "signature"):
            if piece.get(name):
                told[name] = told.get(name, "") + self.plain(piece[name])

    def reasoning_delta(self, delta: dict[str, Any]) -> str:
        return self.plain(self.member(delta, "reasoningContent").get("text")) if delta.get("reasoningContent") else ""

    def message_stop(self, answer: Answer, event: dict[str, Any]) -> Iterator[Event]:
        answer.ended, answer.stop_reason = True, event.get("stopReason")
        yield from ()

    def metadata(self, answer: Answer, event: dict[str, Any]) -> Iterator[Event]:
        answer.usage = event.get("usage")
        yield from ()

    # --- the end ---------------------------------------------------------------------------

    def finished(self, answer: Answer, id: str | None) -> Reply:
        """The end of the connection is not the end of the answer: messageStop is. The metadata may be missing."""
        if not answer.ended:
            raise self.cut()
        calls = {i: self.assembled(answer.calls[i]) for i in sorted(answer.calls, key=self.place)}
        blocks = {**answer.blocks, **{i: self.used(call) for i, call in calls.items()}}
        return Reply(
            text="".join(answer.text),
            finish_reason=self.finish(answer.stop_reason),
            tool_calls=tuple(calls.values()),
            reasoning="".join(answer.reasoning) or None,
            usage=self.usage(answer.usage),
            id=id,
            opaque=self.thought_of([blocks[i] for i in sorted(blocks, key=self.place)]),
        )

    def used(self, call: ToolCall) -> dict[str, Any]:
        return {"toolUse": {"toolUseId": call.id, "name": call.name, "input": call.arguments}}

    def index(self, event: dict[str, Any]) -> Any:
        if isinstance(index := event.get("contentBlockIndex"), dict | list):
            raise self.malformed("a block whose index is none")
        return index

    def place(self, index: Any) -> int:
        return index if isinstance(index, int) else 0

    def assembled(self, call: Call) -> ToolCall:
        """No piece of input means no arguments; half an object means nothing at all."""
        try:
            arguments = json.loads("".join(call.input) or "{}")
        except ValueError:
            raise self.malformed("a tool call's input that is not JSON") from None
        return self.called({**call.used, "input": arguments})

    def cut(self) -> ProviderError:
        return ProviderError(
            f"{self.name}: the stream ended before its answer was complete", kind="network", provider=self.name
        )
