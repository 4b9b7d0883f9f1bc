"""Lies about the messages that were asked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from conformance.contract import Image, Message, Request, Text, ToolCall
from conformance.reference import AnthropicMessages, Gemini, OpenAIChat
from tests.mutants import mutant


@mutant(kills="REQ-002", says="the real API would reject this request")
class SendsEmptyListsOfCalls(OpenAIChat):
    """Gives every turn of the assistant a list of tool calls, empty or not."""

    def message(self, message: Message) -> dict[str, Any]:
        calls = {"tool_calls": []} if message.role == "assistant" else {}
        return calls | super().message(message)


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


@mutant(kills="REQ-004", says="1 of 3 texts are not sent")
class KeepsTheLastSystemPrompt(AnthropicMessages):
    """Takes the last of several system messages for the prompt."""

    def system(self, messages: Sequence[Message]) -> str:
        return super().system([m for m in messages if m.role == "system"][-1:])


@mutant(kills="REQ-003", says="messages is not sent as asked")
class RemembersTwentyTurns(OpenAIChat):
    """Sends the last twenty turns of a conversation."""

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        return super().payload(replace(request, messages=request.messages[-20:]), stream=stream)


@mutant(kills="REQ-012", says="1 of 2 texts are not sent")
class SendsTheFirstPartOfAResult(OpenAIChat):
    """Sends the first part of a tool's result."""

    def message(self, message: Message) -> dict[str, Any]:
        parts = message.content
        first = (
            replace(message, content=parts[:1]) if message.role == "tool" and not isinstance(parts, str) else message
        )
        return super().message(first)


@mutant(kills="REQ-012", says="the real API would reject this request")
class ReadsTheJSONOfAResult(Gemini):
    """Sends a result that is JSON as what it says, be it a list or a number."""

    def result(self, message: Message) -> Any:
        try:
            return json.loads(str(message.content))
        except ValueError:
            return super().result(message)
