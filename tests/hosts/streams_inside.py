"""Adapters that ask for a stream where the host wants one answer."""

from __future__ import annotations

from typing import Any

from conformance.contract import Done, Reply, Request
from conformance.reference import AnthropicMessages, OpenAIChat


class StreamsInside(OpenAIChat):
    """Puts the answer together itself: no host can tell."""

    async def generate(self, request: Request) -> Reply:
        return await gathered(self, request)


class StreamsInsideToo(AnthropicMessages):
    """The same in another protocol."""

    async def generate(self, request: Request) -> Reply:
        return await gathered(self, request)


class AsksForAStreamAndReadsNone(OpenAIChat):
    """Reads one JSON document, and would get events."""

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        return super().payload(request, stream=stream) | {"stream": True}


async def gathered(adapter: OpenAIChat | AnthropicMessages, request: Request) -> Reply:
    replies = [event.reply async for event in adapter.stream(request) if isinstance(event, Done)]
    return replies[0]
