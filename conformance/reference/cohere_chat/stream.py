"""A stream of events as the contract's: deltas as they come, then one `Done` with everything."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

from conformance.contract import Done, Event, ProviderError, ReasoningDelta, Reply, TextDelta
from conformance.reference.cohere_chat.errors import FAILED
from conformance.reference.cohere_chat.reply import ParsesReplies
from conformance.reference.wire.patience import Awaited, arriving
from conformance.reference.wire.sse import EventStream


@dataclass
class Call:
    id: Any
    name: Any
    arguments: list[str] = field(default_factory=list)


@dataclass
class Answer(Awaited):
    """What has come so far."""

    text: list[str] = field(default_factory=list)
    reasoning: list[str] = field(default_factory=list)
    calls: dict[Any, Call] = field(default_factory=dict)
    finish: Any = None
    usage: Any = None
    id: Any = None
    ended: bool = False  # message-end came
    closed: bool = False  # [DONE] came


class ReadsStreams(ParsesReplies):
    async def events(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[Event]:
        answer, sse = Answer(), EventStream()
        async for chunk in arriving(chunks, answer, self.timeout):
            for name, data in sse.feed(chunk):
                for event in self.take(answer, name, data):
                    yield event
                if answer.ended or answer.closed:
                    yield Done(self.finished(answer))
                    return
        for name, data in sse.end():
            for event in self.take(answer, name, data):
                yield event
        yield Done(self.finished(answer))

    def take(self, answer: Answer, name: str, data: bytes) -> Iterator[Event]:
        """One server-sent event. Its data tells what it is; its name only whether it may be somebody else's."""
        if data.strip() == b"[DONE]":
            answer.closed = True
        elif self.is_ours(name):
            answer.waited = 0.0
            yield from self.told(answer, self.load(data))

    def is_ours(self, name: str) -> bool:
        ours = ("message-", "content-", "tool-plan-", "tool-call-", "citation-", "debug")
        return name in ("", "message") or name.startswith(ours)

    def load(self, data: bytes) -> dict[str, Any]:
        try:
            event = json.loads(data.decode())
        except ValueError:
            raise self.malformed("a stream event that is not JSON") from None
        if not isinstance(event, dict):
            raise self.malformed("a stream event that is not an object")
        return event

    def told(self, answer: Answer, event: dict[str, Any]) -> Iterator[Event]:
        kind = event.get("type")
        if kind == "message-start":
            answer.id = event.get("id")
        elif kind in ("content-start", "content-delta"):
            yield from self.said(answer, self.inside(event, "content"))
        elif kind == "tool-call-start":
            self.call_start(answer, self.index(event), self.inside(event, "tool_calls"))
        elif kind == "tool-call-delta":
            self.call_delta(answer, self.index(event), self.inside(event, "tool_calls"))
        elif kind == "message-end":
            self.message_end(answer, event.get("delta"))

    def index(self, event: dict[str, Any]) -> Any:
        if not isinstance(index := event.get("index", 0), int | str | None):
            raise self.malformed("an index that is none")
        return index

    def inside(self, event: dict[str, Any], name: str) -> dict[str, Any]:
        """`delta.message.<name>`."""
        value: Any = event
        for step in ("delta", "message", name):
            value = value.get(step)
            if not isinstance(value, dict):
                raise self.malformed(f"a stream event whose {step} is not an object")
        return dict(value)

    def said(self, answer: Answer, content: dict[str, Any]) -> Iterator[Event]:
        if reasoning := self.reasoning(content):
            answer.reasoning.append(reasoning)
            yield ReasoningDelta(reasoning)
        if text := self.text(content):
            answer.text.append(text)
            yield TextDelta(text)

    def call_start(self, answer: Answer, index: Any, call: dict[str, Any]) -> None:
        function = call.get("function")
        if not isinstance(function, dict):
            raise self.malformed("a tool call without a function")
        started = answer.calls[index] = Call(call.get("id"), function.get("name"))
        started.arguments.append(self.words(function.get("arguments")))

    def call_delta(self, answer: Answer, index: Any, call: dict[str, Any]) -> None:
        function = call.get("function")
        if index not in answer.calls or not isinstance(function, dict):
            raise self.malformed("a piece of a tool call that did not start")
        answer.calls[index].arguments.append(self.words(function.get("arguments")))

    def message_end(self, answer: Answer, delta: Any) -> None:
        delta = delta if isinstance(delta, dict) else {}
        answer.finish, answer.usage, answer.ended = delta.get("finish_reason"), delta.get("usage"), True
        if answer.finish in tuple(FAILED):
            raise self.failed(answer.finish, delta.get("error"))

    def finished(self, answer: Answer) -> Reply:
        """The end of the connection is not the end of the answer: one of its two markers must have come."""
        if not answer.ended and not answer.closed:
            raise ProviderError(
                f"{self.name}: the stream ended before its answer was complete", kind="network", provider=self.name
            )
        calls = answer.calls.values()
        return Reply(
            text="".join(answer.text),
            finish_reason=self.finish(answer.finish),
            tool_calls=tuple(self.called(c.id, {"name": c.name, "arguments": "".join(c.arguments)}) for c in calls),
            reasoning="".join(answer.reasoning) or None,
            usage=self.usage(answer.usage),
            id=self.optional(answer.id),
        )
