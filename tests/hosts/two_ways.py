"""A host that needs no package: the native one, whose adapters have `generate_now` and `stream_now` too."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

from conformance.contract import Event, Reply, Request
from conformance.drivers import Call, native
from conformance.drivers.running import AsyncDriver
from conformance.drivers.ways import each
from conformance.reference import OpenAIChat
from conformance.trace import Outcome


class TwoWays(AsyncDriver):
    host = "native"  # whose profile it is judged by
    methods = ("generate", "stream", "generate_now", "stream_now")
    both_ways = True

    def capabilities(self, target: Any) -> dict[str, bool]:
        return native.DRIVER.capabilities(target)

    async def ask(self, adapter: Any, call: Call, outcome: Outcome) -> None:
        await native._ask(Plainly(adapter) if call.ask.way == "other" else adapter, call, outcome)

    async def close(self, adapter: Any) -> None:
        await adapter.close()


class Plainly:
    """The adapter in its other way."""

    def __init__(self, adapter: Any) -> None:
        self.adapter = adapter

    async def generate(self, request: Request) -> Reply:
        reply: Reply = self.adapter.generate_now(request)
        return reply

    def stream(self, request: Request) -> AsyncIterator[Event]:
        events: AsyncIterator[Event] = each(self.adapter.stream_now(request), plain=True)
        return events


class OpenAIBothWays(OpenAIChat):
    """The reference adapter, asked plainly too."""

    def generate_now(self, request: Request) -> Reply:
        return asyncio.run(self.closed(self.generate(request)))

    def stream_now(self, request: Request) -> Iterator[Event]:
        """Every event before an error, as in a stream that is awaited."""
        events: list[Event] = []
        try:
            asyncio.run(self.closed(self.collect(request, events)))
        finally:
            yield from events

    async def collect(self, request: Request, events: list[Event]) -> None:
        async for event in self.stream(request):
            events.append(event)

    async def closed(self, work: Any) -> Any:
        """Its client belongs to this event loop."""
        try:
            return await work
        finally:
            await self.close()
