"""One httpx client for each event loop, and one exchange with it."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import cache
from typing import Any

import httpx

from conformance.reference.wire.http import SpeaksHTTP


class HasClient(SpeaksHTTP):
    """The client's connections belong to the event loop that made them. `asyncio.run` closes the asynchronous
    generators of its loop when that ends, and the client is closed with the one that holds it."""

    _client: httpx.AsyncClient | None = None
    _holder: AsyncGenerator[None, None] | None = None
    _loop: asyncio.AbstractEventLoop | None = None

    def client(self) -> httpx.AsyncClient:
        loop = asyncio.get_running_loop()
        if self._client is None or self._loop is not loop:
            self._client, self._loop = self.new_client(), loop
            self._holder = _holding(self._client)
            with suppress(StopIteration):  # it begins here and now: the loop comes to know it
                self._holder.__anext__().send(None)
        return self._client

    def new_client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(timeout=self.timeout, verify=_trusted(os.environ.get("SSL_CERT_FILE")))

    async def close(self) -> None:
        if self._holder is not None and self._loop is asyncio.get_running_loop():
            await self._holder.aclose()
        self._client = self._holder = self._loop = None

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


@cache
def _trusted(file: str | None) -> ssl.SSLContext:
    """Of all clients: to read the world's certificates takes far longer than a request."""
    return httpx.create_ssl_context()


async def _holding(client: httpx.AsyncClient) -> AsyncGenerator[None, None]:
    try:
        yield
    finally:
        await client.aclose()
