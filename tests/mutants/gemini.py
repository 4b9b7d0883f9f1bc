"""Lies about Gemini's answers: faults that are typical of its adapters."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from typing import Any

from conformance.contract import Event, FinishReason, ProviderError, Reply, ToolCall, Usage
from conformance.reference import Gemini
from conformance.reference.gemini.reply import FINISH
from conformance.reference.gemini.stream import Answer
from conformance.reference.wire.sse import EventStream
from tests.mutants import mutant

ANSWERED = "a failure was returned as an answer"
FAILED = "a good answer was turned into an error"
WRONG_CALLS = "the tool calls are not those of the wire"
WRONG_TEXT = "the reply's text is wrong"
WRONG_FINISH = "the finish reason is wrong"
REJECTED = "the real API would reject this request"
NOTHING: dict[str, Any] = {"finishReason": "STOP"}


# --- answers that are none ---------------------------------------------------------------------


@mutant(kills="GEM-001", says=ANSWERED)
class AnswersABlockedPrompt(Gemini):
    """Takes a blocked prompt for an answer with nothing in it."""

    def reply(self, data: Any) -> Reply:
        blocked = isinstance(data, dict) and data.get("promptFeedback")
        return super().reply({**data, "candidates": [NOTHING]} if blocked and not data.get("candidates") else data)


@mutant(kills="GEM-001", says="a broken stream was returned as an answer")
class AnswersABlockedPromptOfAStream(Gemini):
    """Takes the stream of a blocked prompt for an answer with nothing in it."""

    def chunk(self, answer: Answer, chunk: Any) -> Iterator[Event]:
        if isinstance(chunk, dict) and chunk.get("promptFeedback"):
            chunk, answer.last = {**chunk, "promptFeedback": None}, answer.last or NOTHING
        return super().chunk(answer, chunk)


@mutant(kills="GEM-002", says=ANSWERED)
class KnowsOnlySafety(Gemini):
    """Takes every finish reason but SAFETY and MAX_TOKENS for a normal end."""

    def finish(self, candidate: dict[str, Any], calls: tuple[ToolCall, ...]) -> FinishReason:
        known = super().finish(candidate, calls)
        return "stop" if known == "content_filter" and candidate["finishReason"] != "SAFETY" else known


@mutant(kills="GEM-003", says=ANSWERED)
class ForgivesABrokenCall(Gemini):
    """Takes a broken function call for a normal end."""

    def finish(self, candidate: dict[str, Any], calls: tuple[ToolCall, ...]) -> FinishReason:
        broken = candidate.get("finishReason") == "MALFORMED_FUNCTION_CALL"
        return "stop" if broken else super().finish(candidate, calls)


@mutant(kills="GEM-003", says="AttributeError escaped in place of a provider error")
class CountsOnAFinishMessage(Gemini):
    """Reads what a call says of itself where there is none."""

    def finish(self, candidate: dict[str, Any], calls: tuple[ToolCall, ...]) -> FinishReason:
        if candidate.get("finishReason") == "UNEXPECTED_TOOL_CALL":
            candidate.get("functionCall").get("name")  # type: ignore[union-attr]
        return super().finish(candidate, calls)


@mutant(kills="GEM-004", says=FAILED)
class NeedsAContent(Gemini):
    """Takes a candidate without content for an answer that is broken."""

    def parts_of(self, candidate: dict[str, Any]) -> list[dict[str, Any]]:
        if not candidate.get("content"):
            raise self.malformed("a candidate without content")
        return super().parts_of(candidate)


@mutant(kills="GEM-004", says=FAILED)
class CountsOnParts(Gemini):
    """Looks for the parts of a content that has none."""

    def parts_of(self, candidate: dict[str, Any]) -> list[dict[str, Any]]:
        if candidate.get("content"):
            candidate["content"]["parts"]
        return super().parts_of(candidate)


# --- parts -------------------------------------------------------------------------------------


@mutant(kills="GEM-005", says=WRONG_TEXT)
class ReadsSignatures(Gemini):
    """Takes the signature of an empty part for its text."""

    def text(self, parts: list[dict[str, Any]], *, thought: bool = False) -> str:
        said = [{**p, "text": p.get("text") or p.get("thoughtSignature")} if "text" in p else p for p in parts]
        return super().text(said, thought=thought)


@mutant(kills="GEM-005", says=WRONG_CALLS)
class TakesSignedCallsForThoughts(Gemini):
    """Takes every part with a signature for a thought."""

    def tool_calls(self, parts: list[dict[str, Any]]) -> tuple[ToolCall, ...]:
        return super().tool_calls([p for p in parts if "thoughtSignature" not in p])


@mutant(kills="RSP-017", says=WRONG_TEXT)
class ShowsThoughts(Gemini):
    """Takes thoughts for text."""

    def text(self, parts: list[dict[str, Any]], *, thought: bool = False) -> str:
        return "" if thought else super().text([{**p, "thought": False} for p in parts])


@mutant(kills="RSP-008", says=WRONG_TEXT)
class ReadsTheFirstPart(Gemini):
    """Reads the first part of the text only."""

    def text(self, parts: list[dict[str, Any]], *, thought: bool = False) -> str:
        said = [p for p in parts if "text" in p and bool(p.get("thought")) is thought]
        return super().text(said[:1], thought=thought)


@mutant(kills="GEM-006", says="two tool calls have one id")
class CallsByName(Gemini):
    """Takes the name of a function for the id of a call that has none."""

    def called(self, call: Any) -> ToolCall:
        return super().called({**call, "id": call.get("id") or call.get("name")} if isinstance(call, dict) else call)


@mutant(kills="GEM-006", says="two tool calls have one id")
class NumbersCallsByTheChunk(Gemini):
    """Numbers the calls of a stream anew in each chunk."""

    def tool_calls(self, parts: list[dict[str, Any]]) -> tuple[ToolCall, ...]:
        made = super().tool_calls(parts)
        return tuple(replace(c, id=f"call_{i}") if c.id.startswith("call_") else c for i, c in enumerate(made))


@mutant(kills="GEM-007", says=WRONG_CALLS)
class MakesItsOwnIds(Gemini):
    """Gives every call an id of its own, whatever the wire says."""

    def called(self, call: Any) -> ToolCall:
        return super().called({**call, "id": None} if isinstance(call, dict) else call)


@mutant(kills="MAL-008", says=ANSWERED)
class TakesAnyArguments(Gemini):
    """Takes arguments that are a list for none."""

    def called(self, call: Any) -> ToolCall:
        listed = isinstance(call, dict) and isinstance(call.get("args"), list)
        return super().called({**call, "args": {}} if listed else call)


@mutant(kills="GEM-015", says=FAILED)
class KnowsAllKinds(Gemini):
    """Refuses an answer with a part of a kind that it does not know."""

    def parts_of(self, candidate: dict[str, Any]) -> list[dict[str, Any]]:
        parts = super().parts_of(candidate)
        known = {"text", "functionCall", "executableCode", "codeExecutionResult"}
        if not all(known & set(p) for p in parts):
            raise self.malformed("a part of an unknown kind")
        return parts


@mutant(kills="GEM-016", says=WRONG_TEXT)
class ShowsCode(Gemini):
    """Puts the code that the model ran into the text."""

    def text(self, parts: list[dict[str, Any]], *, thought: bool = False) -> str:
        said = [{"text": p["executableCode"]["code"]} if "executableCode" in p else p for p in parts]
        return super().text(said, thought=thought)


@mutant(kills="GEM-017", says=WRONG_TEXT)
class MixesCandidates(Gemini):
    """Joins the texts of all candidates of an answer."""

    def reply(self, data: Any) -> Reply:
        reply = super().reply(data)
        others = [self.text(self.parts_of(c)) for c in data["candidates"] if c.get("index")]
        return replace(reply, text=reply.text + "".join(others))


@mutant(kills="GEM-017", says=WRONG_TEXT)
class MixesCandidatesOfAStream(Gemini):
    """Takes every chunk of a stream for one of the first candidate."""

    def chunk(self, answer: Answer, chunk: Any) -> Iterator[Event]:
        for candidate in chunk.get("candidates") or () if isinstance(chunk, dict) else ():
            if isinstance(candidate, dict):
                candidate.pop("index", None)
        return super().chunk(answer, chunk)


# --- counts and reasons ------------------------------------------------------------------------


@mutant(kills="GEM-008", says="the token usage is wrong")
class AddsUpTheTotal(Gemini):
    """Adds the prompt and the answer up, without the thoughts."""

    def usage(self, usage: Any) -> Usage | None:
        counts = super().usage(usage)
        if counts is None or usage.get("thoughtsTokenCount") is None:
            return counts
        return replace(counts, total_tokens=(counts.input_tokens or 0) + (counts.output_tokens or 0))


@mutant(kills="USE-001", says="the token usage is wrong")
class AddsCountsUp(Gemini):
    """Adds the counts of all chunks up, where each has all so far."""

    def chunk(self, answer: Answer, chunk: Any) -> Iterator[Event]:
        before = answer.usage
        yield from super().chunk(answer, chunk)
        if before and chunk.get("usageMetadata"):
            answer.usage = {k: v + before.get(k, 0) for k, v in answer.usage.items() if isinstance(v, int)}


@mutant(kills="GEM-009", says=WRONG_FINISH)
class ReadsReasonsOnlyAsWords(Gemini):
    """Knows no finish reason that is a number."""

    def finish(self, candidate: dict[str, Any], calls: tuple[ToolCall, ...]) -> FinishReason:
        return "unknown" if isinstance(candidate.get("finishReason"), int) else super().finish(candidate, calls)


@mutant(kills="RSP-003", says=WRONG_FINISH)
class StopsForAnyReason(Gemini):
    """Takes a finish reason that it does not know for a normal end."""

    def finish(self, candidate: dict[str, Any], calls: tuple[ToolCall, ...]) -> FinishReason:
        reason = candidate.get("finishReason")
        return super().finish({**candidate, "finishReason": reason if reason in FINISH else "STOP"}, calls)


@mutant(kills="STR-007", says="a broken stream was returned as an answer")
class EndsWithTheConnection(Gemini):
    """Takes the end of a stream for the end of its answer."""

    def finished(self, answer: Answer) -> Reply:
        answer.last = answer.last or {"finishReason": "STOP"}
        return super().finished(answer)


# --- errors ------------------------------------------------------------------------------------


@mutant(kills="GEM-010", says="the error is of kind invalid_request")
class GoesByTheStatusAlone(Gemini):
    """Takes a wrong key for an invalid request, as its status says."""

    def kind(self, status: int | None, codes: list[str], text: str) -> Any:
        kind = super().kind(status, codes, text)
        return "invalid_request" if status == 400 and kind == "auth" else kind


@mutant(kills="GEM-011", says="the wait that the provider asked for is lost")
class ReadsOnlyHeaders(Gemini):
    """Looks for the wait in the headers only."""

    def delay(self, failure: dict[str, Any]) -> float | None:
        return None


@mutant(kills="GEM-011", says="the wait that the provider asked for is lost")
class WaitsInWholeSeconds(Gemini):
    """Reads a wait only where it is a whole number of seconds."""

    def delay(self, failure: dict[str, Any]) -> float | None:
        seconds = super().delay(failure)
        return seconds if seconds is not None and seconds == int(seconds) else None


@mutant(kills="GEM-012", says="the error is of kind permission")
class TakesAQuotaForAPermission(Gemini):
    """Takes a spent quota for a missing permission."""

    def kind(self, status: int | None, codes: list[str], text: str) -> Any:
        return "permission" if "QUOTA_PER_DAY" in codes else super().kind(status, codes, text)


@mutant(kills="GEM-013", says="the error is of kind invalid_request")
class ReadsNoLists(Gemini):
    """Does not look into an error that is the element of a list."""

    def kind(self, status: int | None, codes: list[str], text: str) -> Any:
        return super().kind(status, codes, "" if self.listed_error else text)

    listed_error = False

    def describe(self, body: bytes) -> tuple[str, list[str]]:
        self.listed_error = body.lstrip().startswith(b"[")
        text, codes = super().describe(body)
        return (text, []) if self.listed_error else (text, codes)


@mutant(kills="GEM-014", says="a broken stream was returned as an answer")
class OverlooksAnErrorThatIsNoEvent(Gemini):
    """Skips what is no event in a stream, and takes the end for an answer's."""

    async def events(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[Event]:
        async def without_strays() -> AsyncIterator[bytes]:
            plain = EventStream()
            async for chunk in chunks:
                for _, data in plain.feed(chunk):
                    yield b"data: " + data + b"\n\n"
            if b"".join([plain.buffer, *plain.data]) == b"":
                yield b'data: {"candidates": [{"finishReason": "STOP"}]}\n\n'

        async for event in super().events(without_strays()):
            yield event


@mutant(kills="GEM-026", says=FAILED)
class CountsOnCarriageReturns(Gemini):
    """Cuts events only at CR LF."""

    async def events(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[Event]:
        async def checked() -> AsyncIterator[bytes]:
            async for chunk in chunks:
                if b"\n\n" in chunk and b"\r" not in chunk:
                    raise self.malformed("a stream without events")
                yield chunk

        async for event in super().events(checked()):
            yield event


@mutant(kills="ERR-014", says="ValueError escaped in place of a provider error")
class GeminiWaitsWholeSeconds(Gemini):
    """Reads the wait of a rate limit as whole seconds."""

    def error(self, status: int | None, headers: Mapping[str, str], body: bytes) -> ProviderError:
        if found := re.search(rb'"retryDelay": *"([^"]*)s"', body):
            int(found[1])
        return super().error(status, headers, body)
