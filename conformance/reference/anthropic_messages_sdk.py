"""A native adapter for Anthropic's Messages API on its official SDK, which is not needed for anything else here."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import anthropic
import httpx2

from conformance.contract import Capabilities, Done, Embeddings, Event, Health, ProviderError, Reply, Request
from conformance.reference.anthropic_messages.request import BuildsRequests
from conformance.reference.anthropic_messages.stream import Answer, ReadsStreams

UNTYPED = ("temperature", "top_p")  # the API has them for older models, the SDK has them no more


class AnthropicMessagesSDK(BuildsRequests, ReadsStreams):
    """The address is without /v1, as the SDK wants it. An empty `api_key` sends a placeholder, which servers
    without keys ignore."""

    name = "anthropic-sdk"
    capabilities = Capabilities(
        streaming=True,
        tools=True,
        images=True,
        embeddings=False,
        model_listing=True,
        structured_output=True,
        opaque=True,
    )

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str | None = None,
        model: str = "claude-haiku-4-5",
        timeout: float = 60.0,
    ) -> None:
        given = os.environ.get("ANTHROPIC_API_KEY") if api_key is None else api_key
        self.api_key = given.strip() if given else None
        self.model = model
        self.client = anthropic.AsyncAnthropic(
            api_key=self.api_key or "not-needed", base_url=base_url, timeout=timeout, max_retries=0
        )

    def __repr__(self) -> str:
        public = str(self.client.base_url.copy_with(userinfo=b""))
        return f"{type(self).__name__}(base_url={public!r}, model={self.model!r})"

    def arguments(self, request: Request, *, stream: bool) -> dict[str, Any]:
        body = self.payload(request, stream=stream)
        untyped = {name: body.pop(name) for name in UNTYPED if name in body}
        return {**body, **({"extra_body": untyped} if untyped else {})}

    # --- the contract ----------------------------------------------------------------------

    async def generate(self, request: Request) -> Reply:
        arguments = self.arguments(request, stream=False)
        with self.its_errors():
            return self.reply(self.given(await self.client.messages.create(**arguments)))

    async def stream(self, request: Request) -> AsyncIterator[Event]:
        arguments, answer = self.arguments(request, stream=True), Answer()
        with self.its_errors():
            async with await self.client.messages.create(**arguments) as events:
                async for event in events:
                    for told in self.event(answer, self.given(event)):
                        yield told
                    if answer.done:
                        break
            yield Done(self.finished(answer))

    async def embed(self, texts: Sequence[str], *, model: str | None = None) -> Embeddings:
        raise ProviderError(f"{self.name}: there are no embeddings", kind="unsupported", provider=self.name)

    async def list_models(self) -> Sequence[str]:
        with self.its_errors():
            first = await self.client.models.list()
            self.models(self.given(first))
            return [model.id async for model in first]

    async def health(self) -> Health:
        try:
            with self.its_errors():
                self.models(self.given(await self.client.models.list()))
        except ProviderError as exc:
            return Health(ok=False, detail=str(exc))
        return Health(ok=True)

    async def close(self) -> None:
        await self.client.close()

    # --- what the SDK gives ----------------------------------------------------------------

    def given(self, made: Any) -> dict[str, Any]:
        """A model of the SDK's, as it came over the wire. What it could not read it hands on as text."""
        if not isinstance(made, anthropic.BaseModel):
            raise self.malformed(f"an answer that is not the protocol's: {made!r:.80}")
        told: dict[str, Any] = made.to_dict(mode="python", warnings=False)
        if told.get("type") == "error" and told.get("error"):
            raise self.error(None, {}, json.dumps(told).encode())  # a 200 that is none
        return told

    @contextmanager
    def its_errors(self) -> Iterator[None]:
        try:
            yield
        except (anthropic.APITimeoutError, httpx2.TimeoutException) as exc:
            raise ProviderError(f"{self.name}: no answer in time", kind="timeout", provider=self.name) from exc
        except anthropic.APIStatusError as exc:
            raise self.told(exc) from None  # its text quotes the whole body, where the key may be quoted
        except (anthropic.APIConnectionError, httpx2.TransportError) as exc:
            raise ProviderError(f"{self.name}: {exc}", kind="network", provider=self.name) from exc
        except httpx2.DecodingError as exc:
            raise ProviderError(f"{self.name}: {exc}", kind="network", provider=self.name) from exc
        except (anthropic.AnthropicError, AttributeError, ValueError) as exc:  # AttributeError: a page as a model list
            raise self.malformed(str(exc)[:200]) from exc

    def told(self, exc: anthropic.APIStatusError) -> ProviderError:
        """The status of an error inside a stream is that of the stream, which was good."""
        body = exc.body if isinstance(exc.body, str) else json.dumps(exc.body) if exc.body is not None else ""
        status = exc.status_code if exc.status_code >= 400 else None
        return self.error(status, exc.response.headers if status else {}, body.encode("utf-8", "replace"))
