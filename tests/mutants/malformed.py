"""Lies about answers that are none."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

import httpx

from conformance.contract import Embeddings, Event, ProviderError, ToolCall
from conformance.reference import OpenAIChat
from conformance.reference.openai_chat.stream import Answer, Call
from tests.mutants import mutant

EMPTY = {"choices": [{"message": {}, "finish_reason": "stop"}]}


@mutant(kills="MAL-001", says="a failure was returned as an answer")
class TakesAPageForAnAnswer(OpenAIChat):
    """Returns a page of HTML as the model's text."""

    def decoded(self, body: bytes) -> Any:
        if body.startswith(b"<"):
            return {"choices": [{"message": {"content": body.decode()}}]}
        return super().decoded(body)


@mutant(kills="MAL-001", says="JSONDecodeError escaped")
class LetsTheJsonErrorEscape(OpenAIChat):
    """Parses a body without a thought that it might be no JSON."""

    def decoded(self, body: bytes) -> Any:
        json.loads(body.decode("utf-8", "replace"))
        return super().decoded(body)


@mutant(kills="MAL-002", says="a failure was returned as an answer")
class TakesNothingForAnEmptyAnswer(OpenAIChat):
    """Returns an empty reply for an empty body."""

    def decoded(self, body: bytes) -> Any:
        return super().decoded(body) if body.strip() else EMPTY


@mutant(kills="MAL-003", says="a failure was returned as an answer")
class MakesDoWithHalfOfTheJson(OpenAIChat):
    """Returns an empty reply for JSON that breaks off."""

    def decoded(self, body: bytes) -> Any:
        return EMPTY if body[:1] == b"{" and body[-1:] != b"}" else super().decoded(body)


@mutant(kills="MAL-004", says="AttributeError escaped")
class TakesAllJsonForAnObject(OpenAIChat):
    """Looks for keys in whatever the JSON is."""

    def choice(self, data: Any) -> dict[str, Any]:
        data.get("choices")
        return super().choice(data)


@mutant(kills="MAL-004", says="a failure was returned as an answer")
class TakesAListForTheChoices(OpenAIChat):
    """Reads a list as if it were the choices."""

    def decoded(self, body: bytes) -> Any:
        data = super().decoded(body)
        return {"choices": data} if isinstance(data, list) else data


@mutant(kills="MAL-005", says="IndexError escaped")
class LetsAnIndexErrorEscape(OpenAIChat):
    """Takes the first of the choices without a look whether there is one."""

    def choice(self, data: Any) -> dict[str, Any]:
        if isinstance(data, dict) and isinstance(data.get("choices"), list):
            data["choices"][0]
        return super().choice(data)


@mutant(kills="MAL-005", says="KeyError escaped")
class LetsAKeyErrorEscape(OpenAIChat):
    """Reads the choices without a look whether they are there."""

    def choice(self, data: Any) -> dict[str, Any]:
        return super().choice({"choices": data["choices"]} if isinstance(data, dict) else data)


@mutant(kills="MAL-005", says="a failure was returned as an answer")
class TakesNoChoicesForAnEmptyAnswer(OpenAIChat):
    """Returns an empty reply where there are no choices."""

    def choice(self, data: Any) -> dict[str, Any]:
        none = isinstance(data, dict) and "choices" in data and not data["choices"]
        return super().choice(EMPTY if none else data)


@mutant(kills="MAL-006", says="a failure was returned as an answer")
class TakesNoMessageForAnEmptyOne(OpenAIChat):
    """Returns an empty reply where a choice has no message."""

    def choice(self, data: Any) -> dict[str, Any]:
        choice = super().choice(data)
        return {**choice, "message": choice.get("message") or {}}


@mutant(kills="MAL-006", says="KeyError escaped")
class CountsOnTheMessage(OpenAIChat):
    """Reads the message of a choice without a look whether it is there."""

    def choice(self, data: Any) -> dict[str, Any]:
        choice = super().choice(data)
        return {**choice, "message": choice["message"]}


@mutant(kills="MAL-007", says="a failure was returned as an answer")
class HandsOnAnyContent(OpenAIChat):
    """Hands on the content as it is, text or not."""

    def text(self, content: Any) -> str:
        return content if isinstance(content, int) else super().text(content)  # type: ignore[return-value]


@mutant(kills="MAL-007", says="a failure was returned as an answer")
class TakesANumberForNothing(OpenAIChat):
    """Returns an empty text for content that is none."""

    def text(self, content: Any) -> str:
        return super().text(content if isinstance(content, str | list) else None)


@mutant(kills="MAL-008", says="a failure was returned as an answer")
class HandsOnAnyArguments(OpenAIChat):
    """Hands on arguments that are JSON and no object."""

    def arguments(self, value: Any) -> dict[str, Any]:
        if isinstance(value, str) and value.startswith("["):
            return json.loads(value)  # type: ignore[no-any-return]
        return super().arguments(value)


@mutant(kills="MAL-008", says="a failure was returned as an answer")
class TakesCutArgumentsForNone(OpenAIChat):
    """Calls a function without arguments where they are cut."""

    def tool_calls(self, calls: Any) -> tuple[ToolCall, ...]:
        try:
            return super().tool_calls(calls)
        except ProviderError:
            return tuple(ToolCall(c["id"], c["function"]["name"]) for c in calls)


@mutant(kills="MAL-008", says="JSONDecodeError escaped")
class LetsCutArgumentsEscape(OpenAIChat):
    """Parses arguments without a thought that they might be cut."""

    def tool_calls(self, calls: Any) -> tuple[ToolCall, ...]:
        for call in calls or ():
            json.loads(call["function"]["arguments"] or "{}")
        return super().tool_calls(calls)


@mutant(kills="MAL-009", says="a broken stream was returned as an answer")
class SkipsEventsThatAreNotJson(OpenAIChat):
    """Skips an event that it cannot parse."""

    def load(self, data: bytes) -> dict[str, Any]:
        try:
            json.loads(data)
        except ValueError:
            return {}
        return super().load(data)


@mutant(kills="MAL-009", says="JSONDecodeError escaped")
class LetsABrokenEventEscape(OpenAIChat):
    """Parses events without a thought that they might be broken."""

    def load(self, data: bytes) -> dict[str, Any]:
        json.loads(data)
        return super().load(data)


@mutant(kills="MAL-010", says="a broken stream was returned as an answer")
class SkipsEventsThatAreNoObject(OpenAIChat):
    """Skips an event that is JSON and no object."""

    def load(self, data: bytes) -> dict[str, Any]:
        return super().load(b"{}" if data.startswith(b'"') else data)


@mutant(kills="MAL-010", says="AttributeError escaped")
class TakesEveryDeltaForAnObject(OpenAIChat):
    """Looks for keys in whatever the delta is."""

    def delta(self, answer: Answer, delta: Any) -> Iterator[Event]:
        delta.get("content")
        return super().delta(answer, delta)


@mutant(kills="MAL-011", says="a failure was returned as an answer")
class HandsOutFewerVectors(OpenAIChat):
    """Does not count the vectors."""

    def embeddings(self, data: Any, wanted: int) -> Embeddings:
        return super().embeddings(data, len(self.rows(data)))


@mutant(kills="MAL-011", says="a failure was returned as an answer")
class TakesANullForAVector(OpenAIChat):
    """Returns zeros where there is no vector."""

    def vector(self, value: Any) -> Sequence[float]:
        return super().vector([0.0] * 2 if value is None else value)


@mutant(kills="MAL-012", says="a failure was returned as an answer")
class ListsNoModels(OpenAIChat):
    """Returns an empty list where there is none."""

    def model_ids(self, data: Any) -> list[str]:
        return super().model_ids({"data": [], **data})


@mutant(kills="MAL-013", says="UnicodeDecodeError escaped")
class LetsADecoderErrorEscape(OpenAIChat):
    """Decodes a body without a thought that it might not be UTF-8."""

    def decoded(self, body: bytes) -> Any:
        body.decode()
        return super().decoded(body)


@mutant(kills="MAL-013", says="a failure was returned as an answer")
class DropsBytesThatAreNotUtf8(OpenAIChat):
    """Leaves out what is not UTF-8."""

    def decoded(self, body: bytes) -> Any:
        return super().decoded(body.decode("utf-8", "ignore").encode())


@mutant(kills="MAL-014", says="a failure was returned as an answer")
class MakesDoWithWhatCame(OpenAIChat):
    """Takes what came before the connection broke for all of it."""

    async def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        came = b""
        async with self.open(method, path, body) as response:
            with suppress(httpx.RemoteProtocolError):
                async for chunk in response.aiter_bytes():
                    came += chunk
        return self.decoded(came)


@mutant(kills="MAL-015", says="a broken stream was returned as an answer")
class TakesCutArgumentsOfAStreamForNone(OpenAIChat):
    """Calls a function without arguments where a stream cuts them."""

    def assembled(self, call: Call) -> ToolCall:
        try:
            return super().assembled(call)
        except ProviderError:
            return ToolCall(call.id, call.name)


@mutant(kills="MAL-015", says="JSONDecodeError escaped")
class LetsCutArgumentsOfAStreamEscape(OpenAIChat):
    """Parses the arguments of a stream without a thought that they might be cut."""

    def assembled(self, call: Call) -> ToolCall:
        if all(isinstance(a, str) for a in call.arguments):
            json.loads("".join(call.arguments) or "{}")
        return super().assembled(call)


# --- calls of a wrong shape --------------------------------------------------------------------


@mutant(kills="MAL-016", says="AttributeError escaped in place of a provider error")
class TakesWhateverCallsForAList(OpenAIChat):
    """Goes through the calls of an answer without a look at what they are."""

    def tool_calls(self, calls: Any) -> tuple[ToolCall, ...]:
        return tuple(self.called(c.get("id"), c.get("function")) for c in calls or ())


@mutant(kills="MAL-016", says="a failure was returned as an answer")
class CallsTheNameless(OpenAIChat):
    """Takes a call without a name for a call of a tool named ""."""

    def called(self, id: Any, function: Any) -> ToolCall:
        name = function.get("name") if isinstance(function, dict) else None
        return super().called(id, function if name or not isinstance(function, dict) else {**function, "name": ""})


@mutant(kills="MAL-017", says="AttributeError escaped in place of a provider error")
class TakesWhateverPieceForACall(OpenAIChat):
    """Reads a piece of a call without a look at what it is."""

    def call_piece(self, answer: Answer, piece: Any) -> None:
        piece.get("function", {}).get("name")
        super().call_piece(answer, piece)
