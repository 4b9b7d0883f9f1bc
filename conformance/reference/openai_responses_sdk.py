"""A native adapter for the Responses API on the official openai SDK.

The SDK sends, cuts the stream into events and names what failed on the way; what came is read as the adapter on httpx
reads it. The SDK is imported when an adapter is built, not before.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from conformance.contract import Done, Embeddings, Event, ProviderError, Reply, Request
from conformance.reference.openai_responses.adapter import OpenAIResponses
from conformance.reference.openai_responses.stream import Told

if TYPE_CHECKING:
    from openai import AsyncOpenAI

PLACEHOLDER = "not-needed"  # the SDK insists on a key; servers without one ignore it


class OpenAIResponsesSDK(OpenAIResponses):
    """The same calls, over `openai.AsyncOpenAI`."""

    name = "openai-responses-sdk"
    _sdk: AsyncOpenAI | None = None

    def sdk(self) -> AsyncOpenAI:
        from openai import AsyncOpenAI  # noqa: PLC0415

        if self._sdk is None:
            key = self.api_key or PLACEHOLDER
            self._sdk = AsyncOpenAI(api_key=key, base_url=self.base_url, timeout=self.timeout, max_retries=0)
        return self._sdk

    async def close(self) -> None:
        if self._sdk is not None:
            await self._sdk.close()
            self._sdk = None

    # --- the contract ----------------------------------------------------------------------

    async def generate(self, request: Request) -> Reply:
        with self.sdk_errors():
            answer = await self.sdk().responses.create(**self.payload(request, stream=False))
            return self.reply(self.plain(answer))

    async def stream(self, request: Request) -> AsyncIterator[Event]:
        with self.sdk_errors():
            told = Told()
            async with await self.sdk().responses.create(**self.payload(request, stream=True)) as events:
                async for event in events:
                    for made in self.happened(told, json.dumps(self.plain(event)).encode()):
                        yield made
                    if told.answer is not None:
                        break
            yield Done(self.summed_up(told, told.answer))

    async def embed(self, texts: Sequence[str], *, model: str | None = None) -> Embeddings:
        with self.sdk_errors():
            answer = await self.sdk().embeddings.create(model=model or self.model, input=list(texts))
            return self.embeddings(self.plain(answer), len(texts))

    async def list_models(self) -> Sequence[str]:
        with self.sdk_errors():
            return self.model_ids(self.plain(await self.sdk().models.list()))

    # --- what the SDK gives ----------------------------------------------------------------

    def plain(self, answer: Any) -> Any:
        """As it came: the SDK's models keep what they do not know, and what is of another type."""
        data = answer.to_dict(warnings=False) if hasattr(answer, "to_dict") else answer
        if isinstance(data, dict) and data.get("error") and data.get("object") != "response":
            raise self.error(None, {}, json.dumps(data).encode())
        return data

    @contextmanager
    def sdk_errors(self) -> Iterator[None]:
        import httpx2  # noqa: PLC0415 - the SDK's client, whose errors it lets out where it reads the body of an error
        import openai  # noqa: PLC0415

        try:
            yield
        except (openai.APITimeoutError, httpx2.TimeoutException) as exc:
            raise ProviderError(f"{self.name}: no answer in time", kind="timeout", provider=self.name) from exc
        except openai.APIStatusError as exc:
            # The SDK's own text quotes the answer, and an answer may quote the key: it is no cause to show.
            raise self.error(exc.status_code, exc.response.headers, exc.response.content) from None
        except (openai.APIConnectionError, httpx2.TransportError) as exc:
            raise ProviderError(f"{self.name}: {exc}", kind="network", provider=self.name) from exc
        except openai.APIResponseValidationError as exc:
            raise self.malformed(f"an answer that is not the API's: {exc}") from exc
        except openai.APIError as exc:
            raise self.error(None, {}, json.dumps({"error": exc.body or exc.message}).encode()) from None
        except (ValueError, TypeError, AttributeError) as exc:  # from inside the SDK, where an answer is none
            raise self.malformed(f"an answer that is not the API's: {exc}") from exc
