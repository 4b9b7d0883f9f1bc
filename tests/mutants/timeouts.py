"""Lies about time: servers that are waited for too long, and hosts that are not let go."""

from __future__ import annotations

import asyncio
import copy
import http.client
import io
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing, suppress
from time import monotonic
from types import SimpleNamespace
from typing import Any, Self

import httpx

from conformance.contract import Done, Event, ProviderError, Reply, Request
from conformance.reference import OpenAIChat
from conformance.reference.wire.sse import LINE_END
from tests.mutants import mutant
from tests.mutants.bases import ChangesEarlyBreaks, ChangesErrors

# --- the head ----------------------------------------------------------------------------------


@mutant(kills="TIM-001", says="a broken stream was returned as an answer")
class TakesALostStreamForAnEmptyOne(ChangesEarlyBreaks):
    """Takes a stream that was lost before its first event for an empty answer."""

    def instead(self, exc: ProviderError) -> Iterator[Event]:
        yield Done(Reply())


@mutant(kills="TIM-002", says="the call hung")
class WaitsForTheFirstEventForEver(OpenAIChat):
    """Has a limit for the time between events, and none for the time before the first."""

    async def events(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[Event]:
        heard = False
        try:
            async for event in super().events(chunks):
                heard = True
                yield event
        except (httpx.ReadTimeout, TimeoutError):
            if heard:
                raise
            await asyncio.Event().wait()


@mutant(kills="TIM-003", says="RemoteProtocolError escaped in place of a provider error")
class LetsTheClientsLimitOut(ChangesErrors):
    """Raises the client's own exception where it has had enough of the headers."""

    def changed(self, exc: ProviderError) -> Exception:
        cause = exc.__cause__
        return cause if isinstance(cause, httpx.RemoteProtocolError) and "too long" in str(cause) else exc


@mutant(kills="TIM-003", says="headers without end were read on and on")
class ReadsHeadersWithoutEnd(OpenAIChat):
    """Reads answers with a client of its own, which has a timeout, and no limit for headers."""

    async def answered(self, method: str, path: str, body: dict[str, Any] | None) -> httpx.Response:
        with self.transport_errors():
            async with asyncio.timeout(self.limit()):
                try:
                    answer = await self.read(httpx.Request(method, self.url(path), content=self.encoded(body)))
                except (OSError, http.client.HTTPException) as exc:
                    raise httpx.ReadError(str(exc)) from exc
        if not answer.is_success:
            raise self.error(answer.status_code, answer.headers, answer.content)
        return answer

    async def read(self, asked: httpx.Request) -> httpx.Response:
        told = {"Host": asked.headers["host"], "Content-Length": len(asked.content), "Connection": "close"}
        head = "".join(f"{name}: {value}\r\n" for name, value in {**told, **self.headers()}.items())
        reader, writer = await asyncio.open_connection(asked.url.host, asked.url.port)
        writer.write(f"{asked.method} {asked.url.raw_path.decode()} HTTP/1.1\r\n{head}\r\n".encode() + asked.content)
        came = []
        try:
            while not came or came[-1] not in (b"\r\n", b""):
                came.append(await reader.readline())
            came.append(await reader.read())
        finally:
            writer.close()
        parsed = http.client.HTTPResponse(SimpleNamespace(makefile=lambda _: io.BytesIO(b"".join(came))))  # type: ignore[arg-type]
        parsed.begin()
        return httpx.Response(parsed.status, headers=parsed.getheaders(), content=parsed.read())


@mutant(kills="TIM-004", says="the call hung")
class WaitsForTheModelsForEver(OpenAIChat):
    """Has no limit for the model list."""

    async def list_models(self) -> Sequence[str]:
        patient = copy.copy(self)
        patient.timeout = 60.0
        try:
            return await super(WaitsForTheModelsForEver, patient).list_models()
        finally:
            await patient.close()


# --- the body ----------------------------------------------------------------------------------


@mutant(kills="TIM-005", says="the call hung")
class IsContentWithAByte(OpenAIChat):
    """Has the client's limit for each read, and none for all of them."""

    def limit(self) -> None:
        return None


@mutant(kills="TIM-006", says="the call hung")
class TakesPingsForSignsOfLife(OpenAIChat):
    """Takes whatever comes for a part of the answer."""

    async def events(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[Event]:
        patient = copy.copy(self)
        patient.timeout = 60.0
        async with aclosing(super(TakesPingsForSignsOfLife, patient).events(chunks)) as events:
            async for event in events:
                yield event


@mutant(kills="TIM-007", says="a good answer was turned into an error")
class HasALimitOfItsOwn(OpenAIChat):
    """Raises what nobody knows where an answer is long."""

    def decoded(self, body: bytes) -> Any:
        if len(body) > 10_000_000:
            raise OverflowError(f"{len(body)} bytes")
        return super().decoded(body)


@mutant(kills="TIM-008", says="a good answer was turned into an error")
class LooksThroughAllOfIt(OpenAIChat):
    """Looks for the end of the line in all that came, with each read."""

    async def events(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[Event]:
        async with aclosing(super().events(self.searched(chunks))) as events:
            async for event in events:
                yield event

    async def searched(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        came = b""
        async for chunk in chunks:
            came += chunk
            for _ in range(6):  # as slow as a loop over the bytes would be
                LINE_END.search(came)
            yield chunk


@mutant(kills="TIM-016", says="a good answer was turned into an error")
class HasATimeoutForAllOfIt(OpenAIChat):
    """Has one limit for a whole stream, however steadily that comes."""

    async def events(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[Event]:
        until = asyncio.get_running_loop().time() + self.timeout
        async with aclosing(super().events(chunks)) as events:  # type: ignore[type-var]
            while True:
                async with asyncio.timeout_at(until):
                    event = await anext(events, None)
                if event is None:
                    return
                yield event


@mutant(kills="TIM-017", says="a good answer was turned into an error")
class CountsTheHostsTime(OpenAIChat):
    """Takes the time from one event to the next for the server's, however long the host kept the first."""

    async def events(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[Event]:
        last = monotonic()
        async with aclosing(super().events(chunks)) as events:  # type: ignore[type-var]
            async for event in events:
                now = monotonic()
                if now - last > self.timeout:
                    raise TimeoutError("nothing came in time")
                last = now
                yield event


@mutant(kills="TIM-018", says="a good answer was turned into an error")
class ReadsOnToTheEnd(OpenAIChat):
    """Reads a stream to the end of its body, whatever its last event said."""

    async def events(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[Event]:
        async with aclosing(super().events(chunks)) as events:  # type: ignore[type-var]
            async for event in events:
                if isinstance(event, Done):
                    async with asyncio.timeout(self.timeout):
                        while await anext(chunks, None):
                            pass
                yield event


# --- a host that has had enough ----------------------------------------------------------------


@mutant(kills="TIM-009", says="the cancellation was swallowed")
class AnswersWhenCancelled(OpenAIChat):
    """Gives an empty reply when it is cancelled."""

    async def generate(self, request: Request) -> Reply:
        try:
            return await super().generate(request)
        except asyncio.CancelledError:
            return Reply()


@mutant(kills="TIM-009", says="the cancellation was swallowed")
class CallsCancellationATimeout(OpenAIChat):
    """Takes a cancellation in a stream for a timeout of its own."""

    async def events(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[Event]:
        try:
            async for event in super().events(chunks):
                yield event
        except asyncio.CancelledError:
            raise ProviderError("no answer in time", kind="timeout", provider=self.name) from None


@mutant(kills="TIM-009", says="a cancelled call goes on")
class EndsWhatItBegan(OpenAIChat):
    """Has a task of its own for each call, and waits for its end when it is cancelled."""

    async def generate(self, request: Request) -> Reply:
        task = asyncio.ensure_future(super().generate(request))
        try:
            return await asyncio.shield(task)
        finally:
            with suppress(ProviderError):
                await task


@mutant(kills="TIM-010", says="a cancelled call goes on upstream: the connection stays open")
class LeavesItInTheBackground(OpenAIChat):
    """Has a task of its own for each call, which a cancellation does not reach."""

    async def generate(self, request: Request) -> Reply:
        return await asyncio.shield(super().generate(request))


@mutant(kills="TIM-011", says="a good answer was turned into an error")
class StaysBusy(OpenAIChat):
    """Takes one call at a time, and forgets only those that ended as calls do."""

    busy = False

    async def generate(self, request: Request) -> Reply:
        if self.busy:
            raise ProviderError("one call at a time", kind="overloaded", provider=self.name)
        self.busy = True
        try:
            reply = await super().generate(request)
        except Exception:
            self.busy = False
            raise
        self.busy = False
        return reply


@mutant(kills="TIM-012", says="the stream could not be left")
class ReadsWhatIsLeft(OpenAIChat):
    """Reads what is left of a stream before it closes the connection, to use it again."""

    async def events(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[Event]:
        try:
            async for event in super().events(chunks):
                yield event
        except GeneratorExit:
            with suppress(TimeoutError, StopAsyncIteration, httpx.HTTPError):
                while True:
                    async with asyncio.timeout(0.6):
                        await anext(chunks)
            raise


class Kept:
    """A stream that somebody else holds on to."""

    def __init__(self, stream: AsyncIterator[Event], held: list[Any]) -> None:
        self.stream = stream
        held.append(stream)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        return await anext(self.stream)

    async def aclose(self) -> None:
        await self.stream.aclose()  # type: ignore[attr-defined]


@mutant(kills="TIM-013", says="an abandoned stream goes on upstream")
class KnowsAllItsStreams(OpenAIChat):
    """Keeps a list of its streams, so that one that the host forgets is not forgotten."""

    def stream(self, request: Request) -> Any:
        held = self.__dict__.setdefault("held", [])
        return Kept(super().stream(request), held)

    async def close(self) -> None:
        for stream in self.__dict__.get("held", []):
            await stream.aclose()
        await super().close()


# --- between calls -----------------------------------------------------------------------------


class NeverLooksAtConnections(OpenAIChat):
    """No mutant: a base of those that take a connection that was closed for one that is open."""

    def client(self) -> httpx.AsyncClient:
        client = super().client()
        for connection in client._transport._pool.connections:  # type: ignore[attr-defined]
            connection.has_expired = lambda: False
        return client


@mutant(kills="TIM-014", says="a good answer was turned into an error")
class LetsStaleConnectionsOut(OpenAIChat):
    """Wraps what goes wrong on a new connection, and not what goes wrong on one that was used before."""

    so_far = 0

    async def generate(self, request: Request) -> Reply:
        self.so_far += 1
        try:
            return await super().generate(request)
        except ProviderError as exc:
            if self.so_far > 1 and exc.__cause__:
                raise exc.__cause__ from None
            raise


@mutant(kills="TIM-015", says="a good answer was turned into an error")
class InsistsOnTheConnection(NeverLooksAtConnections):
    """Does not look whether the connection that it keeps was closed."""
