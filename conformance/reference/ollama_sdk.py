"""A native adapter for Ollama on its official package, `ollama`. Its own types read and write the wire.

Where the package drops a thing on the way, so does the adapter: tests/hosts/test_ollama_sdk.py has the list.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing, contextmanager

import ollama
from pydantic import ValidationError

from conformance.contract import (
    Capabilities,
    Done,
    Embeddings,
    Event,
    Health,
    ProviderError,
    ReasoningDelta,
    Reply,
    Request,
    TextDelta,
)
from conformance.reference.ollama.reply import ParsesOllamaReplies
from conformance.reference.ollama.request import BuildsOllamaRequests
from conformance.reference.wire.http import SpeaksHTTP


class OllamaSDK(BuildsOllamaRequests, ParsesOllamaReplies, SpeaksHTTP):
    """Ollama by way of `ollama.AsyncClient`."""

    name = "ollama-sdk"
    key_variable = "OLLAMA_API_KEY"
    capabilities = Capabilities(
        streaming=True, tools=True, images=True, structured_output=True, embeddings=True, model_listing=True
    )

    def __init__(
        self, api_key: str | None = None, base_url: str | None = None, model: str = "llama3.2", timeout: float = 60.0
    ) -> None:
        self.api_key = self.key(api_key)
        self.model = model
        headers = self.auth(self.api_key) if self.api_key else {}
        # A redirect is followed as a GET, which Ollama answers with a page.
        self.client = ollama.AsyncClient(base_url, timeout=timeout, headers=headers, follow_redirects=False)

    # --- the contract ----------------------------------------------------------------------

    async def generate(self, request: Request) -> Reply:
        with self.failures():
            answer = await self.client.chat(**self.payload(request, stream=False))
            return self.reply(answer.model_dump())

    async def stream(self, request: Request) -> AsyncIterator[Event]:
        text, thinking, last = "", "", None
        calls: list[ollama.Message.ToolCall] = []
        with self.failures():
            async with aclosing(await self.client.chat(**self.payload(request, stream=True))) as lines:
                async for line in lines:
                    message = line.message
                    if message.thinking:
                        thinking += message.thinking
                        yield ReasoningDelta(message.thinking)
                    if message.content:
                        text += message.content
                        yield TextDelta(message.content)
                    calls += message.tool_calls or ()
                    last = line if line.done else last
                    if line.done:
                        break
            if last is None:
                raise ProviderError(f"{self.name}: the stream was cut", kind="network", provider=self.name)
            whole = last.model_copy(update={"message": ollama.Message(role="assistant", content=text)})
            told = whole.model_dump()
            told["message"] |= {"thinking": thinking, "tool_calls": [c.model_dump() for c in calls]}
            yield Done(self.reply(told))

    async def embed(self, texts: Sequence[str], *, model: str | None = None) -> Embeddings:
        with self.failures():
            answer = await self.client.embed(model or self.model, list(texts))
            return self.embeddings(answer.model_dump(), len(texts))

    async def list_models(self) -> Sequence[str]:
        with self.failures():
            answer = await self.client.list()
            return [m.model or "" for m in answer.models]

    async def health(self) -> Health:
        try:
            await self.list_models()
        except ProviderError as exc:
            return Health(ok=False, detail=str(exc))
        return Health(ok=True)

    async def close(self) -> None:
        await self.client.close()  # type: ignore[no-untyped-call]

    # --- failures --------------------------------------------------------------------------

    @contextmanager
    def failures(self) -> Iterator[None]:
        """The package raises its own error for a status, the built-in one for a refused connection, and the
        client's or pydantic's for anything else."""
        try:
            with self.transport_errors():
                yield
        except ollama.ResponseError as exc:
            status = exc.status_code if exc.status_code > 0 else None
            text = str(exc.error)
            raise ProviderError(
                self.clean(f"{self.name}: {status or 'error'}: {text[:500]}"),
                kind=self.kind(status, [], text),
                status=status,
                provider=self.name,
            ) from exc
        except ConnectionError as exc:
            raise ProviderError(f"{self.name}: {exc}", kind="network", provider=self.name) from exc
        except (ValidationError, ValueError, TypeError, AttributeError) as exc:
            raise self.malformed(f"the package could not read it: {type(exc).__name__}") from exc
