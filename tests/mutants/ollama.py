"""Lies of an adapter for Ollama's own API."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from typing import Any

from conformance.contract import (
    Done,
    ErrorKind,
    Event,
    FinishReason,
    Health,
    Image,
    Message,
    ProviderError,
    Reply,
    Request,
    Text,
    TextDelta,
    ToolCall,
    Usage,
)
from conformance.reference import Ollama
from conformance.reference.ollama.stream import Answer
from conformance.reference.openai_chat.request import BuildsRequests
from conformance.reference.wire.errors import MapsErrors
from tests.mutants import mutant

Body = dict[str, Any]
TURNED = "a good answer was turned into an error"
CALLS = "the tool calls are not those of the wire"


# --- what is sent ------------------------------------------------------------------------------


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


# --- what comes back ---------------------------------------------------------------------------


@mutant(kills="OLL-011", says="two tool calls have one id")
class TakesTheToolForAnId(Ollama):
    """Takes the tool's name for the id of a call that has none."""

    def tool_call_of(self, call: Body) -> ToolCall:
        made = super().tool_call_of(call)
        return made if call.get("id") else replace(made, id=made.name)


@mutant(kills="OLL-011", says="two tool calls have one id")
class NumbersCallsByLine(Ollama):
    """Numbers the calls of a stream anew on each line."""

    def tool_calls(self, calls: Any) -> tuple[ToolCall, ...]:
        made = super().tool_calls(calls)
        return tuple(
            c if w.get("id") else replace(c, id=f"call_{i}")
            for i, (c, w) in enumerate(zip(made, calls or (), strict=True))
        )


@mutant(kills="OLL-012", says=CALLS)
class KeepsTheLastLinesCalls(Ollama):
    """Keeps the calls of the last line that has some."""

    def take(self, answer: Answer, line: bytes) -> Iterator[Event]:
        before = list(answer.calls)
        yield from super().take(answer, line)
        answer.calls = answer.calls[len(before) :] or before


@mutant(kills="OLL-013", says=TURNED)
class ReadsArgumentsOnlyAsObjects(Ollama):
    """Reads arguments only where they are an object."""

    def arguments(self, value: Any) -> Body:
        if isinstance(value, str):
            raise self.malformed("arguments that are text")
        return super().arguments(value)


@mutant(kills="OLL-014", says="the finish reason is wrong")
class TakesLoadForStop(Ollama):
    """Takes an answer that loaded the model for one that stopped."""

    def finish(self, value: Any, calls: tuple[ToolCall, ...]) -> FinishReason:
        return super().finish("stop" if value in ("load", "unload") else value, calls)


@mutant(kills="OLL-015", says="the token usage is wrong")
class TakesCachedForNone(Ollama):
    """Takes a prompt's count that is left out for zero."""

    def usage(self, data: Body) -> Usage | None:
        usage = super().usage(data)
        return usage and replace(usage, input_tokens=usage.input_tokens or 0)


@mutant(kills="OLL-016", says="the text delivered is not the text sent")
class ThinksOrSpeaks(Ollama):
    """Overlooks the text on a line that has thinking."""

    def text_of(self, message: Body, name: str) -> str:
        return "" if name == "content" and message.get("thinking") else super().text_of(message, name)


@mutant(kills="STR-027", says="the text delivered is not the text sent")
class SpeaksItsThinking(Ollama):
    """Delivers thinking as text."""

    def text_of(self, message: Body, name: str) -> str:
        text = super().text_of(message, name)
        return super().text_of(message, "thinking") + text if name == "content" else ""


@mutant(kills="RSP-002", says="the finish reason is wrong")
class StopsForWhateverReason(Ollama):
    """Says stop for whatever done_reason."""

    def finish(self, value: Any, calls: tuple[ToolCall, ...]) -> FinishReason:
        return super().finish("stop" if value else value, calls)


@mutant(kills="OLL-023", says="the model list is wrong")
class CountsOnAList(Ollama):
    """Takes models: null for no list."""

    def model_names(self, data: Any) -> list[str]:
        if isinstance(data, dict) and data.get("models", ()) is None:
            raise self.malformed("an answer without models")
        return super().model_names(data)


@mutant(kills="OLL-024", says="the model list is wrong")
class ListsModelsWithoutLatest(Ollama):
    """Lists models without the tag latest and without their registry."""

    def model_names(self, data: Any) -> list[str]:
        return [name.removesuffix(":latest").removeprefix("hf.co/") for name in super().model_names(data)]


@mutant(kills="RSP-022", says="the model list is wrong")
class ListsModelsOnce(Ollama):
    """Takes a namespace for a part of the path, and drops it."""

    def model_names(self, data: Any) -> list[str]:
        return [name.rpartition("vendor/")[2] for name in super().model_names(data)]


@mutant(kills="EMB-007", says="the embeddings are wrong")
class EmbedsNothingTwice(Ollama):
    """Drops a vector that it has seen before."""

    def embeddings(self, data: Any, wanted: int) -> Any:
        made = super().embeddings(data, wanted)
        return replace(made, vectors=[v for i, v in enumerate(made.vectors) if v not in made.vectors[:i]])


# --- lines -------------------------------------------------------------------------------------


class ReadsText(Ollama):
    """For those that read lines in their own way; no mutant."""

    def lines(self, chunk: bytes) -> list[bytes]:
        raise NotImplementedError

    async def events(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[Event]:
        answer = Answer()
        async for chunk in chunks:
            for line in self.lines(chunk):
                for event in self.take(answer, line):
                    yield event
        yield Done(self.finished(answer))


@mutant(kills="STR-004", says=TURNED)
class TakesAReadForALine(ReadsText):
    """Takes what one read brings for whole lines, and keeps no rest for the next."""

    def lines(self, chunk: bytes) -> list[bytes]:
        return [line for line in chunk.split(b"\n") if line.strip()]


@mutant(kills="STR-004", says=TURNED)
class TakesAReadForOneObject(ReadsText):
    """Takes what one read brings for one object."""

    rest = b""

    def lines(self, chunk: bytes) -> list[bytes]:
        self.rest += chunk
        if not self.rest.endswith(b"\n"):
            return []
        line, self.rest = self.rest, b""
        return [line]


@mutant(kills="STR-023", says=TURNED)
class SplitsWhereTextDoes(ReadsText):
    """Splits lines as str.splitlines does, at U+0085 too."""

    rest = b""

    def lines(self, chunk: bytes) -> list[bytes]:
        *whole, self.rest = (self.rest + chunk).split(b"\n")
        return [part.encode() for line in whole for part in line.decode().splitlines() if part.strip()]


@mutant(kills="OLL-017", says=TURNED)
class ReadsBlankLines(ReadsText):
    """Takes a blank line for an object."""

    rest = b""

    def lines(self, chunk: bytes) -> list[bytes]:
        *whole, self.rest = (self.rest + chunk).split(b"\n")
        return whole


@mutant(kills="OLL-017", says=TURNED)
class WantsTheLastNewline(ReadsText):
    """Drops a last line that has no end."""

    rest = b""

    def lines(self, chunk: bytes) -> list[bytes]:
        *whole, self.rest = (self.rest + chunk).split(b"\n")
        return [line for line in whole if line.strip()]


@mutant(kills="OLL-019", says=TURNED)
class GoesByTheLabel(Ollama):
    """Reads a stream only where it is labelled application/x-ndjson."""

    async def stream(self, request: Request) -> AsyncIterator[Event]:
        async with self.open("POST", "/api/chat", self.payload(request, stream=True)) as response:
            if response.headers.get("content-type") == "application/json":
                raise self.malformed("an answer that is not a stream")
            async for event in self.events(response.aiter_bytes()):
                yield event


@mutant(kills="STR-007", says="a broken stream was returned as an answer")
class TakesTheEndForTheDoneLine(Ollama):
    """Takes the end of the connection for the line that is done."""

    def finished(self, answer: Answer) -> Reply:
        answer.last = answer.last or {"done": True, "done_reason": "stop"}
        return super().finished(answer)


@mutant(kills="STR-024", says="the text delivered is not the text sent")
class StopsBeforeTheLastText(Ollama):
    """Overlooks the text on the line that is done."""

    def take(self, answer: Answer, line: bytes) -> Iterator[Event]:
        for event in super().take(answer, line):
            if isinstance(event, TextDelta) and b'"done":true' in line:
                answer.text.pop()
            else:
                yield event


@mutant(kills="STR-012", says="a broken stream was returned as an answer")
class OverlooksErrorLines(Ollama):
    """Takes a line with an error for the end."""

    def take(self, answer: Answer, line: bytes) -> Iterator[Event]:
        if b'{"error"' in line:
            answer.last = {"done": True}
            return
        yield from super().take(answer, line)


# --- errors ------------------------------------------------------------------------------------


@mutant(kills="OLL-020", says="the error is of kind invalid_request, not context_length")
class ReadsNoErrorInsideAnother(Ollama):
    """Does not look into the JSON that is the text of an error."""

    def kind(self, status: int | None, codes: list[str], text: str) -> ErrorKind:
        nested = "n_ctx" in text or "available context size" in text
        return MapsErrors.kind(self, status, codes, text) if nested else super().kind(status, codes, text)


@mutant(kills="OLL-021", says="the provider's own message is lost")
class KeepsTheErrorToItself(Ollama):
    """Tells that a stream failed, and not why."""

    def error(self, status: int | None, headers: Any, body: bytes) -> ProviderError:
        if status is None:
            return ProviderError("ollama: the stream failed", kind="server", provider=self.name)
        return super().error(status, headers, body)


@mutant(kills="OLL-022", says="a failure was returned as an answer")
class TakesARedirectForAnAnswer(Ollama):
    """Takes an answer without a body for an empty one, whatever its status is."""

    def error(self, status: int | None, headers: Any, body: bytes) -> ProviderError:
        made = super().error(status, headers, body)
        made.code = "moved" if status == 301 else made.code
        return made

    async def generate(self, request: Request) -> Reply:
        try:
            return await super().generate(request)
        except ProviderError as exc:
            if exc.code == "moved":
                return Reply()
            raise


@mutant(kills="ERR-007", says="the error is of kind server, not not_found")
class BlamesTheServerForAModel(Ollama):
    """Takes a model that was not pulled for a failure of the server."""

    def kind(self, status: int | None, codes: list[str], text: str) -> ErrorKind:
        return "server" if "not found" in text else super().kind(status, codes, text)


@mutant(kills="HLT-005", says="the health check is wrong")
class IsHealthyWhereAnybodyAnswers(Ollama):
    """Takes any answer at the root for Ollama."""

    async def health(self) -> Health:
        try:
            async with self.open("GET", "/", None):
                return Health(ok=True)
        except ProviderError as exc:
            return Health(ok=False, detail=str(exc))


# --- structured output and thinking ------------------------------------------------------------


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


@mutant(kills="RSN-006", says="the reply's text is wrong")
class TellsThoughtsBeforeACallAsText(Ollama):
    """Takes what was thought before a tool call for the text beside it."""

    def reply(self, data: Any) -> Reply:
        reply = super().reply(data)
        return replace(reply, text=reply.text or reply.reasoning or "") if reply.tool_calls else reply
