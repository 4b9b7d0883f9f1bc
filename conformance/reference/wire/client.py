"""One httpx client, and one exchange with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from conformance.reference.wire.http import SpeaksHTTP


class HasClient(SpeaksHTTP):
    _client: httpx.AsyncClient | None = None

    def client(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = httpx.AsyncClient(timeout=self.timeout)
        return self._client

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        return self.decoded((await self.answered(method, path, body)).content)

    async def answered(self, method: str, path: str, body: dict[str, Any] | None) -> httpx.Response:
        """The answer, its body read."""
        with self.transport_errors():
            async with asyncio.timeout(self.limit()), self.open(method, path, body) as response:
                await response.aread()
                return response

    def limit(self) -> float | None:
        """For a whole reply, and for the head of a stream: the client's own timeout is for one read."""
        return self.timeout

    @asynccontextmanager
    async def open(self, method: str, path: str, body: dict[str, Any] | None) -> AsyncIterator[httpx.Response]:
        """The answer, its body unread; anything but success raises."""
        with self.transport_errors():
            request = self.client().build_request(
                method, self.url(path), headers=self.headers(), content=self.encoded(body)
            )
            async with asyncio.timeout(self.limit()):
                response = await self.client().send(request, stream=True)
            try:
                if not response.is_success:
                    async with asyncio.timeout(self.limit()):
                        body_of_error = await response.aread()
                    raise self.error(response.status_code, response.headers, body_of_error)
                yield response
            finally:
                await response.aclose()
