"""A native adapter for Gemini on Google's own SDK (google-genai), which is loaded when an adapter is made.

The SDK builds the requests, speaks HTTP and reads the events; what an answer means is read as in the adapter on httpx.
"""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from conformance.contract import (
    Capabilities,
    Done,
    Embeddings,
    Event,
    Health,
    ProviderError,
    Reply,
    Request,
)
from conformance.reference.gemini.request import BuildsRequests
from conformance.reference.gemini.stream import Answer, ReadsStreams

if TYPE_CHECKING:
    from collections.abc import Iterator


class GeminiSDK(BuildsRequests, ReadsStreams):
    """The Gemini API by way of google-genai. An SDK's client needs a key: an empty one is refused."""

    name = "gemini-sdk"
    capabilities = Capabilities(
        streaming=True,
        tools=True,
        images=True,
        structured_output=True,
        embeddings=True,
        model_listing=True,
        opaque=True,
    )

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str | None = None,
        model: str = "gemini-2.5-flash",
        timeout: float = 60.0,
    ) -> None:
        if api_key is None:
            api_key = os.environ.get("GEMINI_API_KEY") or os.environ.get("GOOGLE_API_KEY")
        self.api_key = api_key.strip() if api_key else None
        if base_url is not None and not base_url.strip():
            raise ProviderError(f"{self.name}: the base URL is empty", kind="invalid_request", provider=self.name)
        self.base_url = (base_url or "").strip()
        self.model = model
        self.timeout = timeout
        self._client: Any = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self.public(self.base_url)!r}, model={self.model!r})"

    @property
    def client(self) -> Any:
        """Without the SDK's own retries and redirects, and on the address that was given, its version's path in it."""
        if self._client is None:
            from google import genai  # noqa: PLC0415 - an optional dependency

            if not self.api_key:
                raise ProviderError(f"{self.name}: there is no key", kind="auth", provider=self.name)
            options: Any = {"timeout": int(self.timeout * 1000), "retry_options": {"attempts": 1}}
            options["async_client_args"] = {"follow_redirects": False}
            if self.base_url:
                options |= {"base_url": self.base_url, "api_version": ""}
            self._client = genai.Client(api_key=self.api_key, http_options=options)
        return self._client

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aio.aclose()
            self._client = None

    # --- the contract ----------------------------------------------------------------------

    async def generate(self, request: Request) -> Reply:
        with self.failures():
            answer = await self.client.aio.models.generate_content(**self.asked(request))
            return self.reply(self.told(answer))

    async def stream(self, request: Request) -> AsyncIterator[Event]:
        with self.failures():
            answer = Answer()
            chunks = await self.client.aio.models.generate_content_stream(**self.asked(request))
            try:
                async for chunk in chunks:
                    for event in self.chunk(answer, self.told(chunk)):
                        yield event
            finally:
                await chunks.aclose()
            yield Done(self.finished(answer))

    async def embed(self, texts: Sequence[str], *, model: str | None = None) -> Embeddings:
        with self.failures():
            contents = [{"parts": [{"text": text}]} for text in texts]
            answer = await self.client.aio.models.embed_content(model=self.model_name(model), contents=contents)
            return self.embeddings(self.told(answer), len(texts))

    async def list_models(self) -> Sequence[str]:
        with self.failures():
            pager = await self.client.aio.models.list(config={"query_base": True})
            return [str(model.name).removeprefix("models/") async for model in pager]

    async def health(self) -> Health:
        try:
            await self.list_models()
        except ProviderError as exc:
            return Health(ok=False, detail=str(exc))
        return Health(ok=True)

    # --- the SDK's words --------------------------------------------------------------------

    def asked(self, request: Request) -> dict[str, Any]:
        """The body's fields as the SDK's arguments: what is beside the contents is its config.

        The SDK puts the model into the path as it is.
        """
        body = self.payload(request)
        named = {"systemInstruction": "system_instruction", "tools": "tools", "toolConfig": "tool_config"}
        config = {ours: body[theirs] for theirs, ours in named.items() if theirs in body}
        config |= body.get("generationConfig", {})
        config["automatic_function_calling"] = {"disable": True}
        model = quote(self.model_name(request.model), safe="")
        return {"model": model, "contents": body["contents"], "config": config}

    def told(self, answer: Any) -> Any:
        """The SDK's object as the body that it was made of."""
        return json.loads(answer.model_dump_json(by_alias=True, exclude_none=True, exclude={"sdk_http_response"}))

    @contextmanager
    def failures(self) -> Iterator[None]:
        """The SDK's errors, its HTTP clients' and its own faults, as the contract's."""
        from google.genai import errors  # noqa: PLC0415 - an optional dependency

        try:
            yield
        except ProviderError:
            raise
        except errors.APIError as exc:
            headers = getattr(exc.response, "headers", None) or {}
            body = json.dumps(exc.details, default=str).encode()
            raise self.error(exc.code if isinstance(exc.code, int) else None, headers, body) from exc
        except Exception as exc:
            raise self.other(exc) from exc

    def other(self, exc: Exception) -> ProviderError:
        names = {kind.__name__ for kind in type(exc).__mro__}
        text = self.clean(f"{self.name}: {exc}"[:500])
        if names & {"TimeoutException", "TimeoutError", "Timeout"}:
            return ProviderError(text, kind="timeout", provider=self.name)
        if names & {"TransportError", "ClientError", "OSError"}:
            return ProviderError(text, kind="network", provider=self.name)
        return ProviderError(text, kind="malformed", provider=self.name)
