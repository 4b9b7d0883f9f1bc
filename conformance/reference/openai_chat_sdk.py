"""A native adapter for the OpenAI chat API on the official openai SDK (3 or later).

The SDK brings the client, the routes, the framing of streams and typed exceptions. What it hides has to be looked for:

* retries, which belong to the host: `max_retries=0`;
* a 200 that is no answer: the SDK makes models of anything, so raw responses are asked for and their bodies read;
* a stream that is none: the raw response has the content type;
* a stream that was cut: the SDK swallows `[DONE]` and takes the end of the connection for it, so only a finish reason
  tells that the answer is whole;
* what an error said: the SDK's text shortens the body and quotes the key, so the body itself is read.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import aclosing
from typing import Any

from conformance.contract import Capabilities, Done, Embeddings, ErrorKind, Event, Health, ProviderError, Reply, Request
from conformance.reference.openai_chat.request import BuildsRequests
from conformance.reference.openai_chat.stream import Answer, ReadsStreams
from conformance.reference.wire.capable import KnowsItsLimits
from conformance.reference.wire.http import SpeaksHTTP

try:
    import httpx2  # the SDK's client, whose errors it lets out where it reads the body of an error
    import openai
except ImportError as exc:
    raise ImportError(
        "the openai SDK is not installed; get it with: pip install 'provider-conformance[openai-sdk]'"
    ) from exc

NO_KEY = "no-key"  # the SDK insists on one; servers that need none ignore it


class OpenAIChatSDK(KnowsItsLimits, BuildsRequests, ReadsStreams, SpeaksHTTP):
    """Any server that speaks the OpenAI chat API, by way of the SDK."""

    name = "openai-chat-sdk"
    capabilities = Capabilities(
        streaming=True,
        tools=True,
        images=True,
        embeddings=True,
        model_listing=True,
        structured_output=True,
        opaque=True,
    )

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
        self.client = openai.AsyncOpenAI(
            api_key=self.api_key or NO_KEY, base_url=base_url, timeout=timeout, max_retries=0
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self.public(self.base_url)!r}, model={self.model!r})"

    # --- the contract ----------------------------------------------------------------------

    async def generate(self, request: Request) -> Reply:
        completions = self.client.chat.completions.with_raw_response
        return self.reply(await self.body(completions.create(**self.payload(request, stream=False))))

    async def stream(self, request: Request) -> AsyncIterator[Event]:
        completions = self.client.chat.completions.with_streaming_response
        try:
            async with completions.create(**self.payload(request, stream=True)) as response:
                if not self.is_event_stream(response):
                    raise self.unexpected(await response.read())
                async with aclosing(self.chunks(await response.parse())) as events:  # type: ignore[type-var]
                    async for event in events:
                        yield event
            return
        except (openai.OpenAIError, httpx2.TransportError, ValueError) as exc:  # ValueError: an event that is not JSON
            error = self.failed(exc)
        raise error

    async def embed(self, texts: Sequence[str], *, model: str | None = None) -> Embeddings:
        embeddings = self.client.embeddings.with_raw_response
        made = []
        for part in self.batches(texts):
            data = await self.body(embeddings.create(model=model or self.model, input=part))
            made.append(self.embeddings(data, len(part)))
        return self.joined(made)

    async def list_models(self) -> Sequence[str]:
        return self.model_ids(await self.body(self.client.models.with_raw_response.list()))

    async def health(self) -> Health:
        try:
            await self.list_models()
        except ProviderError as exc:
            return Health(ok=False, detail=str(exc))
        return Health(ok=True)

    async def close(self) -> None:
        await self.client.close()

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        """Half of a surrogate pair, which no body can hold and the SDK cannot encode, is replaced."""
        body: dict[str, Any] = json.loads(self.encoded(super().payload(request, stream=stream)) or b"")
        return body

    # --- what the SDK brings ----------------------------------------------------------------

    async def body(self, call: Awaitable[Any]) -> Any:
        try:
            return self.decoded((await call).content)
        except openai.OpenAIError as exc:
            error = self.failed(exc)
        raise error  # out here, where the SDK's own, which quotes what the provider quotes, does not go with it

    async def chunks(self, stream: openai.AsyncStream[Any]) -> AsyncIterator[Event]:
        answer = Answer()
        async for chunk in stream:
            if not isinstance(chunk, openai.BaseModel):
                raise self.malformed("a stream event that is not an object")
            for event in self.chunk(answer, chunk.to_dict(warnings=False)):
                yield event
        yield Done(self.finished(answer))

    def failed(self, exc: Exception) -> ProviderError:
        """An error of the SDK as the contract's: one of a status has the body, one inside a stream the error object."""
        if isinstance(exc, openai.APIStatusError):
            return self.error(exc.status_code, exc.response.headers, exc.response.content)
        if isinstance(exc, openai.APIConnectionError | httpx2.TransportError):
            late = isinstance(exc, openai.APITimeoutError | httpx2.TimeoutException)
            text = "no answer in time" if late else self.clean(str(exc.__cause__ or exc))
            kind: ErrorKind = "timeout" if late else "network"
            error = ProviderError(f"{self.name}: {text}", kind=kind, provider=self.name)
        elif isinstance(exc, openai.APIError):
            return self.error(None, {}, json.dumps({"error": exc.body}).encode())
        else:
            error = self.malformed(f"what the SDK cannot read: {exc}")
        error.__cause__ = exc
        return error
