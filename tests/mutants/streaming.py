"""Lies about streams: the text, its end, and when it comes. See sse.py for framing, chunks.py for what stands in it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx

from conformance.contract import Done, Event, ProviderError, Reply, Request, TextDelta
from conformance.reference import Gemini, OpenAIChat
from conformance.reference.openai_chat.stream import Answer
from tests.mutants import mutant

# --- the text and its end ----------------------------------------------------------------------


@mutant(kills="STR-001", says="the text delivered is not the text sent")
class TrimsEveryDelta(OpenAIChat):
    """Strips the white space from each delta."""

    async def events(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[Event]:
        async for event in super().events(chunks):
            yield TextDelta(event.text.strip()) if isinstance(event, TextDelta) else event


@mutant(kills="STR-001", says="the reply's text is wrong")
class RepliesWithTheLastDelta(OpenAIChat):
    """Takes the last delta for the whole text."""

    def finished(self, answer: Answer) -> Reply:
        answer.text = answer.text[-1:]
        return super().finished(answer)


@mutant(kills="STR-001", says="there is no reply")
class EndsWithoutSaying(OpenAIChat):
    """Never sends the final event."""

    async def events(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[Event]:
        async for event in super().events(chunks):
            if not isinstance(event, Done):
                yield event


@mutant(kills="STR-002", says="more than one final event")
class EndsTwice(OpenAIChat):
    """Sends the final event twice."""

    async def events(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[Event]:
        async for event in super().events(chunks):
            yield event
        yield event


@mutant(kills="STR-002", says="something after the final event")
class SpeaksAfterTheEnd(OpenAIChat):
    """Sends one more delta, an empty one, after the final event."""

    async def events(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[Event]:
        async for event in super().events(chunks):
            yield event
        yield TextDelta("")


@mutant(kills="STR-003", says="the finish reason is wrong")
class CallsAFilteredStreamFinished(OpenAIChat):
    """Says that a filtered answer has stopped by itself."""

    def finished(self, answer: Answer) -> Reply:
        answer.finish = "stop" if answer.finish == "content_filter" else answer.finish
        return super().finished(answer)


@mutant(kills="STR-003", says="the finish reason is wrong")
class CallsACutStreamFinished(OpenAIChat):
    """Says that an answer cut at the limit has stopped by itself."""

    def finished(self, answer: Answer) -> Reply:
        answer.finish = "stop" if answer.finish == "length" else answer.finish
        return super().finished(answer)


@mutant(kills="STR-007", says="returned as an answer")
class ForgetsTheTerminator(OpenAIChat):
    """Takes the end of the connection for the end of the answer."""

    def finished(self, answer: Any) -> Reply:
        answer.done = True
        return super().finished(answer)


@mutant(kills="STR-014", says="a good answer was turned into an error")
class InsistsOnDone(OpenAIChat):
    """Takes a stream without [DONE] for a broken one."""

    def finished(self, answer: Answer) -> Reply:
        answer.finish = answer.finish if answer.done else None
        return super().finished(answer)


@mutant(kills="STR-014", says="the finish reason is wrong")
class MakesUpAFinishReason(OpenAIChat):
    """Says "stop" where nobody told a reason."""

    def finished(self, answer: Answer) -> Reply:
        answer.finish = answer.finish or (answer.done and "stop") or None
        return super().finished(answer)


@mutant(kills="STR-025", says="returned as an answer")
class TakesNothingForAnAnswer(OpenAIChat):
    """Takes a stream without any event for an empty answer."""

    def finished(self, answer: Answer) -> Reply:
        return Reply() if answer == Answer() else super().finished(answer)


# --- when it comes, and how it ends ------------------------------------------------------------


@mutant(kills="STR-015", says="buffered")
class KeepsItAllToItself(OpenAIChat):
    """Collects the whole stream before it delivers anything."""

    async def events(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[Event]:
        kept = [event async for event in super().events(chunks)]
        for event in kept:
            yield event


@mutant(kills="STR-016", says="an abandoned stream goes on upstream")
class HoldsOnToAbandonedStreams(OpenAIChat):
    """Ends a stream that the host has left only when the adapter is closed."""

    held: Any = None

    async def stream(self, request: Request) -> AsyncIterator[Event]:
        self.held = super().stream(request)
        async for event in self.held:
            yield event

    async def close(self) -> None:
        if self.held is not None:
            await self.held.aclose()
        await super().close()


@mutant(kills="STR-017", says="EOFError escaped in place of a provider error")
class LetsTheLostConnectionOut(OpenAIChat):
    """Raises a connection that is lost in a stream as it came."""

    async def events(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[Event]:
        try:
            async for event in super().events(chunks):
                yield event
        except (httpx.ReadError, httpx.RemoteProtocolError) as exc:
            raise EOFError(str(exc)) from exc


@mutant(kills="STR-018", says="the call hung")
class WaitsForTheNextEventForEver(OpenAIChat):
    """Goes on waiting when a stream falls silent."""

    async def events(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[Event]:
        try:
            async for event in super().events(chunks):
                yield event
        except httpx.ReadTimeout:
            await asyncio.Event().wait()


@mutant(kills="STR-018", says="of kind network, not timeout")
class TakesSilenceForALostConnection(OpenAIChat):
    """Takes a stream that falls silent for one that is lost."""

    async def events(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[Event]:
        try:
            async for event in super().events(chunks):
                yield event
        except httpx.ReadTimeout as exc:
            raise httpx.ReadError(str(exc)) from exc


# --- long events -------------------------------------------------------------------------------


@mutant(kills="STR-031", says="a good answer was turned into an error")
class ReadsLinesWithALimit(OpenAIChat):
    """Reads lines as asyncio does: of 64 KB at most."""

    def take(self, answer: Answer, name: str, data: bytes) -> Iterator[Event]:
        if len(data) > 2**16:
            raise ValueError("Separator is not found, and chunk exceed the limit")
        return super().take(answer, name, data)


# --- errors inside, and in its place -----------------------------------------------------------


@mutant(kills="STR-012", says="a broken stream was returned as an answer")
class SkipsWhatHasNoChoices(OpenAIChat):
    """Skips chunks without choices, so that errors vanish."""

    def chunk(self, answer: Answer, chunk: dict[str, Any], *, failed: bool = False) -> Iterator[Event]:
        return super().chunk(answer, chunk) if "choices" in chunk else iter(())


@mutant(kills="STR-012", says="a broken stream was returned as an answer")
class IgnoresErrorsAfterTheFinish(OpenAIChat):
    """Overlooks an error after the finish reason."""

    def chunk(self, answer: Answer, chunk: dict[str, Any], *, failed: bool = False) -> Iterator[Event]:
        return iter(()) if answer.finish and "error" in chunk else super().chunk(answer, chunk, failed=failed)


@mutant(kills="STR-013", says="of kind malformed, not rate_limit")
class KnowsNoErrorsInStreams(OpenAIChat):
    """Takes an error inside a stream for a chunk that it cannot read."""

    def in_band(self, chunk: dict[str, Any]) -> ProviderError:
        return self.malformed("a stream event without choices")


@mutant(kills="STR-026", says="JSONDecodeError escaped in place of a provider error")
class ParsesWhatIsNoStream(OpenAIChat):
    """Expects an error object in place of a stream that did not come."""

    def unexpected(self, body: bytes) -> ProviderError:
        return self.in_band(httpx.Response(200, content=body).json())


@mutant(kills="STR-026", says="returned as an answer")
class TakesAWholeReplyForAnEmptyStream(OpenAIChat):
    """Finds no events in a reply that came in one piece, and takes it for an empty answer."""

    async def stream(self, request: Request) -> AsyncIterator[Event]:
        try:
            async for event in super().stream(request):
                yield event
        except ProviderError as exc:
            if "not a stream" not in str(exc):
                raise
            yield Done(Reply())


@mutant(kills="STR-001", says="the reply's text is wrong")
class PassesOverWhiteSpace(Gemini):
    """Passes over pieces of text in which nothing but white space stands."""

    def said(self, answer: Any, parts: list[dict[str, Any]]) -> Iterator[Event]:
        return super().said(answer, [p for p in parts if str(p.get("text", "x")).strip()])
