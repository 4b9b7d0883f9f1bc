"""Lies about what was answered."""

from __future__ import annotations

import json
import struct
from base64 import b64decode
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import httpx

from conformance.contract import Reply, ToolCall, Usage
from conformance.reference import OpenAIChat
from conformance.reference.openai_chat.stream import Answer
from tests.mutants import mutant

REFUSED = "a good answer was turned into an error"


@mutant(kills="RSP-001", says="the reply's text is wrong")
class TrimsTheAnswer(OpenAIChat):
    """Strips the white space around an answer."""

    def reply(self, data: Any) -> Reply:
        reply = super().reply(data)
        return replace(reply, text=reply.text.strip())


@mutant(kills="RSP-001", says="the reply's text is wrong")
class ReadsLatin1(OpenAIChat):
    """Takes the bytes of an answer for Latin-1, where no charset is told."""

    def decoded(self, body: bytes) -> Any:
        return super().decoded(body.decode("latin-1").encode())


@mutant(kills="RSP-001", says="a good answer was turned into an error")
class ThrowsACutAnswerAway(OpenAIChat):
    """Takes an answer that was cut at the limit for none."""

    def reply(self, data: Any) -> Reply:
        reply = super().reply(data)
        if reply.finish_reason == "length":
            raise self.malformed("an answer that was cut")
        return reply


@mutant(kills="RSP-002", says="the finish reason is wrong")
class HidesTheLimit(OpenAIChat):
    """Says "stop" of an answer that was cut at the limit."""

    def reply(self, data: Any) -> Reply:
        reply = super().reply(data)
        return replace(reply, finish_reason="stop") if reply.finish_reason == "length" else reply


@mutant(kills="RSP-002", says="the finish reason is wrong")
class CallsEveryAnswerWhole(OpenAIChat):
    """Says "stop" of every answer."""

    def reply(self, data: Any) -> Reply:
        return replace(super().reply(data), finish_reason="stop")


@mutant(kills="RSP-002", says="the finish reason is wrong")
class HidesTheFilter(OpenAIChat):
    """Says "stop" of an answer that a filter cut."""

    def reply(self, data: Any) -> Reply:
        reply = super().reply(data)
        return replace(reply, finish_reason="stop") if reply.finish_reason == "content_filter" else reply


@mutant(kills="RSP-003", says="a good answer was turned into an error")
class RejectsANewFinishReason(OpenAIChat):
    """Throws an answer away because it does not know its finish reason."""

    def reply(self, data: Any) -> Reply:
        reply = super().reply(data)
        if reply.finish_reason == "unknown" and self.choice(data).get("finish_reason"):
            raise self.malformed("an unknown finish reason")
        return reply


@mutant(kills="RSP-003", says="the finish reason is wrong")
class TakesNoFinishReasonForStop(OpenAIChat):
    """Says "stop" where the provider said nothing."""

    def reply(self, data: Any) -> Reply:
        reply = super().reply(data)
        return reply if self.choice(data).get("finish_reason") else replace(reply, finish_reason="stop")


@mutant(kills="RSP-004", says="the tool calls are not those of the wire")
class OverlooksToolCalls(OpenAIChat):
    """Reads the content of a message and nothing else."""

    def reply(self, data: Any) -> Reply:
        return replace(super().reply(data), tool_calls=())


@mutant(kills="RSP-004", says="the tool calls are not those of the wire")
class RenamesToolCalls(OpenAIChat):
    """Gives every tool call an id of its own."""

    def tool_calls(self, calls: Any) -> tuple[ToolCall, ...]:
        return tuple(replace(c, id=f"call_{i}") for i, c in enumerate(super().tool_calls(calls)))


@mutant(kills="RSP-004", says="the tool calls are not those of the wire")
class LeavesArgumentsAsText(OpenAIChat):
    """Hands on the arguments as the text that came."""

    def tool_calls(self, calls: Any) -> tuple[ToolCall, ...]:
        return tuple(replace(c, arguments=json.dumps(c.arguments)) for c in super().tool_calls(calls))  # type: ignore[arg-type]


@mutant(kills="RSP-004", says="a good answer was turned into an error")
class DemandsContentBesideACall(OpenAIChat):
    """Does not expect that the content beside a tool call is null."""

    def reply(self, data: Any) -> Reply:
        message = self.choice(data).get("message") or {}
        if message.get("tool_calls") and message.get("content") is None:
            raise self.malformed("a message without content")
        return super().reply(data)


@mutant(kills="RSP-005", says="the tool calls are not those of the wire")
class DropsCallsWithoutArguments(OpenAIChat):
    """Drops a tool call whose arguments are the empty string."""

    def tool_calls(self, calls: Any) -> tuple[ToolCall, ...]:
        return super().tool_calls(calls and [c for c in calls if c["function"]["arguments"]])


@mutant(kills="RSP-005", says="a good answer was turned into an error")
class ParsesNoArguments(OpenAIChat):
    """Takes the empty string for broken JSON."""

    def tool_calls(self, calls: Any) -> tuple[ToolCall, ...]:
        if any(c["function"]["arguments"] == "" for c in calls or ()):
            raise self.malformed("tool call arguments that are not JSON")
        return super().tool_calls(calls)


@mutant(kills="RSP-006", says="the tool calls are not those of the wire")
class ReadsTheFirstCallOnly(OpenAIChat):
    """Reads the first of several tool calls."""

    def tool_calls(self, calls: Any) -> tuple[ToolCall, ...]:
        return super().tool_calls(calls)[:1]


@mutant(kills="RSP-006", says="the reply's text is wrong")
class LosesTheTextBesideCalls(OpenAIChat):
    """Takes a message for text or for calls, never for both."""

    def reply(self, data: Any) -> Reply:
        reply = super().reply(data)
        return replace(reply, text="") if reply.tool_calls else reply


@mutant(kills="RSP-007", says="the tool calls are not those of the wire")
class LeavesACallWithoutId(OpenAIChat):
    """Hands on a tool call with an empty id."""

    def called(self, id: Any, function: Any) -> ToolCall:
        return replace(super().called(id, function), id=id or "")


@mutant(kills="RSP-007", says="a good answer was turned into an error")
class RejectsACallWithoutId(OpenAIChat):
    """Takes a tool call without an id for a malformed answer."""

    def called(self, id: Any, function: Any) -> ToolCall:
        if not id:
            raise self.malformed("a tool call without an id")
        return super().called(id, function)


@mutant(kills="RSP-008", says="a good answer was turned into an error")
class RejectsParts(OpenAIChat):
    """Expects content to be a string."""

    def text(self, content: Any) -> str:
        if isinstance(content, list):
            raise self.malformed("content that is a list")
        return super().text(content)


@mutant(kills="RSP-008", says="the reply's text is wrong")
class ReadsTheFirstPartOnly(OpenAIChat):
    """Reads the first part of a content and no more."""

    def text(self, content: Any) -> str:
        return super().text(content[:1] if isinstance(content, list) else content)


@mutant(kills="RSP-009", says="the refusal is wrong")
class SwallowsTheRefusal(OpenAIChat):
    """Returns an empty answer where the model refused."""

    def reply(self, data: Any) -> Reply:
        return replace(super().reply(data), refusal=None)


@mutant(kills="RSP-010", says="the token usage is wrong")
class SubtractsCachedTokens(OpenAIChat):
    """Leaves the cached tokens out of the count of the prompt's."""

    def reply(self, data: Any) -> Reply:
        reply = super().reply(data)
        if reply.usage is None or reply.usage.input_tokens is None:
            return reply
        cached = (data["usage"].get("prompt_tokens_details") or {}).get("cached_tokens", 0)
        return replace(reply, usage=replace(reply.usage, input_tokens=reply.usage.input_tokens - cached))


@mutant(kills="RSP-010", says="the token usage is wrong")
class SwapsTheCounts(OpenAIChat):
    """Takes the prompt's tokens for the answer's."""

    def reply(self, data: Any) -> Reply:
        reply = super().reply(data)
        usage = reply.usage and Usage(reply.usage.output_tokens, reply.usage.input_tokens, reply.usage.total_tokens)
        return replace(reply, usage=usage)


@mutant(kills="RSP-011", says="the token usage is wrong")
class CountsNothingAsZero(OpenAIChat):
    """Says zero where no usage was reported."""

    def reply(self, data: Any) -> Reply:
        reply = super().reply(data)
        return replace(reply, usage=reply.usage or Usage(0, 0, 0))


@mutant(kills="RSP-011", says="the token usage is wrong")
class CountsAMissingCountAsZero(OpenAIChat):
    """Says zero for a count that a usage lacks."""

    def count(self, value: Any) -> int | None:
        return super().count(value) or 0


@mutant(kills="RSP-012", says="a good answer was turned into an error")
class RejectsFieldsThatItDoesNotKnow(OpenAIChat):
    """Validates a message strictly, against the fields of the day it was written."""

    def reply(self, data: Any) -> Reply:
        reply = super().reply(data)
        if {"annotations", "audio"} & set(data["choices"][0]["message"]):
            raise self.malformed("extra fields are not permitted")
        return reply


@mutant(kills="RSP-013", says="a good answer was turned into an error")
class DemandsAnId(OpenAIChat):
    """Takes an answer without an id for a malformed one."""

    def reply(self, data: Any) -> Reply:
        reply = super().reply(data)
        if reply.id is None:
            raise self.malformed("an answer without an id")
        return reply


@mutant(kills="RSP-013", says="a good answer was turned into an error")
class DemandsTheRole(OpenAIChat):
    """Takes a message that does not say that it is the assistant's for a malformed one."""

    def reply(self, data: Any) -> Reply:
        reply = super().reply(data)
        if data["choices"][0]["message"].get("role") != "assistant":
            raise self.malformed("a message without a role")
        return reply


@mutant(kills="RSP-014", says="a good answer was turned into an error")
class LooksAtTheFirstByte(OpenAIChat):
    """Takes a body that does not begin with a brace for no JSON."""

    def decoded(self, body: bytes) -> Any:
        if not body.startswith(b"{"):
            raise self.malformed("an answer that is not JSON")
        return super().decoded(body)


@mutant(kills="RSP-015", says="a good answer was turned into an error")
class IteratesOverNullCalls(OpenAIChat):
    """Takes tool_calls for a list wherever the key is there."""

    def reply(self, data: Any) -> Reply:
        message = self.choice(data).get("message") or {}
        list(message.get("tool_calls", []))
        return super().reply(data)


@mutant(kills="RSP-015", says="a good answer was turned into an error")
class ReadsTheFirstOfNoCalls(OpenAIChat):
    """Takes a list of tool calls for one that has a first."""

    def tool_calls(self, calls: Any) -> tuple[ToolCall, ...]:
        if calls == []:
            raise self.malformed("a tool call without a function name")
        return super().tool_calls(calls)


@mutant(kills="RSP-016", says="a good answer was turned into an error")
class TakesAnEmptyAnswerForAFailure(OpenAIChat):
    """Raises where the model had nothing to say."""

    def reply(self, data: Any) -> Reply:
        reply = super().reply(data)
        if not (reply.text or reply.tool_calls or reply.refusal):
            raise self.malformed("an empty answer")
        return reply


@mutant(kills="RSP-017", says="the reply's text is wrong")
class PutsThoughtsIntoTheText(OpenAIChat):
    """Puts the reasoning before the answer, in tags."""

    def reply(self, data: Any) -> Reply:
        reply = super().reply(data)
        return replace(reply, text=f"<think>{reply.reasoning}</think>{reply.text}") if reply.reasoning else reply


@mutant(kills="RSP-018", says="the reasoning is wrong")
class ForgetsTheReasoning(OpenAIChat):
    """Keeps the reasoning to itself."""

    def reply(self, data: Any) -> Reply:
        return replace(super().reply(data), reasoning=None)


@mutant(kills="RSP-018", says="the reasoning is wrong")
class KnowsOneNameOfReasoning(OpenAIChat):
    """Reads reasoning_content and not reasoning."""

    def reply(self, data: Any) -> Reply:
        reply = super().reply(data)
        return replace(reply, reasoning=self.choice(data)["message"].get("reasoning_content"))


@mutant(kills="RSP-019", says="the model's name is wrong")
class TellsTheModelThatWasAsked(OpenAIChat):
    """Says that the model that was asked has answered."""

    def reply(self, data: Any) -> Reply:
        return replace(super().reply(data), model=self.model)


@mutant(kills="RSP-019", says="the reply's id is wrong")
class LosesTheId(OpenAIChat):
    """Does not keep the provider's id."""

    def reply(self, data: Any) -> Reply:
        return replace(super().reply(data), id=None)


@mutant(kills="RSP-019", says="the reply's id is wrong")
class LosesTheIdOfAStream(OpenAIChat):
    """Does not keep the id that all events of a stream bear."""

    def finished(self, answer: Answer) -> Reply:
        return replace(super().finished(answer), id=None)


@mutant(kills="RSP-020", says="the embeddings are wrong")
class TakesVectorsAsTheyCome(OpenAIChat):
    """Ignores the index of a vector."""

    def rows(self, data: Any) -> list[dict[str, Any]]:
        return [{**row, "index": None} for row in super().rows(data)]


@mutant(kills="RSP-021", says="a good answer was turned into an error")
class ReadsListsOfNumbersOnly(OpenAIChat):
    """Does not know vectors in base64."""

    def vector(self, value: Any) -> Sequence[float]:
        return super().vector(None if isinstance(value, str) else value)


@mutant(kills="RSP-021", says="the embeddings are wrong")
class ReadsBigEndian(OpenAIChat):
    """Reads vectors in base64 in the byte order of the network."""

    def vector(self, value: Any) -> Sequence[float]:
        return struct.unpack(">2f", b64decode(value)) if isinstance(value, str) else super().vector(value)


@mutant(kills="RSP-022", says="the model list is wrong")
class CutsTheVendorOffModelIds(OpenAIChat):
    """Lists what stands after the slash of an id."""

    def model_ids(self, data: Any) -> list[str]:
        return [id.rpartition("/")[2] for id in super().model_ids(data)]


@mutant(kills="RSP-022", says="the model list is wrong")
class ListsTheFamiliesThatItKnows(OpenAIChat):
    """Leaves out models whose names it does not know."""

    def model_ids(self, data: Any) -> list[str]:
        return [id for id in super().model_ids(data) if id.startswith(("gpt-", "kit-"))]


@mutant(kills="RSP-003", says="a good answer was turned into an error")
class KnowsAllReasonsOfAStream(OpenAIChat):
    """Takes a stream for broken whose finish reason it does not know."""

    def finished(self, answer: Answer) -> Reply:
        if answer.finish not in (None, "stop", "length", "tool_calls", "content_filter", "function_call"):
            raise self.malformed(f"a finish reason {answer.finish!r}")
        return super().finished(answer)


# --- what is no error ----------------------------------------------------------------------------


@mutant(kills="RSP-024", says=REFUSED)
class LooksForErrors(OpenAIChat):
    """Takes an answer with the word Error in it for an error."""

    def decoded(self, body: bytes) -> Any:
        if b"Error" in body:
            raise self.error(None, {}, body)
        return super().decoded(body)


@mutant(kills="RSP-024", says=REFUSED)
class LooksForErrorsInTheText(OpenAIChat):
    """Takes a text that is an error in JSON for one."""

    def reply(self, data: Any) -> Reply:
        reply = super().reply(data)
        with suppress(ValueError):
            if "error" in json.loads(reply.text):
                raise self.in_band(json.loads(reply.text))
        return reply


@mutant(kills="RSP-024", says=REFUSED)
class LooksForErrorsInAStream(OpenAIChat):
    """Takes an event with the word Error in it for an error."""

    def load(self, data: bytes) -> dict[str, Any]:
        return {"error": {"message": "Error"}} if b"Error" in data else super().load(data)


@mutant(kills="RSP-025", says=REFUSED)
class TrustsTheLabelOfAReply(OpenAIChat):
    """Reads only what is labelled as JSON."""

    async def answered(self, method: str, path: str, body: dict[str, Any] | None) -> httpx.Response:
        response = await super().answered(method, path, body)
        if not response.headers.get("content-type", "application/json").startswith("application/json"):
            raise self.malformed("an answer that is not called JSON")
        return response


# --- what is no text -----------------------------------------------------------------------------


@mutant(kills="RSP-026", says="the refusal is wrong")
class SaysTheRefusal(OpenAIChat):
    """Puts a refusal into the text, where nothing tells it from an answer."""

    def reply(self, data: Any) -> Reply:
        return as_text(super().reply(data))


@mutant(kills="RSP-026", says="the refusal is wrong")
class SaysTheRefusalOfAStream(OpenAIChat):
    """Puts a refusal into the text of a stream's reply."""

    def finished(self, answer: Answer) -> Reply:
        return as_text(super().finished(answer))


def as_text(reply: Reply) -> Reply:
    return replace(reply, text=reply.text or reply.refusal or "", refusal=None)
