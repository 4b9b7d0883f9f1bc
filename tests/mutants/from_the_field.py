"""Lies that users met in the field: each is a reported bug, made in a reference adapter."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from conformance.contract import ErrorKind, Event, Message, ProviderError, Reply, Request, Text, Tool
from conformance.reference import AnthropicMessages, BedrockConverse, Gemini, OpenAIChat, OpenAIResponses
from conformance.reference.anthropic_messages.stream import Answer as Said
from conformance.reference.openai_chat.stream import Answer
from tests.mutants import mutant

REFUSED = "a good answer was turned into an error"
REJECTED = "the real API would reject this request"
REASON = "the finish reason is wrong"


# --- errors ------------------------------------------------------------------------------------


@mutant(kills="ERR-031", says="of kind billing, not rate_limit")
class ReadsQuota(OpenAIChat):
    """Takes every error that has the word quota in it for a spent one."""

    def error(self, status: int | None, headers: Any, body: bytes) -> ProviderError:
        made = super().error(status, headers, body)
        made.kind = "billing" if b"quota" in body.lower() else made.kind
        return made


@mutant(kills="ERR-032", says="of kind invalid_request, not context_length")
class KnowsOneSentence(OpenAIChat):
    """Knows that a prompt is too long in OpenAI's own sentence alone."""

    def kind(self, status: int | None, codes: list[str], text: str) -> ErrorKind:
        kind = super().kind(status, codes, text)
        guessed = kind == "context_length" and not any("context" in code for code in codes)
        return "invalid_request" if guessed and "maximum context length is" not in text else kind


@mutant(kills="ERR-016", says="the error does not carry the status")
class CallsItUnauthorized(OpenAIChat):
    """Gives a forbidden request the status of a rejected key."""

    def error(self, status: int | None, headers: Any, body: bytes) -> ProviderError:
        made = super().error(status, headers, body)
        if made.status == 403:
            made.status, made.kind = 401, "auth"
        return made


@mutant(kills="STR-013", says="of kind server, not rate_limit")
class GoesByTheTypeOfAnError(OpenAIChat):
    """Believes the type of an error inside a stream before its code."""

    def in_band(self, chunk: dict[str, Any]) -> ProviderError:
        error = chunk.get("error")
        coarse = isinstance(error, dict) and error.get("type") == "server_error"
        return super().in_band({"error": {**error, "code": None}} if coarse and isinstance(error, dict) else chunk)


@mutant(kills="STR-013", says="of kind server, not context_length")
class TakesAllErrorsOfAStreamForTheServers(OpenAIChat):
    """Takes an error inside a stream that is no rate limit for the server's fault."""

    def in_band(self, chunk: dict[str, Any]) -> ProviderError:
        made = super().in_band(chunk)
        made.kind = made.kind if made.kind in ("rate_limit", "overloaded") else "server"
        return made


@mutant(kills="MAL-009", says="a broken stream was returned as an answer")
class ReadsHalfALine(OpenAIChat):
    """Reads of two events on one line the second one, and forgets the first."""

    def load(self, data: bytes) -> dict[str, Any]:
        return super().load(data.rpartition(b"data: ")[2])


@mutant(kills="AUT-007", says="the API key is in the exception")
class QuotesTheURLOfEmbeddings(Gemini):
    """Asks for embeddings with the key in the URL, and quotes that in errors."""

    async def embed(self, texts: Sequence[str], *, model: str | None = None) -> Any:
        try:
            return await super().embed(texts, model=model)
        except ProviderError as exc:
            text = f"{exc}: for url {self.base_url}/models:batchEmbedContents?key={self.api_key}"
            raise ProviderError(text, kind=exc.kind, status=exc.status, provider=self.name) from None


# --- answers -----------------------------------------------------------------------------------


@mutant(kills="RSP-023", says=REASON)
class KnowsOpenAIsReasons(OpenAIChat):
    """Knows the finish reasons of OpenAI alone."""

    def finish(self, value: Any) -> Any:
        return "unknown" if value in ("eos", "model_length", "sensitive") else super().finish(value)


@mutant(kills="RSP-007", says="the tool calls are not those of the wire")
class LeavesACallOfAStreamWithoutId(OpenAIChat):
    """Hands on a call of a stream without an id, though it makes one up elsewhere."""

    def finished(self, answer: Answer) -> Reply:
        made = super().finished(answer)
        calls = [replace(c, id=told.id) for c, told in zip(made.tool_calls, answer.calls, strict=True)]
        return replace(made, tool_calls=tuple(calls))


@mutant(kills="STR-030", says=REFUSED)
class GivesPiecesToTheFirst(OpenAIChat):
    """Gives pieces without an index to the first call."""

    def call_piece(self, answer: Answer, piece: Any) -> None:
        goes_on = answer.calls and piece.get("index") is None and not piece.get("id")
        super().call_piece(answer, {**piece, "id": answer.calls[0].id} if goes_on else piece)


@mutant(kills="ANT-026", says="the reply's text is wrong")
class BeginsBlocksEmpty(AnthropicMessages):
    """Takes the start of a block for an empty one."""

    def begun(self, answer: Said, index: Any, block: dict[str, Any]) -> Iterator[Event]:
        return super().begun(answer, index, {k: "" if k in ("text", "thinking") else v for k, v in block.items()})


@mutant(kills="ANT-011", says=REFUSED)
class WantsTheSignatureFirst(AnthropicMessages):
    """Counts on a signature where a block of thinking begins."""

    def begun(self, answer: Said, index: Any, block: dict[str, Any]) -> Iterator[Event]:
        if block.get("type") == "thinking" and "signature" not in block:
            raise self.malformed("thinking without a signature")
        return super().begun(answer, index, block)


@mutant(kills="ANT-012", says=REFUSED)
class WantsTextBeforeAStop(AnthropicMessages):
    """Takes an answer that a stop sequence ended before any text for a broken one."""

    def reply(self, data: Any) -> Reply:
        made = super().reply(data)
        if data.get("stop_reason") == "stop_sequence" and not made.text:
            raise self.malformed("an answer without text")
        return made


@mutant(kills="GEM-027", says="the tool calls are not those of the wire")
class DropsCallsOnSafety(Gemini):
    """Takes an answer that a filter stopped for one without anything in it."""

    def reply(self, data: Any) -> Reply:
        made = super().reply(data)
        return replace(made, text="", tool_calls=()) if made.finish_reason == "content_filter" else made


@mutant(kills="SCH-007", says="the reply's text is wrong")
class WantsTheClosingFence(OpenAIChat):
    """Takes a fence that is never closed for an empty answer."""

    def text(self, content: Any) -> str:
        text = super().text(content)
        return "" if text.startswith("```") and text.count("```") == 1 else text


# --- requests ----------------------------------------------------------------------------------


@mutant(kills="TOL-016", says=REJECTED)
class SendsAnyName(OpenAIChat):
    """Sends a tool's name as it is, however long."""

    tool_names = ".*"


@mutant(kills="TOL-016", says=REJECTED)
class MendsNamesAlike(OpenAIChat):
    """Mends names so that two of them may be one."""

    def named(self, tool: Tool) -> str:
        return re.sub(r"[^a-zA-Z0-9_-]", "_", tool.name)[:64]


@mutant(kills="TOL-016", says=REJECTED)
class ResponsesSendsAnyName(OpenAIResponses):
    """Sends a tool's name as it is, dots too."""

    tool_names = ".*"


@mutant(kills="TOL-016", says=REJECTED)
class BedrockSendsLongNames(BedrockConverse):
    """Knows which letters a tool's name may have, and not how many."""

    tool_names = "[a-zA-Z0-9_-]+"


@mutant(kills="MUL-011", says="messages is not sent as asked")
class TakesScreensForPNG(AnthropicMessages):
    """Calls every image in a tool's result a PNG."""

    def result(self, message: Message) -> dict[str, Any]:
        made = super().result(message)
        for block in made["content"]:
            if isinstance(block, dict) and block["type"] == "image":
                block["source"]["media_type"] = "image/png"
        return made


@mutant(kills="MUL-011", says="messages is not sent as asked")
class TellsOnlyTheTextOfResults(AnthropicMessages):
    """Leaves images of a tool's result out."""

    def result(self, message: Message) -> dict[str, Any]:
        said = message.content
        texts = said if isinstance(said, str) else [p for p in said if isinstance(p, Text)]
        return super().result(replace(message, content=texts))


@mutant(kills="ANT-004", says=REJECTED)
class DropsNewlinesAlone(AnthropicMessages):
    """Drops stop sequences of white space, and sends the empty one."""

    def stop(self, sequences: Sequence[str]) -> list[str] | None:
        return [s for s in sequences if not s or s.strip()] or None


@mutant(kills="ANT-002", says=REJECTED)
class SendsEmptyResults(AnthropicMessages):
    """Cleans turns of empty blocks, and not the results of tools."""

    def result(self, message: Message) -> dict[str, Any]:
        content = message.content
        parts = content if isinstance(content, str) else [self.part(p) for p in content]
        return {"type": "tool_result", "tool_use_id": self.id(message.tool_call_id or ""), "content": parts}


@mutant(kills="GEM-028", says="thoughtSignature is not sent")
class SignsNothing(Gemini):
    """Sends calls of another provider without a signature."""

    def sign(self, turns: list[dict[str, Any]]) -> None:
        return


@mutant(kills="GEM-023", says=REJECTED)
class CleansTheTop(Gemini):
    """Takes keywords that the API does not know out of the top of a schema alone."""

    def tool(self, tool: Tool) -> dict[str, Any]:
        known = ("type", "properties", "required", "description")
        return {
            "name": tool.name,
            "description": tool.description,
            "parameters": {k: v for k, v in tool.parameters.items() if k in known},
        }


@mutant(kills="EMB-009", says=REJECTED)
class EmbedsAllAtOnce(OpenAIChat):
    """Puts all texts into one request."""

    def batches(self, texts: Sequence[str]) -> list[list[str]]:
        return [list(texts)]


@mutant(kills="VEN-028", says="max_completion_tokens is not sent")
class KnowsOneNameOfTheLimit(OpenAIChat):
    """Sends the limit of tokens as max_tokens to every model."""

    def limit_name(self, model: str) -> str:
        return "max_tokens"


@mutant(kills="REQ-004", says="messages is not sent as asked")
class MakesTurnsAlternate(OpenAIChat):
    """Puts an empty turn of the user between two system prompts."""

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        turns: list[Message] = []
        for message in request.messages:
            if turns and turns[-1].role == message.role == "system":
                turns.append(Message("user", ""))
            turns.append(message)
        return super().payload(replace(request, messages=turns), stream=stream)


@mutant(kills="REQ-002", says=REJECTED)
class SystemPromptsFirstOnly(AnthropicMessages):
    """Gives the first system prompt its place, and leaves later ones among the turns, under their own role."""

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        body = super().payload(request, stream=stream)
        later = [m for m in request.messages[1:] if m.role == "system"]
        return {**body, "messages": [*({"role": m.role, "content": self.plain(m)} for m in later), *body["messages"]]}


@mutant(kills="REQ-020", says="messages is not sent")
class RepliesWithMetadata(OpenAIChat):
    """Leaves what the host keeps of an answer in the history that is sent."""

    def message(self, message: Message) -> dict[str, Any]:
        kept = {"model_name": self.model, "promptTokens": 11} if message.role == "assistant" else {}
        return {**super().message(message), **kept}
