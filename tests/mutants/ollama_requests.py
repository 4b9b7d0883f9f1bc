"""Lies of an adapter for Ollama's own API about what is sent."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from conformance.contract import Image, Message, Request, Text, ToolCall
from conformance.reference import Ollama
from conformance.reference.openai_chat.request import BuildsRequests
from tests.mutants import mutant

Body = dict[str, Any]


@mutant(kills="OLL-001", says="options.temperature is not sent")
class SetsOptionsAtTheTop(Ollama):
    """Sends temperature, top_p, seed and stop beside the messages, as OpenAI takes them."""

    def payload(self, request: Request, *, stream: bool) -> Body:
        body = super().payload(request, stream=stream)
        options = body.pop("options", {})
        limit = {k: options.pop(k) for k in ("num_predict",) if k in options}
        return body | options | ({"options": limit} if limit else {})


@mutant(kills="OLL-002", says="options.num_predict is not sent")
class CallsTheLimitMaxTokens(Ollama):
    """Sends the limit of tokens as options.max_tokens."""

    def options(self, request: Request) -> Body:
        options = super().options(request)
        return {"max_tokens" if k == "num_predict" else k: v for k, v in options.items()}


@mutant(kills="OLL-003", says="stream is not sent")
class LeavesStreamOut(Ollama):
    """Says stream only where it wants one, as if the server did not stream by itself."""

    def payload(self, request: Request, *, stream: bool) -> Body:
        body = super().payload(request, stream=stream)
        return body if stream else {k: v for k, v in body.items() if k != "stream"}


@mutant(kills="REQ-015", says="the stream flag is wrong")
class SendsStreamAsNull(Ollama):
    """Says stream: null, which is true."""

    def payload(self, request: Request, *, stream: bool) -> Body:
        return super().payload(request, stream=stream) | ({} if stream else {"stream": None})


@mutant(kills="OLL-004", says="tools.0.type is not sent")
class PutsToolsAmongTheOptions(Ollama):
    """Sends the tools of a stream inside of options."""

    def payload(self, request: Request, *, stream: bool) -> Body:
        body = super().payload(request, stream=stream)
        if stream and "tools" in body:
            body["options"] = {**body.get("options", {}), "tools": body.pop("tools")}
        return body


@mutant(kills="OLL-005", says="the real API would reject this request")
class SendsArgumentsAsTextToOllama(Ollama):
    """Sends the arguments of a call as the text of an object."""

    def tool_call(self, call: ToolCall) -> Body:
        wire = super().tool_call(call)
        wire["function"]["arguments"] = json.dumps(call.arguments)
        return wire


@mutant(kills="OLL-006", says="messages.2.tool_name is not sent")
class NamesNoTool(Ollama):
    """Sends a result without the name of its tool."""

    def message(self, message: Message, names: dict[str, str]) -> Body:
        return {k: v for k, v in super().message(message, names).items() if k != "tool_name"}


@mutant(kills="OLL-007", says="the real API would reject this request")
class SendsPartsToOllama(Ollama):
    """Sends content as a list of parts where the host gives one."""

    def text(self, content: str | Sequence[Text | Image]) -> Any:
        if isinstance(content, str):
            return content
        return [{"type": "text", "text": p.text} for p in content if isinstance(p, Text)]

    def message(self, message: Message, names: dict[str, str]) -> Body:
        wire = super().message(message, names)
        if wire.get("images"):
            wire["content"] = super().text(message.content)
        return wire


@mutant(kills="OLL-007", says="messages.0.content is not sent")
class SendsTheFirstText(Ollama):
    """Sends the first of several texts."""

    def text(self, content: str | Sequence[Text | Image]) -> str:
        return super().text(content if isinstance(content, str) else content[:1])


@mutant(kills="OLL-008", says="the real API would reject this request")
class SendsDataURIsToOllama(Ollama):
    """Sends an image as a data URI, as OpenAI takes it."""

    def image(self, image: Image) -> str:
        return f"data:{image.media_type};base64,{super().image(image)}"


@mutant(kills="OLL-009", says="a failure was returned as an answer")
class SendsURLsForBase64ToOllama(Ollama):
    """Sends the URL of an image where base64 belongs."""

    def image(self, image: Image) -> str:
        return image.url or super().image(image)


@mutant(kills="OLL-009", says="a failure was returned as an answer")
class DropsImagesByURL(Ollama):
    """Leaves images by URL out of the request, and says nothing."""

    def images(self, content: str | Sequence[Text | Image]) -> list[str]:
        return [] if isinstance(content, str) else super().images([p for p in content if not getattr(p, "url", None)])


@mutant(kills="OLL-010", says="tools is sent although nobody asked for it")
class ForgetsTheToolChoiceToOllama(Ollama):
    """Sends the tools whatever was chosen of them."""

    def tools(self, request: Request) -> list[Body]:
        return super().tools(replace(request, tool_choice=None))


@mutant(kills="OLL-018", says="the key is not sent as the API takes it")
class SendsABareKeyToOllama(Ollama):
    """Sends the key without the word Bearer."""

    def auth(self, key: str) -> dict[str, str]:
        return {"Authorization": key}


@mutant(kills="REQ-005", says="model is not sent as asked")
class DropsTheTag(Ollama):
    """Sends the name of a model without its tag."""

    def payload(self, request: Request, *, stream: bool) -> Body:
        body = super().payload(request, stream=stream)
        return body | {"model": body["model"].partition(":")[0]}


@mutant(kills="REQ-010", says="tools is not sent as asked")
class FlattensToolsToOllama(Ollama):
    """Sends the name of a tool beside its type, and an empty function."""

    def tool(self, tool: Any) -> Body:
        return {"type": "function", "name": tool.name, "function": {"name": tool.name}}


@mutant(kills="TOL-012", says="messages is not sent as asked")
class SendsResultsInReverse(Ollama):
    """Sends the results of calls in reverse, without their ids, and so to each other's calls."""

    def payload(self, request: Request, *, stream: bool) -> Body:
        body = super().payload(request, stream=stream)
        results = [m for m in body["messages"] if m["role"] == "tool"][::-1]
        for message in body["messages"]:
            if message["role"] == "tool":
                message["content"] = results.pop(0)["content"] if results else ""
        return body


@mutant(kills="REQ-002", says="the real API would reject this request")
class SpeaksLikeOpenAI(Ollama):
    """Sends calls as OpenAI takes them, arguments as text and all."""

    def message(self, message: Message, names: dict[str, str]) -> Body:
        return BuildsRequests().message(message) if message.tool_calls else super().message(message, names)


@mutant(kills="EMB-001", says="texts is not sent")
class SpeaksTheOldEmbeddings(Ollama):
    """Sends one prompt, as the older route /api/embeddings takes it."""

    async def embed(self, texts: Sequence[str], *, model: str | None = None) -> Any:
        data = await self.call("POST", "/api/embed", {"model": model or self.model, "prompt": texts[0]})
        return self.embeddings(data, len(texts))


@mutant(kills="SCH-001", says="response_schema is not sent as asked")
class WrapsTheSchemaAsOpenAIDoes(Ollama):
    """Sends the schema in an object with its name, which the server reads as a schema that allows anything."""

    def payload(self, request: Request, *, stream: bool) -> Body:
        body = super().payload(request, stream=stream)
        if asked := request.response_schema:
            body["format"] = {"type": "json_schema", "json_schema": {"name": asked.name, "schema": asked.schema}}
        return body


@mutant(kills="SCH-001", says="response_schema is not sent as asked")
class AsksForAnyJSON(Ollama):
    """Says `format: json` where a schema was asked for."""

    def payload(self, request: Request, *, stream: bool) -> Body:
        body = super().payload(request, stream=stream)
        return body | {"format": "json"} if request.response_schema else body


@mutant(kills="RSN-009", says="reasoning_effort is not sent")
class DropsTheEffort(Ollama):
    """Takes an effort of reasoning and sends none."""

    def payload(self, request: Request, *, stream: bool) -> Body:
        body = super().payload(request, stream=stream)
        body.pop("think", None)
        return body


@mutant(kills="RSN-009", says="reasoning_effort is not sent")
class CallsTheEffortThinkInTheOptions(Ollama):
    """Sends `think` among the options, where the server drops it."""

    def payload(self, request: Request, *, stream: bool) -> Body:
        body = super().payload(request, stream=stream)
        if "think" in body:
            body.setdefault("options", {})["think"] = body.pop("think")
        return body


@mutant(kills="RSN-010", says="reasoning_effort is sent although nobody asked for it")
class AlwaysThinks(Ollama):
    """Has every model think, also those that cannot."""

    def payload(self, request: Request, *, stream: bool) -> Body:
        return {"think": True, **super().payload(request, stream=stream)}
