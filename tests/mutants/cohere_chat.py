"""Lies of adapters for Cohere's chat API."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar

from conformance.contract import (
    ErrorKind,
    Event,
    FinishReason,
    Message,
    ProviderError,
    Reply,
    Request,
    TextDelta,
    Tool,
    Usage,
)
from conformance.reference import CohereChat
from conformance.reference.cohere_chat.stream import Answer
from tests.mutants import mutant

REJECTED = "the real API would reject this request"
WRONG_TEXT = "the reply's text is wrong"
WRONG_USAGE = "the token usage is wrong"
TAKEN = "was returned as an answer"


# --- what is asked -----------------------------------------------------------------------------


@mutant(kills="COH-001", says=REJECTED)
class CohereSpeaksOpenAI(CohereChat):
    """Sends the options under the names that OpenAI has for them."""

    def options(self, request: Request) -> dict[str, Any]:
        options = super().options(request)
        return {**options, "top_p": options.pop("p"), "stop": options.pop("stop_sequences")}


@mutant(kills="COH-002", says=REJECTED)
class CohereToolsAreStrict(CohereChat):
    """Sends tools with the field strict, as OpenAI has it."""

    def tool(self, tool: Tool) -> dict[str, Any]:
        wire = super().tool(tool)
        wire["function"]["strict"] = True
        return wire


@mutant(kills="COH-008", says=REJECTED)
class CohereToolChoiceInSmallLetters(CohereChat):
    """Sends the choice of a tool in OpenAI's words."""

    def tools(self, request: Request) -> dict[str, Any]:
        body = super().tools(request)
        return {**body, "tool_choice": request.tool_choice} if request.tool_choice else body


@mutant(kills="COH-008", says="tool_choice is not sent")
class CohereForgetsTheChoice(CohereChat):
    """Leaves the choice of a tool out."""

    def tools(self, request: Request) -> dict[str, Any]:
        return super().tools(replace(request, tool_choice=None))


@mutant(kills="COH-010", says="not refused")
class CohereTakesToolsAndASchema(CohereChat):
    """Sends tools and a schema together, for the API to reject."""

    def tools(self, request: Request) -> dict[str, Any]:
        return super().tools(replace(request, response_schema=None))


@mutant(kills="COH-015", says=REJECTED)
class CohereEmbedsForNothing(CohereChat):
    """Does not say what the embeddings are for."""

    def embeddings_asked(self, texts: Any, model: str) -> list[dict[str, Any]]:
        asked = super().embeddings_asked(texts, model)
        return [{k: v for k, v in a.items() if k != "input_type"} for a in asked]


@mutant(kills="COH-015", says="turned into an error")
class CohereReadsEmbeddingsOfVersionOne(CohereChat):
    """Looks for the vectors where version 1 had them."""

    def vectors(self, data: Any, wanted: int) -> list[list[float]]:
        if not isinstance(data.get("embeddings"), list):
            raise self.malformed("an answer without embeddings")
        return super().vectors({"embeddings": {"float": data["embeddings"]}}, wanted)


@mutant(kills="COH-016", says=REJECTED)
class CohereEmbedsAHundred(CohereChat):
    """Puts all texts into one request."""

    def embeddings_asked(self, texts: Any, model: str) -> list[dict[str, Any]]:
        return [{**super().embeddings_asked([], model)[0], "texts": list(texts)}]


@mutant(kills="COH-017", says="the model list is wrong")
class CohereReadsOnePage(CohereChat):
    """Takes the first page of models for all of them."""

    def next_page(self, data: dict[str, Any]) -> str | None:
        return None


@mutant(kills="COH-022", says="messages is not sent as asked")
class CohereResultsHaveNoIds(CohereChat):
    """Gives all results of tools to the last call."""

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        body, last = super().payload(request, stream=stream), None
        for message in body["messages"]:
            last = message["tool_calls"][-1]["id"] if "tool_calls" in message else last
            if message["role"] == "tool":
                message["tool_call_id"] = last
        return body


@mutant(kills="COH-022", says=REJECTED)
class CohereResultsAreObjects(CohereChat):
    """Sends the result of a tool as the object that it is the text of."""

    def message(self, message: Message) -> dict[str, Any]:
        wire = super().message(message)
        if message.role == "tool" and str(message.content).startswith("{"):
            wire["content"] = json.loads(str(message.content))
        return wire


# --- what comes --------------------------------------------------------------------------------


@mutant(kills="COH-003", says="the finish reason is wrong")
class CohereKnowsNoStopSequences(CohereChat):
    """Knows one reason less than the API has."""

    def finish(self, value: Any) -> FinishReason:
        return "unknown" if value == "STOP_SEQUENCE" else super().finish(value)


@mutant(kills="COH-003", says="the finish reason is wrong")
class CohereReadsReasonsInSmallLetters(CohereChat):
    """Looks for OpenAI's finish reasons."""

    def finish(self, value: Any) -> FinishReason:
        words: dict[Any, FinishReason] = {"stop": "stop", "length": "length", "tool_calls": "tool_calls"}
        return words.get(value, "stop")


@mutant(kills="COH-004", says=TAKEN)
class CohereErrorsAreEnds(CohereChat):
    """Takes a stream that ended with ERROR for one that ended."""

    def message_end(self, answer: Answer, delta: Any) -> None:
        answer.finish, answer.usage, answer.ended = delta.get("finish_reason"), delta.get("usage"), True


@mutant(kills="COH-004", says=TAKEN)
class CohereTimeoutsAreLengths(CohereChat):
    """Takes an answer that was not ready in time for one that was cut by its limit."""

    def reply(self, data: Any) -> Reply:
        late = isinstance(data, dict) and data.get("finish_reason") == "TIMEOUT"
        return super().reply({**data, "finish_reason": "MAX_TOKENS"} if late else data)


@mutant(kills="COH-005", says="the provider's own message is lost")
class CohereEndsWithoutWords(CohereChat):
    """Says of a failed generation only that it failed."""

    def failed(self, finish: Any, message: Any) -> ProviderError:
        return super().failed(finish, None)


@mutant(kills="COH-006", says=WRONG_USAGE)
class CohereMixesItsCounts(CohereChat):
    """Takes what is billed of the input, and what is told of the output."""

    def usage(self, usage: Any) -> Usage | None:
        told = super().usage(usage)
        billed = usage.get("billed_units") if isinstance(usage, dict) else None
        return replace(told, input_tokens=self.count(billed.get("input_tokens"))) if told and billed else told


@mutant(kills="COH-007", says=WRONG_USAGE)
class CohereCountsTheBill(CohereChat):
    """Takes what is billed for what the model read and wrote."""

    def usage(self, usage: Any) -> Usage | None:
        billed = usage.get("billed_units") if isinstance(usage, dict) else None
        return super().usage({"tokens": billed} if billed else usage)


@mutant(kills="COH-009", says=WRONG_TEXT)
class CohereShowsItsPlan(CohereChat):
    """Puts the plan of tool calls into the text of a reply."""

    def reply(self, data: Any) -> Reply:
        reply = super().reply(data)
        return replace(reply, text=(data["message"].get("tool_plan") or "") + reply.text)


@mutant(kills="COH-009", says=WRONG_TEXT)
class CohereStreamsItsPlan(CohereChat):
    """Delivers the plan of tool calls as text."""

    def told(self, answer: Answer, event: dict[str, Any]) -> Iterator[Event]:
        if event.get("type") == "tool-plan-delta":
            answer.text.append(event["delta"]["message"]["tool_plan"])
            yield TextDelta(answer.text[-1])
        yield from super().told(answer, event)


@mutant(kills="COH-011", says=WRONG_TEXT)
class CohereQuotesTwice(CohereChat):
    """Delivers the text of a citation again."""

    def told(self, answer: Answer, event: dict[str, Any]) -> Iterator[Event]:
        if event.get("type") == "citation-start":
            answer.text.append(event["delta"]["message"]["citations"]["text"])
            yield TextDelta(answer.text[-1])
        yield from super().told(answer, event)


@mutant(kills="COH-011", says="a good answer was turned into an error")
class CohereKnowsEveryEvent(CohereChat):
    """Fails at an event of a kind that it does not know."""

    known = ("message-", "content-start", "content-delta", "content-end", "tool-", "citation-", "debug", "ping")

    def told(self, answer: Answer, event: dict[str, Any]) -> Iterator[Event]:
        if not str(event.get("type")).startswith(self.known):
            raise self.malformed("an event that is not known")
        yield from super().told(answer, event)


@mutant(kills="COH-018", says=WRONG_TEXT)
class CohereReadsTheFirstPart(CohereChat):
    """Takes the first part of the content for all of it."""

    def parts(self, content: Any) -> list[dict[str, Any]]:
        return super().parts(content)[:1]


@mutant(kills="COH-018", says=WRONG_TEXT)
class CohereReadsTheFirstBlock(CohereChat):
    """Takes the first block of a stream for all of it."""

    def told(self, answer: Answer, event: dict[str, Any]) -> Iterator[Event]:
        if event.get("type") != "content-delta" or not event.get("index"):
            yield from super().told(answer, event)


@mutant(kills="COH-019", says="a good answer was turned into an error")
class CohereCountsOnIndexes(CohereChat):
    """Fails at an event that does not tell its index."""

    def told(self, answer: Answer, event: dict[str, Any]) -> Iterator[Event]:
        if str(event.get("type")).startswith("content-") and "index" not in event:
            raise self.malformed("an event without an index")
        yield from super().told(answer, event)


@mutant(kills="COH-020", says=WRONG_TEXT)
class CohereGoesByTheEventName(CohereChat):
    """Skips an event without a name."""

    def is_ours(self, name: str) -> bool:
        return bool(name) and super().is_ours(name)


@mutant(kills="COH-021", says=WRONG_USAGE)
class CohereCountsIntegersOnly(CohereChat):
    """Overlooks counts that come as floats."""

    def count(self, value: Any) -> int | None:
        return super().count(value) if isinstance(value, int) else None


# --- errors ------------------------------------------------------------------------------------


@mutant(kills="COH-012", says="the error is of kind server")
class CohereTriesBlockedPromptsAgain(CohereChat):
    """Takes a status that is no registered one for a fault of the server."""

    def kind(self, status: int | None, codes: list[str], text: str) -> ErrorKind:
        return "server" if status == 498 else super().kind(status, codes, text)


@mutant(kills="COH-013", says="the provider's own message is lost")
class CohereLooksForAnErrorObject(CohereChat):
    """Reads the message of an error only inside an object `error`."""

    def describe(self, body: bytes) -> tuple[str, list[str]]:
        text, codes = super().describe(body)
        return (text if b'"error"' in body else "something went wrong"), codes


@mutant(kills="COH-014", says="the error is of kind auth")
class CohereTrialKeysAreWrong(CohereChat):
    """Takes an error that speaks of a key for one about the key."""

    def kind(self, status: int | None, codes: list[str], text: str) -> ErrorKind:
        return "auth" if "Trial key" in text else super().kind(status, codes, text)


@mutant(kills="COH-023", says="the error is of kind invalid_request")
class CohereBlamesTheHostForCancelling(CohereChat):
    """Takes every status between 400 and 499 for the host's own fault."""

    def kind(self, status: int | None, codes: list[str], text: str) -> ErrorKind:
        return "invalid_request" if status == 499 else super().kind(status, codes, text)


# --- what is demanded in every protocol, and goes wrong in this one ------------------------------


@mutant(kills="STR-007", says="returned as an answer")
class CohereForgetsTheMessageEnd(CohereChat):
    """Takes the end of the connection for the end of the message."""

    def finished(self, answer: Answer) -> Reply:
        answer.ended = True
        return super().finished(answer)


@mutant(kills="STR-027", says=WRONG_TEXT)
class CohereThinksAloud(CohereChat):
    """Delivers thinking as text."""

    def said(self, answer: Answer, content: dict[str, Any]) -> Iterator[Event]:
        yield from super().said(answer, {"text": content.get("thinking") or content.get("text")})


@mutant(kills="STR-020", says="a good answer was turned into an error")
class CohereReadsOnlyPieces(CohereChat):
    """Reads the arguments of a call from the pieces after its start alone."""

    def call_start(self, answer: Answer, index: Any, call: dict[str, Any]) -> None:
        super().call_start(answer, index, call)
        answer.calls[index].arguments.clear()

    def arguments(self, value: Any) -> dict[str, Any]:
        if value == "":
            raise self.malformed("tool call arguments that are not a JSON object")
        return super().arguments(value)


@mutant(kills="ERR-008", says="the error is of kind invalid_request")
class CohereKnowsNoContext(CohereChat):
    """Takes a prompt that does not fit for a request that is wrong."""

    by_code: ClassVar[Mapping[str, ErrorKind]] = {}

    def kind(self, status: int | None, codes: list[str], text: str) -> ErrorKind:
        return "invalid_request" if status == 400 else super().kind(status, codes, text)


@mutant(kills="ERR-020", says="a failure was returned as an answer")
class CohereTakesAMessageForAnAnswer(CohereChat):
    """Takes an error under status 200, which has a message too, for an answer."""

    def decoded(self, body: bytes) -> Any:
        data = json.loads(body)
        if isinstance(data, dict) and isinstance(data.get("message"), str):
            return {"message": {"content": data["message"]}, "finish_reason": "COMPLETE"}
        return super().decoded(body)
