"""Lies about what a call takes, and whether it is given back."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx

from conformance.contract import Message, ProviderError, Reply, Request
from conformance.reference import OpenAIChat
from tests.mutants import mutant


class Keeps(OpenAIChat):
    """No mutant: a base of those that keep what they should give back, until they are closed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.hoard: list[Any] = []


@mutant(kills="LIF-001", says="connections are left open by calls")
class NeverClosesItsClients(Keeps):
    """Takes a new client for every call, and closes none of them before it is closed itself."""

    async def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        self._client = self._holder = self._loop = None
        self.hoard.append(self.client())
        self.hoard.append(self._holder)
        return await super().call(method, path, body)


@mutant(kills="LIF-001", says="connections are left open by calls")
class KeepsFailedAnswersOpen(Keeps):
    """Does not close the answer of a request that failed."""

    @asynccontextmanager
    async def open(self, method: str, path: str, body: dict[str, Any] | None) -> AsyncIterator[httpx.Response]:
        with self.transport_errors():
            request = self.client().build_request(
                method, self.url(path), headers=self.headers(), content=self.encoded(body)
            )
            response = await self.client().send(request, stream=True)
            if not response.is_success:
                self.hoard += [response, body := response.aiter_bytes()]
                first = await anext(body, b"")
                raise self.error(response.status_code, response.headers, first)
            try:
                yield response
            finally:
                await response.aclose()


@mutant(kills="LIF-011", says="what belongs to the whole process was changed")
class SetsATimeoutForAll(OpenAIChat):
    """Sets the default timeout of all sockets to its own."""

    def client(self) -> httpx.AsyncClient:
        socket.setdefaulttimeout(self.timeout)
        return super().client()


@mutant(kills="LIF-011", says="what belongs to the whole process was changed")
class ReadsJSONFaster(OpenAIChat):
    """Puts a reader of JSON of its own in the standard library's place."""

    def client(self) -> httpx.AsyncClient:
        json.loads = self.read
        return super().client()

    def read(self, text: str, **how: Any) -> Any:
        return json.JSONDecoder(**how).decode(text if isinstance(text, str) else bytes(text).decode())


@mutant(kills="LIF-012", says="repr() of the adapter raised")
class HasAReprOfWhatItLacks(OpenAIChat):
    """Has a repr of an attribute that it no longer has."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(timeout={self.seconds})"  # type: ignore[attr-defined]


@mutant(kills="LIF-012", says="str() of the exception raised KeyError")
class HasErrorsThatCannotBePrinted(OpenAIChat):
    """Looks the words for an error up when it is printed, and has none for most."""

    class Quiet(ProviderError):
        def __str__(self) -> str:
            return {"auth": "the key is wrong"}[self.kind]

    def error(self, status: int | None, headers: Mapping[str, str], body: bytes) -> ProviderError:
        made = super().error(status, headers, body)
        made.__class__ = self.Quiet
        return made


@mutant(kills="LIF-002", says="descriptors are left open by calls")
class OpensAJournal(Keeps):
    """Opens its journal for every call, and closes it when it is closed itself."""

    async def generate(self, request: Request) -> Reply:
        self.hoard.append(os.open(os.devnull, os.O_RDONLY))
        return await super().generate(request)

    async def close(self) -> None:
        while self.hoard:
            os.close(self.hoard.pop())
        await super().close()


@mutant(kills="LIF-003", says="tasks are left open by calls")
class WatchesForEver(Keeps):
    """Starts a task for every call that watches over it, and goes on doing so."""

    async def generate(self, request: Request) -> Reply:
        self.hoard.append(asyncio.create_task(asyncio.Event().wait()))
        return await super().generate(request)


@mutant(kills="LIF-004", says="every call makes a connection of its own")
class ConnectsEachTime(OpenAIChat):
    """Takes a new client for every call, and closes it."""

    async def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        try:
            return await super().call(method, path, body)
        finally:
            await self.close()


@mutant(kills="LIF-005", says="connections are open after it was closed")
class ClosesNothing(OpenAIChat):
    """Has a close that does nothing."""

    async def close(self) -> None:
        return None


@mutant(kills="LIF-006", says="closing it raised")
class ClosesWhatThereIsNot(OpenAIChat):
    """Closes its client, whether there is one or not."""

    async def close(self) -> None:
        client, self._client = self._client, None
        await client.aclose()  # type: ignore[union-attr]


@mutant(kills="LIF-007", says="the host's request was changed")
class AddsTheErrorToTheHistory(OpenAIChat):
    """Adds what went wrong to the host's own messages."""

    async def generate(self, request: Request) -> Reply:
        try:
            return await super().generate(request)
        except ProviderError as exc:
            request.messages.append(Message("user", f"That went wrong: {exc}"))  # type: ignore[attr-defined]
            raise
