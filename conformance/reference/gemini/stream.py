"""A stream of answers as the contract's events: deltas as they come, then one `Done` with everything."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

from conformance.contract import Done, Event, ProviderError, ReasoningDelta, Reply, TextDelta, ToolCall
from conformance.reference.gemini.reply import ParsesReplies
from conformance.reference.wire.patience import Awaited, arriving
from conformance.reference.wire.sse import EventStream


@dataclass
class Events(EventStream):
    """Google's servers write an error into a stream as it is, over several lines and without `data:`."""

    stray: list[bytes] = field(default_factory=list)

    def line(self, line: bytes) -> Iterator[tuple[str, bytes]]:
        if self.stray or line.startswith((b"{", b"[")):
            self.stray.append(line)
        else:
            yield from super().line(line)


@dataclass
class Answer(Awaited):
    """What has come so far."""

    text: list[str] = field(default_factory=list)
    reasoning: list[str] = field(default_factory=list)
    calls: list[ToolCall] = field(default_factory=list)
    parts: list[dict[str, Any]] = field(default_factory=list)
    last: dict[str, Any] = field(default_factory=dict)  # the candidate that told the finish reason
    usage: Any = None
    model: Any = None
    id: Any = None


class ReadsStreams(ParsesReplies):
    async def events(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[Event]:
        answer, sse = Answer(), Events()
        async for chunk in arriving(chunks, answer, self.timeout):
            for name, data in sse.feed(chunk):
                for event in self.take(answer, name, data):
                    yield event
        for name, data in sse.end():
            for event in self.take(answer, name, data):
                yield event
        if sse.stray:
            raise self.unexpected(b"\n".join([*sse.stray, sse.buffer]))
        yield Done(self.finished(answer))

    def take(self, answer: Answer, name: str, data: bytes) -> Iterator[Event]:
        """One server-sent event. Those with names are somebody else's and skipped."""
        if name in ("", "message", "error"):
            answer.waited = 0.0
            yield from self.chunk(answer, self.load(data))

    def load(self, data: bytes) -> Any:
        try:
            return json.loads(data.decode())
        except ValueError:
            raise self.malformed("a stream event that is not JSON") from None

    def chunk(self, answer: Answer, chunk: Any) -> Iterator[Event]:
        if isinstance(chunk, dict) and chunk.get("error"):
            raise self.in_band(chunk)
        candidate = self.candidate(chunk)
        answer.usage = chunk.get("usageMetadata") or answer.usage  # each has all counts so far
        answer.model = answer.model or chunk.get("modelVersion")
        answer.id = answer.id or chunk.get("responseId")
        if candidate is not None:
            answer.last = candidate if candidate.get("finishReason") else answer.last
            yield from self.said(answer, self.parts_of(candidate))

    def said(self, answer: Answer, parts: list[dict[str, Any]]) -> Iterator[Event]:
        for part in parts:
            if reasoning := self.text([part], thought=True):
                answer.reasoning.append(reasoning)
                yield ReasoningDelta(reasoning)
            elif text := self.text([part]):
                answer.text.append(text)
                yield TextDelta(text)
            answer.calls += self.tool_calls([part])
            self.joined(answer.parts, part)

    def joined(self, parts: list[dict[str, Any]], part: dict[str, Any]) -> None:
        """Pieces of one text make one part, as long as none of them is signed."""
        last, piece = parts[-1] if parts else {}, {"text", "thought"}
        if "text" in part and "text" in last and not {*part, *last} - piece and part.keys() == last.keys():
            parts[-1] = {**last, "text": self.text([{"text": last["text"]}, {"text": part["text"]}])}
        else:
            parts.append(part)

    def finished(self, answer: Answer) -> Reply:
        """The end of the connection is not the end of the answer: a finish reason must have come."""
        if not answer.last:
            raise ProviderError(
                f"{self.name}: the stream ended before its answer was complete", kind="network", provider=self.name
            )
        calls = tuple(answer.calls)
        return Reply(
            text="".join(answer.text),
            finish_reason=self.finish(answer.last, calls),
            tool_calls=calls,
            reasoning="".join(answer.reasoning) or None,
            usage=self.usage(answer.usage),
            model=self.optional(answer.model),
            id=self.optional(answer.id),
            opaque=self.signed(answer.parts),
        )
