"""The sample of LLM Council's guide with the one method that is missing from it, so that the rest can be judged."""

from __future__ import annotations

import httpx

from tests.hosts.council_sample import MyProvider


class WithAClient(MyProvider):
    async def _get_client(self) -> httpx.AsyncClient:
        if self._http_client is None:
            self._http_client = httpx.AsyncClient(limits=httpx.Limits(max_keepalive_connections=0))  # never closed
        return self._http_client
