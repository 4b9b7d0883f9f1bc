"""Lies about tools."""

from __future__ import annotations

import json
import re
import unicodedata
import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from conformance.contract import Event, Message, Reply, Request, Tool, ToolCall
from conformance.reference import OpenAIChat
from conformance.reference.openai_chat.stream import Answer
from tests.mutants import mutant

WRONG = "the tool calls are not those of the wire"


@mutant(kills="TOL-001", says="a good answer was turned into an error")
class GoesByTheIndexAlone(OpenAIChat):
    """Takes a new id at a known index for a piece of the same call."""

    def call_piece(self, answer: Answer, piece: Any) -> None:
        known = answer.by_index.get(piece.get("index"))
        super().call_piece(answer, {**piece, "id": known.id} if known else piece)


@mutant(kills="TOL-002", says=WRONG)
class CountsFromZero(OpenAIChat):
    """Overlooks a call whose index is below zero."""

    def call_piece(self, answer: Answer, piece: Any) -> None:
        if (piece.get("index") or 0) >= 0:
            super().call_piece(answer, piece)


@mutant(kills="TOL-003", says=WRONG)
class JoinsIds(OpenAIChat):
    """Takes an id that is repeated for the next piece of it."""

    def call_piece(self, answer: Answer, piece: Any) -> None:
        known = answer.by_index.get(piece.get("index"))
        if known and piece.get("id") and known.id.startswith(piece["id"]):
            known.id, piece = known.id + piece["id"], {**piece, "id": None}
        super().call_piece(answer, piece)


@mutant(kills="TOL-004", says=WRONG)
class JoinsNames(OpenAIChat):
    """Takes a name that is repeated for the next piece of it."""

    def call_piece(self, answer: Answer, piece: Any) -> None:
        known = answer.by_index.get(piece.get("index"))
        super().call_piece(answer, piece)
        if known:
            known.name += piece["function"].get("name") or ""


@mutant(kills="TOL-005", says="a good answer was turned into an error")
class ReadsArgumentsOnlyAsText(OpenAIChat):
    """Reads arguments only where they are the text of an object."""

    def arguments(self, value: Any) -> dict[str, Any]:
        if isinstance(value, dict):
            raise self.malformed("arguments that are no text")
        return super().arguments(value)


@mutant(kills="TOL-006", says=WRONG)
class TrustsTheFinishReason(OpenAIChat):
    """Delivers calls only where the finish reason speaks of them."""

    def reply(self, data: Any) -> Reply:
        reply = super().reply(data)
        return replace(reply, tool_calls=()) if reply.finish_reason == "stop" else reply


@mutant(kills="TOL-006", says=WRONG)
class TrustsTheFinishReasonOfAStream(OpenAIChat):
    """Delivers the calls of a stream only where the finish reason speaks of them."""

    def finished(self, answer: Answer) -> Reply:
        reply = super().finished(answer)
        return replace(reply, tool_calls=()) if reply.finish_reason == "stop" else reply


@mutant(kills="TOL-007", says="the reply's text is wrong")
class FallsSilentAfterACall(OpenAIChat):
    """Overlooks the text that comes after a tool call."""

    def delta(self, answer: Answer, delta: Any) -> Iterator[Event]:
        return super().delta(answer, {**delta, "content": None} if answer.calls and delta else delta)


@mutant(kills="TOL-007", says="a good answer was turned into an error")
class CountsOnAContent(OpenAIChat):
    """Takes a message without the key content for none."""

    def reply(self, data: Any) -> Reply:
        if "content" not in (self.choice(data).get("message") or {"content": None}):
            raise self.malformed("a message without content")
        return super().reply(data)


@mutant(kills="TOL-008", says=WRONG)
class NormalisesArguments(OpenAIChat):
    """Rewrites the characters of arguments in their compatible form."""

    def arguments(self, value: Any) -> dict[str, Any]:
        text = json.dumps(super().arguments(value), ensure_ascii=False)
        return dict(json.loads(unicodedata.normalize("NFKC", text)))


@mutant(kills="TOL-008", says=WRONG)
class FlattensArguments(OpenAIChat):
    """Leaves what is nested in arguments as text."""

    def arguments(self, value: Any) -> dict[str, Any]:
        flat = super().arguments(value)
        return {k: json.dumps(v) if isinstance(v, dict) else v for k, v in flat.items()}


@mutant(kills="TOL-009", says=WRONG)
class CountsInFloats(OpenAIChat):
    """Reads every number of arguments as a float."""

    def arguments(self, value: Any) -> dict[str, Any]:
        return dict(json.loads(json.dumps(super().arguments(value)), parse_int=float))


@mutant(kills="TOL-010", says=WRONG)
class CountsSmallNumbersInFloats(OpenAIChat):
    """Reads the numbers of arguments as floats where that keeps their value."""

    def arguments(self, value: Any) -> dict[str, Any]:
        def number(text: str) -> float:
            return float(text) if float(text) == int(text) else int(text)

        return dict(json.loads(json.dumps(super().arguments(value)), parse_int=number))


@mutant(kills="TOL-011", says=WRONG)
class SortsCalls(OpenAIChat):
    """Sorts the calls of an answer by their names."""

    def reply(self, data: Any) -> Reply:
        reply = super().reply(data)
        return replace(reply, tool_calls=sorted(reply.tool_calls, key=lambda c: c.name))


@mutant(kills="TOL-011", says=WRONG)
class ReversesCalls(OpenAIChat):
    """Delivers the calls of a stream from the last to the first where there are more than two."""

    def finished(self, answer: Answer) -> Reply:
        reply = super().finished(answer)
        return replace(reply, tool_calls=reply.tool_calls[::-1]) if len(reply.tool_calls) > 2 else reply


@mutant(kills="TOL-012", says="messages is not sent as asked")
class KnowsOnlyItsOwnIds(OpenAIChat):
    """Writes ids in the history that do not look like OpenAI's anew."""

    def message(self, message: Message) -> dict[str, Any]:
        wire = super().message(message)
        if message.tool_call_id is not None:
            wire["tool_call_id"] = self.own(message.tool_call_id)
        return wire

    def tool_call(self, call: ToolCall) -> dict[str, Any]:
        return super().tool_call(replace(call, id=self.own(call.id)))

    def own(self, id: str) -> str:
        return id if id.startswith("call_") else "call_" + "".join(c for c in id if c.isalnum())


@mutant(kills="TOL-013", says="the real API would reject this request")
class DropsEmptyResults(OpenAIChat):
    """Leaves messages without a content out."""

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        said = [m for m in request.messages if m.content or m.tool_calls]
        return super().payload(replace(request, messages=said), stream=stream)


@mutant(kills="TOL-014", says="tools is not sent as asked")
class ReplacesDashes(OpenAIChat):
    """Writes the names of tools with underscores only."""

    def tool(self, tool: Tool) -> dict[str, Any]:
        return super().tool(replace(tool, name=tool.name.replace("-", "_")))


@mutant(kills="TOL-014", says=WRONG)
class ShortensNames(OpenAIChat):
    """Cuts the names of called tools at sixty characters."""

    def called(self, id: Any, function: Any) -> ToolCall:
        call = super().called(id, function)
        return replace(call, name=call.name[:60])


@mutant(kills="TOL-015", says="tools is sent although there is none")
class SendsNoToolsAsAList(OpenAIChat):
    """Sends an empty list of tools."""

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        return {"tools": [], **super().payload(request, stream=stream)}


@mutant(kills="TOL-015", says="tool_choice is sent although there is none")
class AlwaysChooses(OpenAIChat):
    """Sends a choice of tool where there are no tools."""

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        return {"tool_choice": "auto", **super().payload(request, stream=stream)}


@mutant(kills="TOL-020", says="the finish reason is wrong")
class EndsWithItsCalls(OpenAIChat):
    """Says tool_calls of every answer that has some, of one that was cut too."""

    def reply(self, data: Any) -> Reply:
        reply = super().reply(data)
        return replace(reply, finish_reason="tool_calls") if reply.tool_calls else reply


@mutant(kills="TOL-020", says="the finish reason is wrong")
class EndsAStreamWithItsCalls(OpenAIChat):
    """Says tool_calls of every stream that has some, of one that was cut too."""

    def finished(self, answer: Answer) -> Reply:
        reply = super().finished(answer)
        return replace(reply, finish_reason="tool_calls") if reply.tool_calls else reply


@mutant(kills="TOL-018", says="tool calls of two replies have one id")
class CountsItsCallsAnew(OpenAIChat):
    """Gives calls that came without an id their place in the reply for one."""

    def tool_calls(self, calls: Any) -> tuple[ToolCall, ...]:
        made = super().tool_calls(calls)
        told = [bool(c.get("id")) for c in calls or ()]
        return tuple(
            c if has else replace(c, id=f"call_{n}") for n, (c, has) in enumerate(zip(made, told, strict=True))
        )


@mutant(kills="TOL-017", says=WRONG)
class MendsNamesOneWay(OpenAIChat):
    """Mends the name of a tool, no two alike, and gives the host the mended one."""

    def named(self, tool: Tool) -> str:
        if re.fullmatch(self.tool_names, tool.name):
            return tool.name
        return f"{re.sub(r'[^a-zA-Z0-9_-]', '_', tool.name)[:55]}_{zlib.crc32(tool.name.encode()):08x}"


@mutant(kills="TOL-019", says=WRONG)
class CallsOnceWhatIsEqual(OpenAIChat):
    """Takes calls of one tool with equal arguments for one call."""

    def reply(self, data: Any) -> Reply:
        return once(super().reply(data))


@mutant(kills="TOL-019", says=WRONG)
class CallsOnceWhatIsEqualInAStream(OpenAIChat):
    """Takes calls of one tool with equal arguments, in a stream, for one call."""

    def finished(self, answer: Answer) -> Reply:
        return once(super().finished(answer))


def once(reply: Reply) -> Reply:
    told = {(call.name, json.dumps(call.arguments, sort_keys=True)): call for call in reversed(reply.tool_calls)}
    return replace(reply, tool_calls=tuple(call for call in reply.tool_calls if call in told.values()))
