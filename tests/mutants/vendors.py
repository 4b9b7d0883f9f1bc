"""Lies that only a vendor's own form finds out."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

from conformance.contract import ErrorKind, Event, ProviderError, ToolCall
from conformance.reference import OpenAIChat
from conformance.reference.openai_chat.stream import Answer
from tests.mutants import mutant

WRONG_CALLS = "the tool calls are not those of the wire"


def loaded(body: bytes) -> dict[str, Any]:
    """An object; nothing else is what these lies are about."""
    try:
        data = json.loads(body)
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


@mutant(kills="VEN-001", says="the finish reason is wrong")
class LooksAtTheLastChoice(OpenAIChat):
    """Takes the finish reason of the last choice that came, null or not."""

    def chunk(self, answer: Answer, chunk: dict[str, Any], *, failed: bool = False) -> Iterator[Event]:
        yield from super().chunk(answer, chunk, failed=failed)
        for choice in chunk.get("choices") or ():
            answer.finish = choice.get("finish_reason")


@mutant(kills="VEN-002", says="AttributeError escaped")
class CountsOnAType(OpenAIChat):
    """Takes the type of a filter's error for a text."""

    def describe(self, body: bytes) -> tuple[str, list[str]]:
        error = loaded(body).get("error")
        if isinstance(error, dict) and "innererror" in error:
            error["type"].lower()
        return super().describe(body)


@mutant(kills="VEN-003", says="the reasoning is wrong")
class AddsTheDetails(OpenAIChat):
    """Takes the details of the reasoning for more of it."""

    def reasoning(self, message: dict[str, Any]) -> str | None:
        details = message.get("reasoning_details")
        named = super().reasoning({**message, "reasoning_details": None}) or ""
        return named + (super().reasoning({"reasoning_details": details}) or "") or None


@mutant(kills="VEN-004", says="a failure was returned as an answer")
class OverlooksTheErrorOfAChoice(OpenAIChat):
    """Looks for an error beside the choices, not in them."""

    def choice(self, data: Any) -> dict[str, Any]:
        return {**super().choice(data), "error": None}


@mutant(kills="VEN-005", says="the token usage is wrong")
class AddsTheUsageBesideIt(OpenAIChat):
    """Adds what x_groq tells to the usage beside it."""

    def chunk(self, answer: Answer, chunk: dict[str, Any], *, failed: bool = False) -> Iterator[Event]:
        yield from super().chunk(answer, chunk, failed=failed)
        own, beside = (chunk.get("x_groq") or {}).get("usage"), chunk.get("usage")
        if own and beside:
            answer.usage = {name: own[name] + beside[name] for name in own if isinstance(own[name], int)}


@mutant(kills="VEN-006", says="the wait that the provider asked for is wrong")
class WaitsForTheReset(OpenAIChat):
    """Takes the number before "m" in 2m59.56s, when the requests are reset, for the seconds to wait."""

    def retry_after(self, headers: Mapping[str, str]) -> float | None:
        found = re.match(r"\d+", headers.get("x-ratelimit-reset-requests", ""))
        return float(found[0]) if found else super().retry_after(headers)


@mutant(kills="VEN-007", says="the reply's text is wrong")
class TakesTheKeyForReasoning(OpenAIChat):
    """Overlooks the content beside a reasoning_content that is there, and null."""

    def delta(self, answer: Answer, delta: Any) -> Iterator[Event]:
        return super().delta(answer, {**delta, "content": None} if "reasoning_content" in delta else delta)


@mutant(kills="VEN-008", says="the error is of kind invalid_request, not billing")
class TrustsTheCodeAlone(OpenAIChat):
    """Takes the code invalid_request_error for the kind, whatever type and status say."""

    def kind(self, status: int | None, codes: list[str], text: str) -> ErrorKind:
        if len(codes) > 1 and codes[0] == "invalid_request_error":
            return "invalid_request"
        return super().kind(status, codes, text)


@mutant(kills="VEN-009", says="the reply's text is wrong")
class StaysWithTheParts(OpenAIChat):
    """Reads content as parts for good, once it has come in parts."""

    def delta(self, answer: Answer, delta: Any) -> Iterator[Event]:
        content = delta.get("content") if isinstance(delta, dict) else None
        if isinstance(content, list):
            vars(answer)["parts"] = True
        elif content and "parts" in vars(answer):
            delta = {**delta, "content": None}
        return super().delta(answer, delta)


@mutant(kills="VEN-010", says="AttributeError escaped")
class CountsOnAMessage(OpenAIChat):
    """Takes the message of an error for a text."""

    def describe(self, body: bytes) -> tuple[str, list[str]]:
        data = loaded(body)
        if data.get("message") and not data.get("error"):
            data["message"].strip()
        return super().describe(body)


@mutant(kills="VEN-011", says="the reply's text is wrong")
class EndsAtSilence(OpenAIChat):
    """Takes a delta that is empty, with no word of a finish, for the end."""

    def chunk(self, answer: Answer, chunk: dict[str, Any], *, failed: bool = False) -> Iterator[Event]:
        yield from super().chunk(answer, chunk, failed=failed)
        for choice in chunk.get("choices") or ():
            answer.done = answer.done or (choice.get("delta") == {} and "finish_reason" not in choice)


@mutant(kills="VEN-012", says="the provider's own message is lost")
class QuotesTheCode(OpenAIChat):
    """Takes the code for the message where the error is a text."""

    def describe(self, body: bytes) -> tuple[str, list[str]]:
        data = loaded(body)
        if isinstance(data.get("error"), str) and data.get("code"):
            return data["code"], [data["code"]]
        return super().describe(body)


@mutant(kills="VEN-013", says="the reply's text is wrong")
class TakesTheMessageOfAChunk(OpenAIChat):
    """Reads the message of a chunk where there is one."""

    def chunk(self, answer: Answer, chunk: dict[str, Any], *, failed: bool = False) -> Iterator[Event]:
        for choice in self.objects(chunk.get("choices")):
            choice["delta"] = choice.get("message") or choice.get("delta")
        return super().chunk(answer, chunk, failed=failed)


@mutant(kills="VEN-014", says="the error is of kind invalid_request, not context_length")
class KnowsTheContextByName(OpenAIChat):
    """Knows that a prompt is too long only where the context is named."""

    def kind(self, status: int | None, codes: list[str], text: str) -> ErrorKind:
        kind = super().kind(status, codes, text)
        named = "context" in f"{codes} {text}".lower()
        return self.kind_of_status(status) if kind == "context_length" and not named else kind


@mutant(kills="VEN-015", says="the reply's text is wrong")
class ReadsTheTextBeside(OpenAIChat):
    """Reads the text of a choice, as of the older API, and then its delta."""

    def delta(self, answer: Answer, delta: Any) -> Iterator[Event]:
        if "token_id" in delta:
            yield from super().delta(answer, {"content": delta.get("content")})
        yield from super().delta(answer, delta)


@mutant(kills="VEN-016", says="two tool calls have one id")
class CutsIds(OpenAIChat):
    """Takes the id of a call up to its colon."""

    def called(self, id: Any, function: Any) -> ToolCall:
        return super().called(id.partition(":")[0] if id else id, function)


@mutant(kills="VEN-017", says="2 requests")
class WaitsForTheModel(OpenAIChat):
    """Waits until a model is loaded, and asks again."""

    async def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        try:
            return await super().call(method, path, body)
        except ProviderError as exc:
            if "currently loading" not in str(exc):
                raise
            await asyncio.sleep(20.0)
            return await super().call(method, path, body)


@mutant(kills="VEN-018", says="the token usage is wrong")
class CountsUntilTheFinish(OpenAIChat):
    """Overlooks the usage beside a finish reason that is told again."""

    def chunk(self, answer: Answer, chunk: dict[str, Any], *, failed: bool = False) -> Iterator[Event]:
        again = answer.finish is not None and chunk.get("choices")
        return super().chunk(answer, {**chunk, "usage": None} if again else chunk, failed=failed)


@mutant(kills="VEN-019", says="the reply's text is wrong")
class ListensToTheAssistantOnly(OpenAIChat):
    """Overlooks a delta whose role is another than the assistant's, and takes null for one."""

    def delta(self, answer: Answer, delta: Any) -> Iterator[Event]:
        other = isinstance(delta, dict) and delta.get("role", "assistant") != "assistant"
        return super().delta(answer, {} if other else delta)


@mutant(kills="VEN-020", says="the error is of kind server, not rate_limit")
class TakesEveryCodeForAStatus(OpenAIChat):
    """Takes the code of an error in a list for a status, so that 3040 is the server's fault."""

    def kind(self, status: int | None, codes: list[str], text: str) -> ErrorKind:
        listed = re.search(r'"code":\s*(\d+)', text)
        return "server" if listed and int(listed[1]) >= 500 else super().kind(status, codes, text)


@mutant(kills="VEN-021", says="the reply's text is wrong")
class SaysTheSummary(OpenAIChat):
    """Takes the summary of the reasoning for a part of the answer."""

    def text(self, content: Any) -> str:
        parts = content if isinstance(content, list) else []
        summaries = [s["text"] for p in parts if isinstance(p, dict) for s in p.get("summary") or ()]
        return "".join(summaries) + super().text(content)


@mutant(kills="VEN-022", says=WRONG_CALLS)
class OverlooksCustomCalls(OpenAIChat):
    """Takes a call with an empty custom one inside for a call of that, and overlooks it."""

    def calls(self, message: dict[str, Any]) -> Any:
        calls = super().calls(message)
        return [c for c in calls if "custom" not in c] if isinstance(calls, list) else calls


@mutant(kills="VEN-023", says="the finish reason is wrong")
class PrefersTheStopReason(OpenAIChat):
    """Takes stop_reason for the finish reason where there is one."""

    def choice(self, data: Any) -> dict[str, Any]:
        choice = super().choice(data)
        return {**choice, "finish_reason": choice.get("stop_reason") or choice.get("finish_reason")}


@mutant(kills="VEN-024", says="the error is of kind invalid_request, not context_length")
class ReadsErrorsBelowErrorOnly(OpenAIChat):
    """Overlooks what a flat error says."""

    def describe(self, body: bytes) -> tuple[str, list[str]]:
        data = loaded(body)
        flat = not data.get("error") and data.get("object") == "error"
        return ("no details", []) if flat else super().describe(body)


@mutant(kills="VEN-025", says="a broken stream was returned as an answer")
class TakesALineForTheEnd(OpenAIChat):
    """Takes a line that is no field of the protocol for the end of the answer."""

    async def events(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[Event]:
        async def ended() -> AsyncIterator[bytes]:
            async for chunk in chunks:
                yield b"data: [DONE]\n\n" if chunk.startswith(b"error:") else chunk

        async for event in super().events(ended()):
            yield event


@mutant(kills="VEN-026", says="the error is of kind server, not not_found")
class TakesApiErrorForTheServers(OpenAIChat):
    """Takes the type api_error for a failure of the server."""

    def kind(self, status: int | None, codes: list[str], text: str) -> ErrorKind:
        return "server" if "api_error" in codes else super().kind(status, codes, text)


@mutant(kills="VEN-027", says="the token usage is wrong")
class GoesByTheNameOfAChunk(OpenAIChat):
    """Overlooks an object of a stream that is called chat.completion."""

    def chunk(self, answer: Answer, chunk: dict[str, Any], *, failed: bool = False) -> Iterator[Event]:
        whole = chunk.get("object") == "chat.completion"
        return super().chunk(answer, {} if whole else chunk, failed=failed)
