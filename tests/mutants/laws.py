"""Lies that no example shows, and that hold of almost all of them."""

from __future__ import annotations

import asyncio
import html
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from conformance.contract import Event, Message, ProviderError, Reply, TextDelta
from conformance.reference import OpenAIChat
from conformance.reference.openai_chat.stream import Answer
from tests.mutants import mutant

WRONG = "the reply's text is wrong"
LONG = 64  # bytes: of what a case splits on purpose none is as long
TURNED = "a good answer was turned into an error"


@mutant(kills="LAW-001", says=WRONG)
class ForgetsTheRestOfARead(OpenAIChat):
    """Forgets what stands in a long read after its last whole event."""

    async def events(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[Event]:
        async for event in super().events(self.whole(chunks)):
            yield event

    async def whole(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for chunk in chunks:
            before, end, _ = chunk.rpartition(b"\n\n")
            yield before + end if end and len(chunk) > LONG else chunk


@mutant(kills="LAW-002", says=WRONG)
class TakesARepetitionForAMistake(OpenAIChat):
    """Leaves a piece of a stream out that is the same as the one before."""

    def delta(self, answer: Answer, delta: Any) -> Any:
        said = delta.get("content") if isinstance(delta, dict) else None
        again = said and answer.text and answer.text[-1] == said
        return super().delta(answer, {**delta, "content": None} if again else delta)


@mutant(kills="LAW-002", says="the tool calls are not those of the wire")
class TrimsPiecesOfArguments(OpenAIChat):
    """Leaves white space out at the end of each piece of arguments."""

    def call_piece(self, answer: Answer, piece: Any) -> None:
        function = piece.get("function") or {}
        given = function.get("arguments")
        trimmed = given.rstrip() if isinstance(given, str) else given
        super().call_piece(answer, {**piece, "function": {**function, "arguments": trimmed}})


@mutant(kills="LAW-003", says="text that had come was not delivered")
class IsOnePieceBehind(OpenAIChat):
    """Delivers each text after the first when the next comes, and forgets the last where the body ends too early."""

    async def events(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[Event]:
        held: list[Event] = []
        begun = False
        try:
            async for event in super().events(chunks):
                for earlier in held:
                    yield earlier
                held = [event] if begun and isinstance(event, TextDelta) else []
                if not held:
                    yield event
                begun = True
        except ProviderError:
            raise
        except Exception:
            for earlier in held:
                yield earlier
            raise


@mutant(kills="LAW-004", says=WRONG)
class LooksForTheMarker(OpenAIChat):
    """Ends a stream at any event that has [DONE] in it."""

    def take(self, answer: Answer, name: str, data: bytes) -> Any:
        return super().take(answer, name, b"[DONE]" if b'"[DONE]"' in data else data)


@mutant(kills="LAW-004", says=TURNED)
class KnowsAllFields(OpenAIChat):
    """Refuses a choice with a field that it does not know."""

    def reply(self, data: Any) -> Reply:
        known = {"index", "message", "finish_reason", "logprobs", "error", "content_filter_results"}
        if set(self.choice(data)) - known:
            raise self.malformed("a choice with fields that are not known")
        return super().reply(data)


@mutant(kills="LAW-005", says="no request reached the server")
class KeepsTheRequestInItself(OpenAIChat):
    """Keeps what it is about to send in itself, and waits a moment."""

    async def generate(self, request: Any) -> Reply:
        self.request = request
        await asyncio.sleep(0)
        return await super().generate(self.request)


@mutant(kills="LAW-005", says=WRONG)
class KeepsTheAnswerInItself(OpenAIChat):
    """Adds the text of a stream up in itself."""

    async def events(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[Event]:
        self.said = ""
        async for event in super().events(chunks):
            if isinstance(event, TextDelta):
                self.said += event.text
            yield replace(event, reply=replace(event.reply, text=self.said)) if hasattr(event, "reply") else event


@mutant(kills="LAW-006", says="messages is not sent as asked")
class SortsTheHistory(OpenAIChat):
    """Writes the calls of a turn in the history in the order of their names."""

    def message(self, message: Message) -> dict[str, Any]:
        return super().message(replace(message, tool_calls=sorted(message.tool_calls, key=lambda c: c.name)))


@mutant(kills="LAW-007", says=WRONG)
class TakesTextForHTML(OpenAIChat):
    """Writes out what would be an entity in HTML."""

    def text(self, content: Any) -> str:
        return html.unescape(super().text(content))


@mutant(kills="LAW-008", says="escaped")
class ReadsTheTime(OpenAIChat):
    """Reads the time of an answer, of whatever type it is."""

    def reply(self, data: Any) -> Reply:
        reply = super().reply(data)
        self.answered = datetime.fromtimestamp(data.get("created", 0), UTC)
        return reply
