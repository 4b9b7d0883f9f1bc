"""Lies about what is asked at all: where, how often, and with whose objects."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, suppress
from typing import Any

import httpx

from conformance.contract import Embeddings, Event, Message, ProviderError, Reply, Request
from conformance.reference import OpenAIChat
from tests.mutants import mutant


@mutant(kills="REQ-001", says="no request reached the server")
class AnswersFromMemory(OpenAIChat):
    """Answers without asking anybody."""

    async def generate(self, request: Request) -> Reply:
        return Reply("The Nile, the Amazon and the Yangtze.", "stop")


@mutant(kills="REQ-001", says="the real API would reject this request")
class SendsAPrompt(OpenAIChat):
    """Sends a prompt in place of the messages, as the API before this one wanted it."""

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        body = super().payload(request, stream=stream)
        body["prompt"] = body.pop("messages")[-1]["content"]
        return body


@mutant(kills="REQ-001", says="the URL is joined wrongly")
class ReplacesTheLastSegment(OpenAIChat):
    """Resolves the route like a link, so that the last segment of the base URL is lost."""

    def url(self, path: str) -> httpx.URL:
        return httpx.URL(self.base_url).join(path[1:])


@mutant(kills="REQ-001", says="the request went past the base URL")
class LosesThePathOfTheBaseUrl(OpenAIChat):
    """Keeps only the host of the base URL."""

    def url(self, path: str) -> httpx.URL:
        return httpx.URL(self.base_url).copy_with(path="/v1" + path)


@mutant(kills="REQ-002", says="the real API would reject this request")
class SendsZeroDimensions(OpenAIChat):
    """Sends zero for the number of dimensions that nobody asked for."""

    def encoded(self, body: dict[str, Any] | None) -> bytes | None:
        return super().encoded({**body, "dimensions": 0} if body and "input" in body else body)


@mutant(kills="REQ-015", says="the stream flag is wrong")
class AsksAlwaysForAStream(OpenAIChat):
    """Asks for a stream where the host wants one answer."""

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        return super().payload(request, stream=stream) | {"stream": True}


@mutant(kills="REQ-015", says="the stream flag is wrong")
class ForgetsToAskForTheStream(OpenAIChat):
    """Reads a stream for which it did not ask."""

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        return super().payload(request, stream=False)


@mutant(kills="REQ-016", says="the URL is joined wrongly")
class JoinsWithTwoSlashes(OpenAIChat):
    """Puts a slash between a base URL that ends with one and the route."""

    def url(self, path: str) -> httpx.URL:
        return httpx.URL(self.base_url + path)


@mutant(kills="REQ-016", says="the URL is joined wrongly")
class AddsV1ToV1(OpenAIChat):
    """Adds /v1 to a base URL that ends with /v1/."""

    def url(self, path: str) -> httpx.URL:
        base = self.base_url if self.base_url.endswith("/v1") else self.base_url.rstrip("/") + "/v1"
        return httpx.URL(base + path)


@mutant(kills="REQ-016", says="the URL is joined wrongly")
class LosesThePrefixOfAGateway(OpenAIChat):
    """Keeps the first and the last segment of the base URL's path and drops what is between them."""

    def url(self, path: str) -> httpx.URL:
        first, *others = httpx.URL(self.base_url).path.strip("/").split("/")
        return httpx.URL(self.base_url).copy_with(path="/".join(["", first, *others[-1:]]) + path)


@mutant(kills="REQ-017", says="the header content-type is wrong")
class LabelsTheBodyAForm(OpenAIChat):
    """Sends JSON under the type of a form."""

    def headers(self) -> dict[str, str]:
        return super().headers() | {"Content-Type": "application/x-www-form-urlencoded"}


@mutant(kills="REQ-017", says="the header content-type is wrong")
class SaysNothingOfTheBody(OpenAIChat):
    """Sends no content type."""

    def headers(self) -> dict[str, str]:
        return {k: v for k, v in super().headers().items() if k != "Content-Type"}


@mutant(kills="REQ-019", says="2 requests were")
class AsksTwice(OpenAIChat):
    """Asks once more before it returns the answer."""

    async def generate(self, request: Request) -> Reply:
        await super().generate(request)
        return await super().generate(request)


@mutant(kills="REQ-019", says="2 requests were")
class AsksForTheUsageApart(OpenAIChat):
    """Asks again without a stream, to learn what the stream has cost."""

    async def stream(self, request: Request) -> AsyncIterator[Event]:
        async with aclosing(super().stream(request)) as events:  # type: ignore[type-var]
            async for event in events:
                yield event
        with suppress(ProviderError):
            await self.generate(request)


@mutant(kills="REQ-021", says="the host's request was changed")
class WritesIntoTheHostsHistory(OpenAIChat):
    """Appends the answer to the host's own list of messages."""

    async def generate(self, request: Request) -> Reply:
        reply = await super().generate(request)
        request.messages.append(Message("assistant", reply.text))  # type: ignore[attr-defined]
        return reply


@mutant(kills="REQ-021", says="the host's request was changed")
class TakesTheSystemPromptOut(OpenAIChat):
    """Takes the system prompt out of the host's own list when it builds a stream's request."""

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        body = super().payload(request, stream=stream)
        if stream and request.messages[0].role == "system":
            request.messages.pop(0)  # type: ignore[attr-defined]
        return body


@mutant(kills="REQ-022", says="texts is not sent as asked")
class SortsTextsToEmbed(OpenAIChat):
    """Sends the texts to embed in the order of the alphabet."""

    async def embed(self, texts: Sequence[str], *, model: str | None = None) -> Embeddings:
        return await super().embed(sorted(texts), model=model)


@mutant(kills="REQ-022", says="model is not sent as asked")
class EmbedsWithItsOwnModel(OpenAIChat):
    """Embeds with a model that it chose itself."""

    async def embed(self, texts: Sequence[str], *, model: str | None = None) -> Embeddings:
        return await super().embed(texts, model="text-embedding-3-small")


@mutant(kills="REQ-022", says="texts is not sent as asked")
class EmbedsTheFirstBatchOnly(OpenAIChat):
    """Sends as many texts as fit into one batch and forgets the rest."""

    async def embed(self, texts: Sequence[str], *, model: str | None = None) -> Embeddings:
        return await super().embed(texts[:2], model=model)


@mutant(kills="REQ-030", says="the header host is wrong")
class LosesThePortOfTheHost(OpenAIChat):
    """Names the host without its port."""

    def headers(self) -> dict[str, str]:
        return super().headers() | {"Host": str(httpx.URL(self.base_url).host)}
