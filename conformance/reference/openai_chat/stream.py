"""A stream of chunks as the contract's events: deltas as they come, then one `Done` with everything."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

from conformance.contract import Done, Event, ProviderError, ReasoningDelta, Reply, TextDelta, ToolCall
from conformance.reference.openai_chat.reply import ParsesReplies
from conformance.reference.wire.patience import Awaited, arriving
from conformance.reference.wire.sse import EventStream


@dataclass
class Call:
    id: str = ""
    name: str = ""
    arguments: list[Any] = field(default_factory=list)
    extra: Any = None


@dataclass
class Answer(Awaited):
    """What has come so far."""

    text: list[str] = field(default_factory=list)
    reasoning: list[str] = field(default_factory=list)
    refusal: list[str] = field(default_factory=list)
    thoughts: dict[str, Any] = field(default_factory=dict)  # as they came, under each of their names
    calls: list[Call] = field(default_factory=list)
    by_index: dict[Any, Call] = field(default_factory=dict)
    finish: Any = None
    usage: Any = None
    model: Any = None
    id: Any = None
    done: bool = False  # [DONE] came


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
        """One server-sent event. Names that are not the protocol's are somebody else's and skipped."""
        if data.strip() == b"[DONE]":
            answer.done = True
        elif name in ("", "message", "error"):
            answer.waited = 0.0
            yield from self.chunk(answer, self.load(data), failed=name == "error")

    def load(self, data: bytes) -> dict[str, Any]:
        try:
            chunk = json.loads(data.decode())
        except ValueError:
            raise self.malformed("a stream event that is not JSON") from None
        if not isinstance(chunk, dict):
            raise self.malformed("a stream event that is not an object")
        return chunk

    def chunk(self, answer: Answer, chunk: dict[str, Any], *, failed: bool = False) -> Iterator[Event]:
        if failed or chunk.get("error"):
            raise self.in_band(chunk)
        answer.id = answer.id or chunk.get("id")
        answer.model = answer.model or chunk.get("model")
        answer.usage = chunk.get("usage") or answer.usage
        choices = chunk.get("choices") or []  # usage and filter results come without
        if not isinstance(choices, list) or not all(isinstance(c, dict) for c in choices):
            raise self.malformed("choices that are not a list of choices")
        for choice in choices:
            if choice.get("index"):
                continue  # another answer to the same question, which nobody asked for
            answer.finish = choice.get("finish_reason") or answer.finish
            yield from self.delta(answer, choice.get("delta") or {})

    def delta(self, answer: Answer, delta: Any) -> Iterator[Event]:
        if not isinstance(delta, dict):
            raise self.malformed("a delta that is not an object")
        self.wanted_piece(answer, delta)
        if reasoning := self.reasoning(delta):
            answer.reasoning.append(reasoning)
            yield ReasoningDelta(reasoning)
        if text := self.text(delta.get("content")):
            answer.text.append(text)
            yield TextDelta(text)
        answer.refusal.append(self.optional(delta.get("refusal")) or "")
        calls = self.calls(delta) or []
        if not isinstance(calls, list):
            raise self.malformed("tool_calls that are not a list")
        for piece in calls:
            self.call_piece(answer, piece)

    def call_piece(self, answer: Answer, piece: Any) -> None:
        """Pieces belong together by index; a new id on a known index begins a new call all the same."""
        function = piece.get("function") if isinstance(piece, dict) else None
        if not isinstance(function, dict | None) or not isinstance(piece, dict):
            raise self.malformed("a tool call that is not an object")
        id, index, function = piece.get("id"), piece.get("index"), function or {}
        if not isinstance(index, int | str | None) or not isinstance(id, str | None):
            raise self.malformed("a tool call with an index or an id that is none")
        if index is None:
            known = next((i for i, c in answer.by_index.items() if id and c.id == id), None)
            index = known if known is not None else id or next(reversed(answer.by_index), 0)
        call = answer.by_index.get(index)
        if call is None or (id and call.id and id != call.id):
            call = answer.by_index[index] = Call()
            answer.calls.append(call)
        call.id = call.id or id or ""
        call.name = call.name or function.get("name") or ""
        arguments = function.get("arguments") or ""
        if not isinstance(arguments, str | dict):
            raise self.malformed("tool call arguments that are not a JSON object")
        call.arguments.append(arguments)
        call.extra = piece.get("extra_content") or call.extra

    def wanted_piece(self, answer: Answer, delta: dict[str, Any]) -> None:
        for name in ("reasoning_content", "reasoning"):
            if piece := self.optional(delta.get(name)):
                answer.thoughts[name] = answer.thoughts.get(name, "") + piece
        for detail in self.objects(delta.get("reasoning_details")):
            self.detail_piece(answer.thoughts.setdefault("reasoning_details", []), detail)

    def detail_piece(self, details: list[dict[str, Any]], detail: dict[str, Any]) -> None:
        """Pieces belong together by kind and index: their words are joined, and the signature comes with the last.
        What is encrypted is whole."""
        last = details[-1] if details else {}
        if not last or "data" in detail or any(last.get(key) != detail.get(key) for key in ("type", "index")):
            details.append(detail)
            return
        words = ("text", "summary")
        joined = {
            key: (self.optional(last.get(key)) or "") + (self.optional(detail.get(key)) or "")
            for key in words
            if key in {*last, *detail}
        }
        details[-1] = {**last, **{key: value for key, value in detail.items() if value is not None}, **joined}

    def in_band(self, chunk: dict[str, Any]) -> ProviderError:
        return self.error(None, {}, json.dumps(chunk).encode())

    def finished(self, answer: Answer) -> Reply:
        """The end of the connection is not the end of the answer: one of its two markers must have come."""
        if not answer.done and answer.finish is None:
            raise ProviderError(
                f"{self.name}: the stream ended before its answer was complete", kind="network", provider=self.name
            )
        return Reply(
            text="".join(answer.text),
            finish_reason=self.finish(answer.finish),
            tool_calls=tuple(self.assembled(c) for c in answer.calls),
            refusal="".join(answer.refusal) or None,
            reasoning="".join(answer.reasoning) or None,
            usage=self.usage(answer.usage),
            model=self.optional(answer.model),
            id=self.optional(answer.id),
            opaque=self.wanted_back(answer.thoughts, [{"extra_content": c.extra} for c in answer.calls]),
        )

    def assembled(self, call: Call) -> ToolCall:
        whole = [a for a in call.arguments if isinstance(a, dict)]  # some servers send objects, not text
        arguments = whole[0] if whole else "".join(call.arguments)
        return self.called(call.id, {"name": call.name or None, "arguments": arguments})
