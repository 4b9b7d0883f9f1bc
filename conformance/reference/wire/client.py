"""One httpx client, and one exchange with it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from conformance.reference.wire.http import SpeaksHTTP


class HasClient(SpeaksHTTP):
    timeout: float
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
        async with self.open(method, path, body) as response:
            return self.decoded(await response.aread())

    @asynccontextmanager
    async def open(self, method: str, path: str, body: dict[str, Any] | None) -> AsyncIterator[httpx.Response]:
        """The answer, its body unread; anything but success raises."""
        with self.transport_errors():
            request = self.client().build_request(
                method, self.url(path), headers=self.headers(), content=self.encoded(body)
            )
            response = await self.client().send(request, stream=True)
            try:
                if not response.is_success:
                    raise self.error(response.status_code, response.headers, await response.aread())
                yield response
            finally:
                await response.aclose()
