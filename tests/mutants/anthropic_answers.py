"""Lies about answers in Anthropic's Messages API: blocks, counts and errors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from conformance.contract import (
    ErrorKind,
    Event,
    FinishReason,
    ProviderError,
    Reply,
    Usage,
)
from conformance.reference import AnthropicMessages
from conformance.reference.anthropic_messages.stream import Answer
from tests.mutants import mutant

REFUSED = "a good answer was turned into an error"
TEXT = "the reply's text is wrong"
CALLS = "the tool calls are not those of the wire"
USAGE = "the token usage is wrong"

# --- counts ------------------------------------------------------------------------------------


@mutant(kills="ANT-008", says=USAGE)
class CountsReadingFromTheCacheTwice(AnthropicMessages):
    """Adds only what was read from the cache, and that twice."""

    def usage(self, usage: Any) -> Usage | None:
        made = super().usage(usage)
        read = self.count(usage.get("cache_read_input_tokens")) if isinstance(usage, dict) else None
        return replace(made, input_tokens=made.input_tokens + read) if made and made.input_tokens and read else made


@mutant(kills="ANT-008", says=USAGE)
class ForgetsWhatWasWritten(AnthropicMessages):
    """Counts what was read from the cache, and not what was written to it."""

    def usage(self, usage: Any) -> Usage | None:
        return super().usage({**usage, "cache_creation_input_tokens": 0} if isinstance(usage, dict) else usage)


@mutant(kills="ANT-009", says=USAGE)
class AddsUp(AnthropicMessages):
    """Adds the counts of message_delta to those before."""

    def changed(self, answer: Answer, event: dict[str, Any]) -> None:
        before = dict(answer.message.get("usage") or {})
        super().changed(answer, event)
        for name, count in (event.get("usage") or {}).items():
            if isinstance(count, int) and isinstance(before.get(name), int):
                answer.message["usage"][name] = before[name] + count


@mutant(kills="ANT-009", says=USAGE)
class CountsInputAtTheStartOnly(AnthropicMessages):
    """Keeps the input's count of message_start, though message_delta corrects it."""

    def changed(self, answer: Answer, event: dict[str, Any]) -> None:
        told = {k: v for k, v in (event.get("usage") or {}).items() if k != "input_tokens"}
        super().changed(answer, {**event, "usage": told})


@mutant(kills="ANT-009", says=USAGE)
class ForgetsTheInput(AnthropicMessages):
    """Takes the usage of message_delta for all that there is."""

    def changed(self, answer: Answer, event: dict[str, Any]) -> None:
        super().changed(answer, event)
        answer.message["usage"] = event.get("usage")


# --- blocks ------------------------------------------------------------------------------------


@mutant(kills="ANT-010", says=CALLS)
class CallsServerTools(AnthropicMessages):
    """Takes what a server tool was asked for a call of the host's."""

    def made(self, blocks: Iterable[Any], message: dict[str, Any]) -> Reply:
        return super().made([self.as_call(b) for b in blocks], message)

    def as_call(self, block: Any) -> Any:
        server = isinstance(block, dict) and block.get("type") == "server_tool_use"
        return {**block, "type": "tool_use"} if server else block


@mutant(kills="ANT-010", says=TEXT)
class ReadsToTheFirstTool(AnthropicMessages):
    """Overlooks the text that comes after a block that is no text."""

    def made(self, blocks: Iterable[Any], message: dict[str, Any]) -> Reply:
        seen: list[Any] = list(blocks)
        odd = [i for i, b in enumerate(seen) if isinstance(b, dict) and str(b.get("type")).endswith("_tool_result")]
        return super().made(seen[: odd[0]] if odd else seen, message)


@mutant(kills="ANT-011", says=REFUSED)
class RefusesWhatIsRedacted(AnthropicMessages):
    """Refuses thinking that it cannot read."""

    def made(self, blocks: Iterable[Any], message: dict[str, Any]) -> Reply:
        seen = list(blocks)
        if any(isinstance(b, dict) and b.get("type") == "redacted_thinking" for b in seen):
            raise self.malformed("thinking without words")
        return super().made(seen, message)


@mutant(kills="ANT-011", says=TEXT)
class ReadsSignatures(AnthropicMessages):
    """Takes the signature of a thought that has no words for text."""

    def made(self, blocks: Iterable[Any], message: dict[str, Any]) -> Reply:
        return super().made([self.spoken(b) for b in blocks], message)

    def spoken(self, block: Any) -> Any:
        silent = isinstance(block, dict) and block.get("type") == "thinking" and not block.get("thinking")
        return {"type": "text", "text": block.get("signature")} if silent else block


@mutant(kills="ANT-012", says="the finish reason is wrong")
class TakesPausesForCalls(AnthropicMessages):
    """Takes a pause of the turn for a call of tools."""

    def finish(self, value: Any) -> FinishReason:
        return "tool_calls" if value == "pause_turn" else super().finish(value)


@mutant(kills="ANT-012", says="the finish reason is wrong")
class TakesAnyEndForTheEnd(AnthropicMessages):
    """Takes a full context window for the end of the answer."""

    def finish(self, value: Any) -> FinishReason:
        return "stop" if value == "model_context_window_exceeded" else super().finish(value)


@mutant(kills="ANT-019", says=REFUSED)
class KnowsAllBlocks(AnthropicMessages):
    """Refuses a block of a type that it does not know."""

    def made(self, blocks: Iterable[Any], message: dict[str, Any]) -> Reply:
        seen = list(blocks)
        if any(isinstance(b, dict) and b.get("type") == "hologram" for b in seen):
            raise self.malformed("a block of an unknown type")
        return super().made(seen, message)


@mutant(kills="ANT-019", says="the text delivered is not the text sent")
class ReadsEveryDelta(AnthropicMessages):
    """Takes whatever has a text for a piece of it."""

    def delta(self, answer: Answer, index: Any, delta: dict[str, Any]) -> Iterator[Event]:
        return super().delta(answer, index, {**delta, "type": "text_delta"} if "text" in delta else delta)


@mutant(kills="ANT-023", says=TEXT)
class BreaksLines(AnthropicMessages):
    """Puts a newline between blocks of text."""

    def made(self, blocks: Iterable[Any], message: dict[str, Any]) -> Reply:
        seen = list(blocks)
        reply = super().made(seen, message)
        return replace(
            reply, text="\n".join(b["text"] for b in seen if isinstance(b, dict) and b.get("type") == "text")
        )


# --- errors ------------------------------------------------------------------------------------


@mutant(kills="ANT-013", says="the error is of kind server")
class KnowsNoOverload(AnthropicMessages):
    """Takes an overloaded provider for a broken one."""

    def kind(self, status: int | None, codes: list[str], text: str) -> ErrorKind:
        kind = super().kind(status, codes, text)
        return "server" if kind == "overloaded" else kind


@mutant(kills="ANT-013", says="the error is of kind server")
class KnowsErrorsByTheirStatus(AnthropicMessages):
    """Takes an error inside a stream, which has no status, for the server's."""

    def in_band(self, event: dict[str, Any]) -> ProviderError:
        return ProviderError(f"{self.name}: {event}", kind="server", provider=self.name)


@mutant(kills="ANT-014", says="the error is of kind")
class GoesByTheStatus(AnthropicMessages):
    """Reads the kind of an error from the status alone, wherever there is one."""

    def kind(self, status: int | None, codes: list[str], text: str) -> ErrorKind:
        return super().kind(status, codes if status is None else [], text)


@mutant(kills="ANT-015", says="the error is of kind invalid_request")
class ReadsNoWords(AnthropicMessages):
    """Takes an empty credit and a blocked answer for an invalid request."""

    def kind(self, status: int | None, codes: list[str], text: str) -> ErrorKind:
        kind = super().kind(status, codes, text)
        return "invalid_request" if kind in ("billing", "content_filter") and status == 400 else kind


@mutant(kills="STR-012", says="a broken stream")
class SkipsErrorEvents(AnthropicMessages):
    """Passes over an error event, as over any that it does not know."""

    def take(self, answer: Answer, name: str, data: bytes) -> Iterator[Event]:
        if name != "error":
            yield from super().take(answer, name, data)
        else:
            answer.done = True
