"""A stream of typed events as the contract's events: deltas as they come, then one `Done` with everything."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

from conformance.contract import Done, Event, ProviderError, ReasoningDelta, Reply, TextDelta
from conformance.reference.openai_responses.reply import ReadsOutput
from conformance.reference.wire.patience import Awaited, arriving
from conformance.reference.wire.sse import EventStream

ENDS = {"response.completed": "completed", "response.incomplete": "incomplete"}


@dataclass
class Told(Awaited):
    """What has come so far, and of which part of which item."""

    text: dict[Any, str] = field(default_factory=dict)
    refusal: dict[Any, str] = field(default_factory=dict)
    reasoning: dict[Any, str] = field(default_factory=dict)
    calls: dict[Any, dict[str, Any]] = field(default_factory=dict)  # the item, as far as it is known
    items: dict[Any, dict[str, Any]] = field(default_factory=dict)  # those that are whole
    begun: dict[str, Any] = field(default_factory=dict)  # the answer, as the first event told it
    answer: dict[str, Any] | None = None  # the same, as the last one did


class ReadsTypedEvents(ReadsOutput):
    async def events(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[Event]:
        told, sse = Told(), EventStream()
        async for chunk in arriving(chunks, told, self.timeout):
            for _, data in sse.feed(chunk):
                for event in self.happened(told, data):
                    yield event
                if told.answer is not None:
                    yield Done(self.summed_up(told, told.answer))
                    return
        for _, data in sse.end():
            for event in self.happened(told, data):
                yield event
        yield Done(self.summed_up(told, told.answer))

    def happened(self, told: Told, data: bytes) -> Iterator[Event]:
        """One event; its own type counts, not the line above it. Types that have no handler say nothing."""
        if data.strip() == b"[DONE]":
            return
        event = self.loaded(data)
        handler = self.handlers.get(event.get("type") or ("error" if event.get("error") else ""))
        if handler:
            told.waited = 0.0
            yield from getattr(self, handler)(told, event)

    def loaded(self, data: bytes) -> dict[str, Any]:
        try:
            event = json.loads(data.decode())
        except ValueError:
            raise self.malformed("a stream event that is not JSON") from None
        if not isinstance(event, dict):
            raise self.malformed("a stream event that is not an object")
        for name in ("type", "output_index", "content_index", "summary_index", "item_id"):
            if isinstance(event.get(name), dict | list):
                raise self.malformed(f"a stream event whose {name} is none")
        return event

    def inside(self, event: dict[str, Any], key: str) -> dict[str, Any]:
        value = event.get(key)
        if not isinstance(value, dict):
            raise self.malformed(f"a stream event without its {key}")
        return value

    # --- text ------------------------------------------------------------------------------

    def place(self, event: dict[str, Any]) -> Any:
        """Items are told apart by their number, for some servers give them another id in every event; by their id
        where a server gives no numbers."""
        index, item = event.get("output_index"), event.get("item")
        if index is not None:
            return index
        return event.get("item_id") or (item.get("id") if isinstance(item, dict) else None)

    def text_piece(self, told: Told, event: dict[str, Any]) -> Iterator[Event]:
        where = (self.place(event), event.get("content_index"))
        return self.piece_of(told.text, where, self.words(event.get("delta")), TextDelta)

    def text_whole(self, told: Told, event: dict[str, Any]) -> Iterator[Event]:
        where = (self.place(event), event.get("content_index"))
        return self.whole_of(told.text, where, self.words(event.get("text")), TextDelta)

    def thought_piece(self, told: Told, event: dict[str, Any]) -> Iterator[Event]:
        where = (self.place(event), event.get("summary_index"), event.get("content_index"))
        return self.piece_of(told.reasoning, where, self.words(event.get("delta")), ReasoningDelta)

    def refusal_piece(self, told: Told, event: dict[str, Any]) -> Iterator[Event]:
        where = (self.place(event), event.get("content_index"))
        return self.piece_of(told.refusal, where, self.words(event.get("delta")), None)

    def piece_of(
        self, parts: dict[Any, str], where: Any, piece: str, kind: Callable[[str], Event] | None
    ) -> Iterator[Event]:
        parts[where] = parts.get(where, "") + piece
        if piece and kind:
            yield kind(piece)

    def whole_of(
        self, parts: dict[Any, str], where: Any, whole: str, kind: Callable[[str], Event] | None
    ) -> Iterator[Event]:
        """What is told again at the end is news only where no piece of it came."""
        if not parts.get(where):
            yield from self.piece_of(parts, where, whole, kind)

    # --- items -----------------------------------------------------------------------------

    def item_opened(self, told: Told, event: dict[str, Any]) -> Iterator[Event]:
        item = self.inside(event, "item")
        if item.get("type") == "function_call":
            told.calls[self.place(event)] = {**item, "arguments": ""}
        yield from ()

    def arguments_piece(self, told: Told, event: dict[str, Any]) -> Iterator[Event]:
        if call := told.calls.get(self.place(event)):
            call["arguments"] += self.words(event.get("delta"))
        yield from ()

    def arguments_whole(self, told: Told, event: dict[str, Any]) -> Iterator[Event]:
        """The last word on them."""
        call = told.calls.get(self.place(event))
        if call and event.get("arguments"):
            call["arguments"] = self.words(event["arguments"])
        yield from ()

    def item_closed(self, told: Told, event: dict[str, Any]) -> Iterator[Event]:
        item, place = self.known(self.inside(event, "item")), self.place(event)
        if item.get("type") == "function_call":
            known = told.calls.setdefault(place, {})
            known.update({key: value for key, value in item.items() if value})
        told.items[place] = item
        yield from self.told_whole(told, place, item)

    def told_whole(self, told: Told, index: Any, item: dict[str, Any]) -> Iterator[Event]:
        """An item as a whole, of which pieces may have come."""
        if any(place == index for place, *_ in (*told.text, *told.refusal, *told.reasoning)):
            return
        yield from self.whole_of(told.reasoning, (index,), self.thoughts([item]), ReasoningDelta)
        yield from self.whole_of(told.text, (index,), self.said([item], "output_text", "text"), TextDelta)
        yield from self.whole_of(told.refusal, (index,), self.said([item], "refusal", "refusal"), None)

    # --- the answer ------------------------------------------------------------------------

    def answer_opened(self, told: Told, event: dict[str, Any]) -> Iterator[Event]:
        told.begun = self.inside(event, "response")
        yield from ()

    def answer_closed(self, told: Told, event: dict[str, Any]) -> Iterator[Event]:
        """Its output counts where nothing came before: some servers send none, and some send nothing else."""
        answer = self.inside(event, "response")
        answer = {**told.begun, "status": ENDS[event["type"]], **answer}
        self.check(answer)
        if not (told.text or told.refusal or told.reasoning or told.calls):
            for index, item in enumerate(self.output({**answer, "output": answer.get("output") or []})):
                told.items[index] = item
                if item.get("type") == "function_call":
                    told.calls[index] = item
                yield from self.told_whole(told, index, item)
        told.answer = answer

    def answer_failed(self, told: Told, event: dict[str, Any]) -> Iterator[Event]:
        raise self.failed(self.inside(event, "response"))

    def error_came(self, told: Told, event: dict[str, Any]) -> Iterator[Event]:
        """Its details are in the event, or in an object of their own."""
        raise self.error(None, {}, json.dumps(event).encode())

    def summed_up(self, told: Told, answer: dict[str, Any] | None) -> Reply:
        """The end of the connection is not the end of the answer: the event that ends it must have come."""
        if answer is None:
            raise ProviderError(
                f"{self.name}: the stream ended before its answer was complete", kind="network", provider=self.name
            )
        calls = tuple(self.call_of(item) for item in told.calls.values())
        return Reply(
            text="".join(told.text.values()),
            finish_reason=self.why_it_ended(answer, called=bool(calls)),
            tool_calls=calls,
            refusal="".join(told.refusal.values()) or None,
            reasoning="".join(told.reasoning.values()) or None,
            usage=self.usage(answer.get("usage")),
            model=self.optional(answer.get("model")),
            id=self.optional(answer.get("id")),
            opaque=self.thought_of(list(told.items.values())),
        )

    handlers: ClassVar[dict[str, str]] = {
        "response.created": "answer_opened",
        "response.output_item.added": "item_opened",
        "response.output_text.delta": "text_piece",
        "response.output_text.done": "text_whole",
        "response.refusal.delta": "refusal_piece",
        "response.reasoning_summary_text.delta": "thought_piece",
        "response.reasoning_text.delta": "thought_piece",
        "response.function_call_arguments.delta": "arguments_piece",
        "response.function_call_arguments.done": "arguments_whole",
        "response.output_item.done": "item_closed",
        "response.completed": "answer_closed",
        "response.incomplete": "answer_closed",
        "response.failed": "answer_failed",
        "error": "error_came",
    }
