"""Lies about calls that go on side by side, or one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from dataclasses import replace
from typing import Any, ClassVar

import httpx

from conformance.contract import Event, ProviderError, Reply, Request
from conformance.reference import OpenAIChat
from conformance.reference.openai_chat.stream import Answer, Call
from tests.mutants import mutant
from tests.mutants.bases import SeesAnswers


@mutant(kills="CON-001", says="at once: the reply's text is wrong")
class KeepsTheLastAnswer(OpenAIChat):
    """Keeps an answer on itself, and reads it from there a moment later."""

    last: Any = None

    async def generate(self, request: Request) -> Reply:
        self.last = await self.call("POST", self.route, self.payload(request, stream=False))
        await asyncio.sleep(0.005)
        return self.reply(self.last)


class GathersOnItself(OpenAIChat):
    """No mutant: a base of those whose parser keeps what came where everybody sees it."""

    texts: list[str]
    pieces: list[Call]

    def begin(self) -> None:
        self.texts, self.pieces = [], []

    async def events(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[Event]:
        self.begin()
        async with aclosing(super().events(chunks)) as events:  # type: ignore[type-var]
            async for event in events:
                yield event


@mutant(kills="CON-002", says="at once: the reply's text is wrong")
class GathersTextOnItself(GathersOnItself):
    """Gathers the text of a stream in a list of its own, which each stream begins anew."""

    def take(self, answer: Answer, name: str, data: bytes) -> Iterator[Event]:
        answer.text = self.texts
        yield from super().take(answer, name, data)


@mutant(kills="CON-003", says="at once: the tool calls are not those of the wire")
class GathersCallsOnItself(GathersOnItself):
    """Gathers the tool calls of a stream in a list of its own, which each stream begins anew."""

    def take(self, answer: Answer, name: str, data: bytes) -> Iterator[Event]:
        answer.calls = self.pieces
        yield from super().take(answer, name, data)


@mutant(kills="CON-004", says="in turn: the reply's text is wrong")
class KeepsWhatWasCut(OpenAIChat):
    """Forgets the text of a stream when the stream has come to its end, and not before."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.texts: dict[str, list[str]] = {}

    def take(self, answer: Answer, name: str, data: bytes) -> Iterator[Event]:
        answer.text = self.texts.setdefault("of the stream", [])
        yield from super().take(answer, name, data)

    def finished(self, answer: Answer) -> Reply:
        self.texts.clear()
        return super().finished(answer)


@mutant(kills="CON-005", says="at once: a good answer was turned into an error")
class ClosesItsClientOnErrors(SeesAnswers):
    """Closes its client, which all calls share, when one of them fails."""

    async def failed(self, exc: ProviderError) -> None:
        await self.close()


@mutant(kills="CON-005", says="in turn: no request reached the server")
class RemembersItsLimit(OpenAIChat):
    """Raises the rate limit of one call again in the next, without asking."""

    remembered: ProviderError | None = None

    async def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        if self.remembered:
            raise self.remembered
        try:
            return await super().call(method, path, body)
        except ProviderError as exc:
            self.remembered = exc if exc.kind == "rate_limit" else None
            raise


@mutant(kills="CON-006", says="at once: the key is not sent as the API takes it")
class CachesHeadersByAddress(OpenAIChat):
    """Keeps the headers of each address for all adapters, the first one's key in them."""

    known: ClassVar[dict[str, dict[str, str]]] = {}

    def headers(self) -> dict[str, str]:
        return self.known.setdefault(self.base_url, super().headers())


@mutant(kills="CON-007", says="the event loop stands still while an answer is waited for")
class BlocksTheLoop(OpenAIChat):
    """Asks with a client that blocks."""

    async def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        with self.transport_errors(), httpx.Client(timeout=self.timeout) as client:
            response = client.request(method, self.url(path), headers=self.headers(), content=self.encoded(body))
        if not response.is_success:
            raise self.error(response.status_code, response.headers, response.content)
        return self.decoded(response.content)


@mutant(kills="CON-008", says="in event loops of their own: ")
class KeepsItsClientForEver(OpenAIChat):
    """Keeps one client, and the connections of the event loop in which it was first used."""

    def client(self) -> httpx.AsyncClient:
        self._client = self._client or self.new_client()
        return self._client

    async def close(self) -> None:
        if self._client:
            await self._client.aclose()
            self._client = None


@mutant(kills="CON-009", says="in threads of their own: the reply's text is wrong")
class KeepsAnswersForAll(OpenAIChat):
    """Keeps the last answer where all adapters see it, and has only its own calls wait for each other."""

    last: ClassVar[Any] = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lock = asyncio.Lock()

    async def generate(self, request: Request) -> Reply:
        async with self.lock:
            answer = await self.call("POST", self.route, self.payload(request, stream=False))
            KeepsAnswersForAll.last = answer
            for _ in range(20):
                await asyncio.sleep(0.002)
            return self.reply(KeepsAnswersForAll.last)


@mutant(kills="CON-010", says="in turn: temperature is sent although nobody asked for it")
class KeepsItsBody(OpenAIChat):
    """Fills in one body for all calls, where what was asked once stays."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.body: dict[str, Any] = {}

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        self.body |= super().payload(request, stream=stream)
        return self.body


@mutant(kills="CON-010", says="in turn: model is not sent as asked")
class TakesTheModelOfTheReply(OpenAIChat):
    """Goes on with the model that answered."""

    def reply(self, data: Any) -> Reply:
        reply = super().reply(data)
        self.model = reply.model or self.model
        return reply


@mutant(kills="CON-010", says="in turn: messages is not sent as asked")
class KeepsTheSystemPrompt(OpenAIChat):
    """Opens every conversation with the system prompt that it was told first."""

    system: tuple[Any, ...] = ()

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        told = tuple(m for m in request.messages if m.role == "system")
        self.system = told or self.system
        return super().payload(
            request if told else replace(request, messages=[*self.system, *request.messages]), stream=stream
        )


@mutant(kills="CON-010", says="in turn: the stream flag is wrong")
class GoesOnStreaming(OpenAIChat):
    """Leaves the stream flag in its body for the calls after a stream."""

    streams = False

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        self.streams = self.streams or stream
        return super().payload(request, stream=stream) | ({"stream": True} if self.streams else {})


@mutant(kills="CON-011", says="call 2 of 2 while the first, a stream, is open: no request reached the server")
class LocksItsStreams(OpenAIChat):
    """Lets one call at a time in, and counts a stream that nobody reads just now as one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lock = asyncio.Lock()

    async def generate(self, request: Request) -> Reply:
        async with self.lock:
            return await super().generate(request)

    async def stream(self, request: Request) -> AsyncIterator[Event]:
        async with self.lock, aclosing(super().stream(request)) as events:
            async for event in events:
                yield event


@mutant(kills="CON-011", says="call 2 of 2 while the first, a stream, is open: no request reached the server")
class HasOneConnection(OpenAIChat):
    """Has a client with one connection, which an open stream keeps."""

    def new_client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(timeout=self.timeout, limits=httpx.Limits(max_connections=1))
