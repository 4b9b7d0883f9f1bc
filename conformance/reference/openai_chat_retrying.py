"""A native adapter that asks again itself, for hosts that leave it that: `retries = "own"` in its configuration.

Only what may pass is tried again, only before anything was delivered, after the wait that the provider asked for, and
never after one that nobody would sit out. The last attempt's error is the host's.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx

from conformance.contract import ProviderError
from conformance.reference.openai_chat.adapter import OpenAIChat

MAY_PASS = ("rate_limit", "overloaded", "server", "network", "timeout")


class OpenAIChatRetrying(OpenAIChat):
    """Any server that speaks the OpenAI chat API, asked up to three times."""

    name = "openai-chat-retrying"
    attempts = 3
    longest = 60.0  # seconds that it is willing to wait

    @asynccontextmanager
    async def open(self, method: str, path: str, body: dict[str, Any] | None) -> AsyncIterator[httpx.Response]:
        async with AsyncExitStack() as stack:
            for attempt in range(1, self.attempts + 1):
                try:
                    response = await stack.enter_async_context(super().open(method, path, body))
                    break
                except ProviderError as exc:
                    wait = self.wait(exc, attempt)
                    if wait is None:
                        raise
                await asyncio.sleep(wait)
            yield response

    def wait(self, exc: ProviderError, attempt: int) -> float | None:
        """Seconds until the next attempt; None where there is none."""
        if attempt == self.attempts or exc.kind not in MAY_PASS:
            return None
        seconds = exc.retry_after if exc.retry_after is not None else 0.5 * 2**attempt
        return seconds if seconds <= self.longest else None
