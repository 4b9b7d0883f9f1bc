"""The client and the calls."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager, contextmanager
from typing import Any

import httpx

from conformance.contract import Capabilities, Embeddings, Event, Health, ProviderError, Reply, Request
from conformance.reference.openai_chat.request import BuildsRequests
from conformance.reference.openai_chat.stream import ReadsStreams


class OpenAIChat(BuildsRequests, ReadsStreams):
    """Any server that speaks the OpenAI chat API. An empty `api_key` sends none; None reads OPENAI_API_KEY."""

    name = "openai-chat"
    capabilities = Capabilities(streaming=True, tools=True, images=True, embeddings=True, model_listing=True)

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str = "https://api.openai.com/v1",
        model: str = "gpt-4o-mini",
        timeout: float = 60.0,
    ) -> None:
        self.api_key = self.key(api_key)
        self.base_url = base_url
        self.model = model
        self.timeout = timeout
        self._client: httpx.AsyncClient | None = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self.base_url!r}, model={self.model!r})"

    # --- the contract ----------------------------------------------------------------------

    async def generate(self, request: Request) -> Reply:
        return self.reply(await self.call("POST", "/chat/completions", self.payload(request, stream=False)))

    async def stream(self, request: Request) -> AsyncIterator[Event]:
        async with self.open("POST", "/chat/completions", self.payload(request, stream=True)) as response:
            if not self.is_event_stream(response):
                raise self.unexpected(await response.aread())
            async with aclosing(self.events(response.aiter_bytes())) as events:  # type: ignore[type-var]
                async for event in events:
                    yield event

    async def embed(self, texts: Sequence[str], *, model: str | None = None) -> Embeddings:
        data = await self.call("POST", "/embeddings", {"model": model or self.model, "input": list(texts)})
        return self.embeddings(data, len(texts))

    async def list_models(self) -> Sequence[str]:
        return self.model_ids(await self.call("GET", "/models"))

    async def health(self) -> Health:
        try:
            await self.list_models()
        except ProviderError as exc:
            return Health(ok=False, detail=str(exc))
        return Health(ok=True)

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    # --- one exchange ----------------------------------------------------------------------

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

    @contextmanager
    def transport_errors(self) -> Iterator[None]:
        try:
            yield
        except httpx.TimeoutException as exc:
            raise ProviderError(f"{self.name}: no answer in time", kind="timeout", provider=self.name) from exc
        except (httpx.TransportError, httpx.DecodingError) as exc:
            raise ProviderError(f"{self.name}: {exc}", kind="network", provider=self.name) from exc
        except httpx.InvalidURL as exc:
            raise ProviderError(f"{self.name}: {exc}", kind="invalid_request", provider=self.name) from exc

    def client(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = httpx.AsyncClient(timeout=self.timeout)
        return self._client

    def url(self, path: str) -> httpx.URL:
        base = httpx.URL(self.base_url)
        return base.copy_with(path=base.path.rstrip("/") + path)

    def headers(self) -> dict[str, str]:
        auth = {"Authorization": f"Bearer {self.api_key}"} if self.api_key else {}
        return {"Content-Type": "application/json", **auth}

    def key(self, given: str | None) -> str | None:
        """A key given wins, even an empty one; a newline from a file is not part of it."""
        key = os.environ.get("OPENAI_API_KEY") if given is None else given
        return key.strip() if key else None

    def encoded(self, body: dict[str, Any] | None) -> bytes | None:
        return None if body is None else json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")

    def decoded(self, body: bytes) -> Any:
        try:
            data = json.loads(body.decode())
        except ValueError:
            raise self.malformed(f"an answer that is not JSON: {body[:80]!r}") from None
        if isinstance(data, dict) and data.get("error"):
            raise self.error(None, {}, body)  # a 200 that is none
        return data

    def is_event_stream(self, response: httpx.Response) -> bool:
        """A body that is labelled as one JSON document or a page is no stream."""
        kind = response.headers.get("content-type", "")
        return not kind.startswith(("application/json", "text/html"))

    def unexpected(self, body: bytes) -> ProviderError:
        """What came in place of a stream: an error object, or nothing that we know."""
        try:
            self.decoded(body)
        except ProviderError as exc:
            return exc
        return self.malformed("an answer that is not a stream")
