"""Lies about the Responses API."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from typing import Any, ClassVar

from conformance.contract import (
    Event,
    Message,
    ProviderError,
    ReasoningDelta,
    Reply,
    Request,
    TextDelta,
    Tool,
    ToolCall,
)
from conformance.reference import OpenAIResponses
from conformance.reference.openai_responses.stream import Told
from conformance.reference.wire.sse import EventStream
from tests.mutants import mutant

WRONG = "the tool calls are not those of the wire"
TEXT = "the reply's text is wrong"
REFUSED = "a good answer was turned into an error"


# --- the output --------------------------------------------------------------------------------


@mutant(kills="RES-001", says=TEXT)
class ReadsTheTextOfEveryItem(OpenAIResponses):
    """Takes the parts of any item for parts of a message."""

    def parts(self, item: dict[str, Any]) -> list[dict[str, Any]]:
        return self.objects(item.get("content"))


@mutant(kills="RES-001", says=REFUSED)
class KnowsFourKindsOfItems(OpenAIResponses):
    """Refuses an answer with an item of a kind that it does not know."""

    def output(self, data: Any) -> list[dict[str, Any]]:
        items = super().output(data)
        if any(i.get("type") not in ("message", "function_call", "reasoning", "web_search_call") for i in items):
            raise self.malformed("an item of an unknown kind")
        return items


@mutant(kills="RES-002", says=TEXT)
class ReadsTheFirstMessage(OpenAIResponses):
    """Takes the text of the first message for all of it."""

    def said(self, items: list[dict[str, Any]], kind: str, key: str) -> str:
        return super().said([i for i in items if i.get("type") == "message"][:1], kind, key)


@mutant(kills="RSP-008", says=TEXT)
class ReadsTheFirstPart(OpenAIResponses):
    """Takes the first part of a message for all of it."""

    def parts(self, item: dict[str, Any]) -> list[dict[str, Any]]:
        return super().parts(item)[:1]


@mutant(kills="TOL-007", says=TEXT)
class ReadsTheFirstItem(OpenAIResponses):
    """Looks for the text in output[0]."""

    def said(self, items: list[dict[str, Any]], kind: str, key: str) -> str:
        return super().said([i for i in items if i.get("type") != "reasoning"][-1:], kind, key)


@mutant(kills="RES-003", says="a failure was returned as an answer")
class LooksOnlyForAnError(OpenAIResponses):
    """Takes an answer that failed for a good one where it does not say why."""

    def check(self, data: dict[str, Any]) -> None:
        if data.get("status") != "failed" or data.get("error"):
            super().check(data)


@mutant(kills="RES-004", says="a failure was returned as an answer")
class DoesNotReadTheStatus(OpenAIResponses):
    """Takes an answer that nobody has finished for a complete one."""

    def check(self, data: dict[str, Any]) -> None:
        if data.get("status") not in ("queued", "in_progress", "cancelled"):
            super().check(data)

    def why_it_ended(self, data: dict[str, Any], *, called: bool) -> Any:
        known = super().why_it_ended(data, called=called)
        return "stop" if data.get("status") in ("queued", "in_progress", "cancelled") else known


@mutant(kills="RSP-002", says="the finish reason is wrong")
class CompleteMeansStop(OpenAIResponses):
    """Tells a stop where the answer calls tools."""

    def why_it_ended(self, data: dict[str, Any], *, called: bool) -> Any:
        return super().why_it_ended(data, called=False)


@mutant(kills="RSP-004", says=WRONG)
class TellsTheIdOfTheItem(OpenAIResponses):
    """Tells the item's own id for that of the call."""

    def call_of(self, item: dict[str, Any]) -> ToolCall:
        return super().call_of({**item, "call_id": item.get("id")})


@mutant(kills="RES-017", says=TEXT)
class TrustsTheFieldOnTop(OpenAIResponses):
    """Takes output_text, where there is one, for the text."""

    def reply(self, data: Any) -> Reply:
        reply = super().reply(data)
        return replace(reply, text=data["output_text"]) if "output_text" in data else reply


@mutant(kills="RES-018", says="the reasoning is wrong")
class TellsWhatIsEncrypted(OpenAIResponses):
    """Tells encrypted reasoning for reasoning."""

    def thought(self, item: dict[str, Any]) -> Iterator[str]:
        yield from super().thought(item)
        yield item.get("encrypted_content") or ""


@mutant(kills="RES-019", says="the reasoning is wrong")
class TellsTheFirstPartOfTheSummary(OpenAIResponses):
    """Tells one part of the summary of the reasoning."""

    def thought(self, item: dict[str, Any]) -> Iterator[str]:
        yield from list(super().thought(item))[:1]


@mutant(kills="RES-020", says=TEXT)
class WritesCitationsIntoTheText(OpenAIResponses):
    """Adds the addresses of citations to the text."""

    def said(self, items: list[dict[str, Any]], kind: str, key: str) -> str:
        notes = [a for i in items for p in self.parts(i) for a in self.objects(p.get("annotations"))]
        return super().said(items, kind, key) + "".join(f" [{a['url']}]" for a in notes if "url" in a)


# --- events ------------------------------------------------------------------------------------


@mutant(kills="STR-001", says=TEXT)
class TellsTheTextTwice(OpenAIResponses):
    """Takes the event that ends a part for one more piece of it."""

    def whole_of(
        self, parts: dict[Any, str], where: Any, whole: str, kind: Callable[[str], Event] | None
    ) -> Iterator[Event]:
        return self.piece_of(parts, where, whole, kind)


@mutant(kills="RES-005", says=TEXT)
class TellsEveryDelta(OpenAIResponses):
    """Takes the delta of whatever it does not know for text."""

    def happened(self, told: Told, data: bytes) -> Iterator[Event]:
        event = self.loaded(data) if data.startswith(b"{") else {}
        kind = str(event.get("type"))
        if kind.endswith(".delta") and kind not in self.handlers:
            event = {**event, "type": "response.output_text.delta"}
            data = json.dumps(event).encode()
        yield from super().happened(told, data)


@mutant(kills="RES-006", says=REFUSED)
class OrdersByNumber(OpenAIResponses):
    """Needs the sequence number of every event."""

    def loaded(self, data: bytes) -> dict[str, Any]:
        event = super().loaded(data)
        if str(event.get("type")).startswith("response.output_text") and "sequence_number" not in event:
            raise self.malformed("an event without its number")
        return event


@mutant(kills="RES-006", says=REFUSED)
class GoesByTheNameOfTheEvent(OpenAIResponses):
    """Passes over events whose name is only in their data."""

    async def events(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[Event]:
        sse = EventStream()

        async def named() -> AsyncIterator[bytes]:
            async for chunk in chunks:
                for name, data in sse.feed(chunk):
                    if name not in ("", "message"):
                        yield b"data: " + data.replace(b"\n", b" ") + b"\n\n"

        async for event in super().events(named()):
            yield event


@mutant(kills="RES-007", says=TEXT)
class BelievesTheLastEvent(OpenAIResponses):
    """Takes the output of the event that ends the answer for all that there was."""

    def summed_up(self, told: Told, answer: dict[str, Any] | None) -> Reply:
        made = super().summed_up(told, answer)
        return made if answer and answer.get("output") else replace(made, text="", tool_calls=())


@mutant(kills="RES-008", says=TEXT)
class ReadsDeltasOnly(OpenAIResponses):
    """Overlooks a text that comes without deltas."""

    def whole_of(
        self, parts: dict[Any, str], where: Any, whole: str, kind: Callable[[str], Event] | None
    ) -> Iterator[Event]:
        yield from ()


@mutant(kills="RES-021", says=WRONG)
class GoesByNumbersAlone(OpenAIResponses):
    """Takes events without a number for events of one item."""

    def place(self, event: dict[str, Any]) -> Any:
        return event.get("output_index")


@mutant(kills="RES-009", says=WRONG)
class GoesByTheIdOfTheItem(OpenAIResponses):
    """Puts pieces together by the id of their item."""

    def place(self, event: dict[str, Any]) -> Any:
        return event.get("item_id") or (event.get("item") or {}).get("id")

    def item_closed(self, told: Told, event: dict[str, Any]) -> Iterator[Event]:
        item = self.inside(event, "item")
        known = told.calls.get(item.get("id"))
        if known is not None:
            known["arguments"] = item.get("arguments") or known["arguments"]
        yield from ()


@mutant(kills="RES-010", says=WRONG)
class ReadsPiecesOfArgumentsOnly(OpenAIResponses):
    """Overlooks arguments that come without deltas."""

    handlers: ClassVar[dict[str, str]] = {
        name: handler
        for name, handler in OpenAIResponses.handlers.items()
        if name not in ("response.function_call_arguments.done", "response.output_item.done")
    }


@mutant(kills="RES-011", says="KeyError escaped")
class KnowsErrorsAsTheReferenceHasThem(OpenAIResponses):
    """Overlooks an error whose details are in an object of their own."""

    def error_came(self, told: Told, event: dict[str, Any]) -> Iterator[Event]:
        if "message" not in event:
            raise KeyError("message")
        yield from super().error_came(told, event)


@mutant(kills="STR-012", says="a broken stream")
class TakesAFailureForAnEnd(OpenAIResponses):
    """Takes the event that says that the answer failed for one that ends it."""

    handlers: ClassVar[dict[str, str]] = {n: h for n, h in OpenAIResponses.handlers.items() if n != "error"}

    def answer_failed(self, told: Told, event: dict[str, Any]) -> Iterator[Event]:
        told.answer = {**told.begun, "status": "completed"}
        yield from ()


@mutant(kills="RES-012", says="the error is of kind")
class EveryFailureIsTheServers(OpenAIResponses):
    """Gives every answer that failed the kind server."""

    def failed(self, answer: Any) -> ProviderError:
        return ProviderError(str(super().failed(answer)), kind="server", provider=self.name)


@mutant(kills="RES-013", says=REFUSED)
class ReadsTheTerminator(OpenAIResponses):
    """Takes [DONE] for an event, and waits until all has come."""

    async def events(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[Event]:
        kept = [chunk async for chunk in chunks]
        for _, data in EventStream().feed(b"".join(kept)):
            self.loaded(data)

        async def again() -> AsyncIterator[bytes]:
            for chunk in kept:
                yield chunk

        async for event in super().events(again()):
            yield event


@mutant(kills="STR-003", says="the finish reason is wrong")
class EveryEndIsAStop(OpenAIResponses):
    """Tells a stop where a stream ends incomplete."""

    def summed_up(self, told: Told, answer: dict[str, Any] | None) -> Reply:
        return super().summed_up(told, answer and {**answer, "status": "completed"})


@mutant(kills="STR-007", says="returned as an answer")
class TheEndOfATextIsTheEnd(OpenAIResponses):
    """Takes a text that is whole for the end of the answer."""

    def text_whole(self, told: Told, event: dict[str, Any]) -> Iterator[Event]:
        told.answer = {**told.begun, "status": "completed"}
        yield from super().text_whole(told, event)


@mutant(kills="STR-027", says=TEXT)
class TellsTheSummaryAsText(OpenAIResponses):
    """Tells the summary of the reasoning as text."""

    def thought_piece(self, told: Told, event: dict[str, Any]) -> Iterator[Event]:
        for piece in super().thought_piece(told, event):
            assert isinstance(piece, ReasoningDelta)
            told.text[("thought", len(told.text))] = piece.reasoning
            yield TextDelta(piece.reasoning)


# --- requests ----------------------------------------------------------------------------------


@mutant(kills="REQ-002", says="the real API would reject this request")
class NestsToolsAsInChat(OpenAIResponses):
    """Sends tools in the form of the chat API."""

    def function(self, tool: Tool) -> dict[str, Any]:
        return self.tool(tool)


@mutant(kills="REQ-012", says="the real API would reject this request")
class SaysWhatTheAssistantSaidAsInput(OpenAIResponses):
    """Sends every text as a part of an input, the assistant's too."""

    def items(self, message: Message) -> Iterator[dict[str, Any]]:
        for item in super().items(message):
            said = item.get("content")
            yield {**item, "content": [{"type": "input_text", "text": said}]} if isinstance(said, str) else item


@mutant(kills="REQ-008", says="the real API would reject this request")
class LimitsAsInChat(OpenAIResponses):
    """Sends the limit under the chat API's name."""

    def wishes(self, request: Request) -> dict[str, Any]:
        known = super().wishes(request)
        return {**known, "max_tokens": known.pop("max_output_tokens")}


@mutant(kills="RES-014", says="tools is not sent")
class LeavesStrictToTheAPI(OpenAIResponses):
    """Does not say whether a tool is strict."""

    def function(self, tool: Tool) -> dict[str, Any]:
        return {name: value for name, value in super().function(tool).items() if name != "strict"}


@mutant(kills="RES-015", says="the real API would reject this request")
class SendsStopAsInChat(OpenAIResponses):
    """Sends stop and seed as if they were parameters."""

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        more = {"stop": list(request.stop) or None, "seed": request.seed}
        body = super().payload(replace(request, stop=(), seed=None), stream=stream)
        return {**body, **{name: value for name, value in more.items() if value is not None}}


@mutant(kills="RES-016", says="a failure was returned as an answer")
class DropsStop(OpenAIResponses):
    """Forgets the stop sequences."""

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        return super().payload(replace(request, stop=()), stream=stream)
