"""Lies about what was asked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, suppress
from dataclasses import replace
from typing import Any

import httpx

from conformance.contract import Embeddings, Event, Image, Message, ProviderError, Reply, Request, Text, Tool, ToolCall
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
class SendsEmptyListsOfCalls(OpenAIChat):
    """Gives every turn of the assistant a list of tool calls, empty or not."""

    def message(self, message: Message) -> dict[str, Any]:
        calls = {"tool_calls": []} if message.role == "assistant" else {}
        return calls | super().message(message)


@mutant(kills="REQ-002", says="the real API would reject this request")
class SendsZeroDimensions(OpenAIChat):
    """Sends zero for the number of dimensions that nobody asked for."""

    def encoded(self, body: dict[str, Any] | None) -> bytes | None:
        return super().encoded({**body, "dimensions": 0} if body and "input" in body else body)


@mutant(kills="REQ-002", says="the real API would reject this request")
class LeavesToolsUntyped(OpenAIChat):
    """Does not say that a tool is a function."""

    def tool(self, tool: Tool) -> dict[str, Any]:
        return {"function": super().tool(tool)["function"]}


@mutant(kills="REQ-003", says="messages is not sent as asked")
class TrimsMessages(OpenAIChat):
    """Strips the white space around every text."""

    def message(self, message: Message) -> dict[str, Any]:
        text = message.content
        return super().message(replace(message, content=text.strip() if isinstance(text, str) else text))


@mutant(kills="REQ-003", says="messages is not sent as asked")
class TakesTheAssistantForTheUser(OpenAIChat):
    """Sends as the user's what the assistant said."""

    def message(self, message: Message) -> dict[str, Any]:
        said = message.role == "assistant" and not message.tool_calls
        return super().message(replace(message, role="user") if said else message)


@mutant(kills="REQ-003", says="messages is not sent as asked")
class SendsTheFirstTextOnly(OpenAIChat):
    """Sends the first of several texts and drops the others."""

    def content(self, message: Message) -> Any:
        parts = [p for p in message.content if isinstance(p, Text)]
        return parts[0].text if parts and len(parts) == len(message.content) else super().content(message)


@mutant(kills="REQ-004", says="messages is not sent as asked")
class SendsTheSystemPromptAsTheUsers(OpenAIChat):
    """Makes the system prompt a turn of the user."""

    def message(self, message: Message) -> dict[str, Any]:
        return super().message(replace(message, role="user") if message.role == "system" else message)


@mutant(kills="REQ-004", says="messages is not sent as asked")
class ForgetsTheSystemPromptInStreams(OpenAIChat):
    """Leaves the system prompt out when it streams."""

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        kept = [m for m in request.messages if not stream or m.role != "system"]
        return super().payload(replace(request, messages=kept), stream=stream)


@mutant(kills="REQ-004", says="messages is not sent as asked")
class SendsTheSystemPromptTwice(OpenAIChat):
    """Sends the system prompt at the head of the messages and again before the last one."""

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        *before, last = request.messages
        system = [m for m in before if m.role == "system"]
        return super().payload(replace(request, messages=[*before, *system, last]), stream=stream)


@mutant(kills="REQ-005", says="model is not sent as asked")
class AsksAlwaysItsOwnModel(OpenAIChat):
    """Takes the model of its constructor, whatever the request says."""

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        return super().payload(replace(request, model=None), stream=stream)


@mutant(kills="REQ-005", says="model is not sent as asked")
class CutsTheVendorOffTheModel(OpenAIChat):
    """Takes what stands before a slash for the provider's name and drops it."""

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        name = (request.model or self.model).rpartition("/")[2]
        return super().payload(replace(request, model=name), stream=stream)


@mutant(kills="REQ-006", says="temperature is not sent")
class DropsTemperatureZero(OpenAIChat):
    """Takes a temperature of zero for none."""

    def options(self, request: Request) -> dict[str, Any]:
        return super().options(request) | {"temperature": request.temperature or None}


@mutant(kills="REQ-006", says="temperature is not sent as asked")
class WarmsZeroUp(OpenAIChat):
    """Makes a tenth of a temperature of zero."""

    def options(self, request: Request) -> dict[str, Any]:
        return super().options(request) | ({"temperature": 0.1} if request.temperature == 0 else {})


@mutant(kills="REQ-007", says="seed is not sent")
class DropsSeedZero(OpenAIChat):
    """Takes a seed of zero for none."""

    def options(self, request: Request) -> dict[str, Any]:
        return super().options(request) | {"seed": request.seed or None}


@mutant(kills="REQ-007", says="top_p is not sent")
class ForgetsTopP(OpenAIChat):
    """Does not send top_p."""

    def options(self, request: Request) -> dict[str, Any]:
        return super().options(request) | {"top_p": None}


@mutant(kills="REQ-008", says="max_tokens is not sent")
class LosesTheLimit(OpenAIChat):
    """Does not send the limit of tokens."""

    def options(self, request: Request) -> dict[str, Any]:
        return super().options(request) | {"max_tokens": None}


@mutant(kills="REQ-008", says="the real API would reject this request")
class SendsTheLimitUnderBothNames(OpenAIChat):
    """Sends max_completion_tokens beside max_tokens, to be sure."""

    def options(self, request: Request) -> dict[str, Any]:
        return super().options(request) | {"max_completion_tokens": request.max_tokens}


@mutant(kills="REQ-008", says="max_tokens is not sent")
class LosesTheLimitInStreams(OpenAIChat):
    """Does not send the limit of tokens when it streams."""

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        return super().payload(replace(request, max_tokens=None) if stream else request, stream=stream)


@mutant(kills="REQ-009", says="stop is not sent as asked")
class SendsTheFirstStopOnly(OpenAIChat):
    """Sends the first stop sequence only."""

    def options(self, request: Request) -> dict[str, Any]:
        return super().options(replace(request, stop=request.stop[:1]))


@mutant(kills="REQ-009", says="stop is not sent as asked")
class DropsBlankStops(OpenAIChat):
    """Drops stop sequences of white space."""

    def options(self, request: Request) -> dict[str, Any]:
        return super().options(replace(request, stop=[s for s in request.stop if s.strip()]))


@mutant(kills="REQ-010", says="tools is not sent as asked")
class DropsToolDescriptions(OpenAIChat):
    """Tells the model the names of the tools and not what they do."""

    def tool(self, tool: Tool) -> dict[str, Any]:
        return super().tool(replace(tool, description=""))


@mutant(kills="REQ-010", says="tools is not sent as asked")
class PrunesSchemas(OpenAIChat):
    """Keeps only the keywords of a schema that it knows."""

    def tool(self, tool: Tool) -> dict[str, Any]:
        known = {k: v for k, v in tool.parameters.items() if k in ("type", "properties")}
        return super().tool(replace(tool, parameters=known))


@mutant(kills="REQ-010", says="tools is not sent")
class ForgetsToolsInStreams(OpenAIChat):
    """Does not send the tools when it streams."""

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        return super().payload(replace(request, tools=()) if stream else request, stream=stream)


@mutant(kills="REQ-011", says="tool_choice is not sent")
class NeverForcesATool(OpenAIChat):
    """Does not send the choice of tool."""

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        return super().payload(replace(request, tool_choice=None), stream=stream)


@mutant(kills="REQ-011", says="tool_choice is not sent as asked")
class ForcesAnyTool(OpenAIChat):
    """Asks for some tool where one was named."""

    def tool_choice(self, choice: str) -> str | dict[str, Any]:
        return choice if choice in ("auto", "none") else "required"


@mutant(kills="REQ-011", says="the real API would reject this request")
class ChoosesByABareName(OpenAIChat):
    """Sends the name of the chosen tool as it is."""

    def tool_choice(self, choice: str) -> str | dict[str, Any]:
        return choice


@mutant(kills="REQ-012", says="the request cannot be read")
class SendsArgumentsAsAnObject(OpenAIChat):
    """Sends the arguments of a past call as an object, not as its JSON text."""

    def tool_call(self, call: ToolCall) -> dict[str, Any]:
        return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}


@mutant(kills="REQ-012", says="the real API would reject this request")
class LosesTheIdOfAResult(OpenAIChat):
    """Does not say which call a result answers."""

    def message(self, message: Message) -> dict[str, Any]:
        return super().message(replace(message, tool_call_id=None))


@mutant(kills="REQ-012", says="messages is not sent as asked")
class CutsCallIdsToNine(OpenAIChat):
    """Cuts the ids of tool calls to nine characters for one vendor, and sends them so to all."""

    def message(self, message: Message) -> dict[str, Any]:
        calls, answers = [replace(c, id=c.id[:9]) for c in message.tool_calls], message.tool_call_id
        return super().message(replace(message, tool_calls=calls, tool_call_id=answers and answers[:9]))


@mutant(kills="REQ-012", says="messages is not sent as asked")
class DropsTheTextBesideACall(OpenAIChat):
    """Sends null for the content of every message with tool calls."""

    def content(self, message: Message) -> Any:
        return None if message.tool_calls else super().content(message)


@mutant(kills="REQ-013", says="messages is not sent as asked")
class TakesEveryImageForAPng(OpenAIChat):
    """Says image/png of every inline image."""

    def part(self, part: Text | Image) -> dict[str, Any]:
        return super().part(replace(part, media_type="image/png") if isinstance(part, Image) else part)


@mutant(kills="REQ-013", says="messages is not sent as asked")
class PutsImagesLast(OpenAIChat):
    """Sends all texts first and the images after them."""

    def content(self, message: Message) -> Any:
        content = super().content(message)
        return sorted(content, key=lambda p: p["type"] != "text") if isinstance(content, list) else content


@mutant(kills="REQ-013", says="messages is not sent as asked")
class ShowsNoImageByUrl(OpenAIChat):
    """Drops images that are given by URL."""

    def content(self, message: Message) -> Any:
        shown = [p for p in message.content if isinstance(p, Text) or (isinstance(p, Image) and not p.url)]
        return super().content(replace(message, content=shown or message.content))


@mutant(kills="REQ-014", says="temperature is sent although nobody asked")
class InventsATemperature(OpenAIChat):
    """Has a temperature of its own for requests without one."""

    def options(self, request: Request) -> dict[str, Any]:
        options = super().options(request)
        return options | ({"temperature": 0.7} if request.temperature is None else {})


@mutant(kills="REQ-014", says="max_tokens is sent although nobody asked")
class InventsALimitInStreams(OpenAIChat):
    """Limits every stream that has no limit."""

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        return ({"max_tokens": 1024} if stream else {}) | super().payload(request, stream=stream)


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


@mutant(kills="REQ-018", says="messages is not sent as asked")
class DropsEmoji(OpenAIChat):
    """Drops what two bytes cannot hold."""

    def encoded(self, body: dict[str, Any] | None) -> bytes | None:
        text = (super().encoded(body) or b"").decode()
        return "".join(c for c in text if c <= "\uffff").encode() or None


@mutant(kills="REQ-018", says="messages is not sent as asked")
class TakesALineSeparatorForANewline(OpenAIChat):
    """Takes a line separator inside a text for the end of a line."""

    def content(self, message: Message) -> Any:
        content = super().content(message)
        return content.replace("\u2028", "\n") if isinstance(content, str) else content


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


@mutant(kills="REQ-020", says="fields that the API does not have are on the wire")
class SendsItsBookkeeping(OpenAIChat):
    """Sends along what it keeps for itself."""

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        return super().payload(request, stream=stream) | {"_attempt": 1}


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


@mutant(kills="REQ-023", says="parameters are set that nobody asked for")
class KnowsBetter(OpenAIChat):
    """Sets a penalty that it thinks is good for every answer."""

    def options(self, request: Request) -> dict[str, Any]:
        return {**super().options(request), "frequency_penalty": 0.5}


@mutant(kills="REQ-010", says="tools is not sent as asked")
class StripsSchemasInPlace(OpenAIChat):
    """Strips a keyword from the schemas of the tools, in the host's own objects."""

    def tool(self, tool: Tool) -> dict[str, Any]:
        tool.parameters.pop("additionalProperties", None)
        return super().tool(tool)
