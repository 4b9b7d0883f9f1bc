"""No mutants: what several of them are made of."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager
from typing import Any

import httpx

from conformance.contract import Event, ProviderError, Request
from conformance.reference import OpenAIChat

LOST = (httpx.RemoteProtocolError, httpx.ReadError)


class ChangesErrors(OpenAIChat):
    """For those that change an error on its way to the host."""

    @contextmanager
    def transport_errors(self) -> Iterator[None]:
        try:
            with super().transport_errors():
                yield
        except ProviderError as exc:
            raise self.changed(exc) from exc.__cause__

    def changed(self, exc: ProviderError) -> Exception:
        return exc


class ChangesErrorsOfStreams(OpenAIChat):
    """For those that change the errors of streams only."""

    async def stream(self, request: Request) -> AsyncIterator[Event]:
        try:
            async with aclosing(super().stream(request)) as events:
                async for event in events:
                    yield event
        except ProviderError as exc:
            raise self.changed(exc) from exc.__cause__

    def changed(self, exc: ProviderError) -> Exception:
        return exc


class ChangesEarlyBreaks(OpenAIChat):
    """For those that tell something else of a stream that was lost before its first event."""

    async def stream(self, request: Request) -> AsyncIterator[Event]:
        heard = False
        try:
            async with aclosing(super().stream(request)) as events:
                async for event in events:
                    heard = True
                    yield event
        except ProviderError as exc:
            if heard or not isinstance(exc.__cause__, LOST):
                raise
            for event in self.instead(exc):
                yield event

    def instead(self, exc: ProviderError) -> Iterator[Event]:
        raise exc


class SeesAnswers(OpenAIChat):
    """For those that do something of their own when an answer has come, or an error."""

    @asynccontextmanager
    async def open(self, method: str, path: str, body: dict[str, Any] | None) -> AsyncIterator[httpx.Response]:
        try:
            async with super().open(method, path, body) as response:
                await self.came(response)
                yield response
        except ProviderError as exc:
            await self.failed(exc)
            raise

    async def came(self, response: httpx.Response) -> None:
        """Its head, that is."""

    async def failed(self, exc: ProviderError) -> None:
        """Before the host is told."""
