"""OpenAI chat completions, with embeddings and the model list.

Legal requests are described by `fixtures/schemas/openai-chat/*.json`, written from OpenAI's API
reference; what a schema cannot say (which call a tool message answers) is said here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.contract import Image, JSONSchema, Message, Request, Text
from conformance.dialects import Dialect, Read
from conformance.dialects.openai_forms import image, is_object, read, tool, tool_call
from conformance.trace import Exchange

_OPTIONS = ("temperature", "top_p", "seed")


class OpenAIChat(Dialect):
    reads = True
    answers = "conformance.dialects.openai_chat_said"

    def rules(self, exchange: Exchange, body: dict[str, Any]) -> Iterator[str]:
        if exchange.operation == "chat":
            yield from _conversation(body["messages"])
            yield from _tools(body)
            yield from _limits(body)

    def read(self, exchange: Exchange) -> Read:
        body = exchange.json()
        return read(body, exchange.operation, _request, stream=self.streams(exchange))


def _request(body: dict[str, Any]) -> Request:
    stop = body.get("stop")
    limit = body.get("max_completion_tokens")
    return Request(
        messages=[_message(m) for m in body.get("messages", ())],
        model=body.get("model"),
        max_tokens=body.get("max_tokens") if limit is None else limit,
        stop=(stop,) if isinstance(stop, str) else tuple(stop or ()),
        tools=[tool(t["function"]) for t in body.get("tools") or ()],
        tool_choice=_choice(body.get("tool_choice")),
        response_schema=_format(body.get("response_format")),
        reasoning_effort=_effort(body),
        **{name: body.get(name) for name in _OPTIONS},
    )


def _choice(data: Any) -> str | None:
    if isinstance(data, dict):
        name: str = data["function"]["name"]
        return name
    return "required" if data == "any" else data  # any is Mistral's word


def _format(data: Any) -> JSONSchema | None:
    """Any object, where it is only said that it must be one."""
    if data is None or data["type"] == "text":
        return None
    given = data.get("json_schema") or {"name": "", "schema": {"type": "object"}}
    return JSONSchema(given.get("name", ""), given.get("schema") or {}, strict=bool(given.get("strict")))


def _effort(body: dict[str, Any]) -> str | None:
    """OpenRouter has it beside its other wishes for reasoning."""
    wishes = body.get("reasoning")
    effort = body.get("reasoning_effort") or (wishes.get("effort") if isinstance(wishes, dict) else None)
    return effort if isinstance(effort, str) else None


def _message(data: dict[str, Any]) -> Message:
    content = data.get("content")
    return Message(
        role="system" if data["role"] == "developer" else data["role"],
        content=[_part(p) for p in content] if isinstance(content, list) else content or "",
        tool_calls=[tool_call(c) for c in data.get("tool_calls") or ()],
        tool_call_id=data.get("tool_call_id"),
    )


def _part(data: dict[str, Any]) -> Text | Image:
    if data["type"] == "text":
        return Text(data["text"])
    return image(data["image_url"]["url"])


# --- what a schema cannot say ------------------------------------------------------------------


def _conversation(messages: list[dict[str, Any]]) -> Iterator[str]:
    """Every tool message answers a call of the assistant message before it, and every call is answered."""
    open_calls: set[str] = set()
    for i, message in enumerate(messages):
        if message["role"] == "tool":
            if message["tool_call_id"] not in open_calls:
                yield f"$.messages[{i}].tool_call_id: answers no tool call of the assistant message before it"
            open_calls.discard(message["tool_call_id"])
            continue
        if open_calls:
            yield f"$.messages[{i}]: tool calls {sorted(open_calls)} have no answer"
        open_calls = {call["id"] for call in message.get("tool_calls") or ()}
        for j, call in enumerate(message.get("tool_calls") or ()):
            if call["type"] == "function" and not is_object(call["function"]["arguments"]):
                yield f"$.messages[{i}].tool_calls[{j}].function.arguments: is not the JSON text of an object"
    if open_calls:
        yield f"$.messages: tool calls {sorted(open_calls)} have no answer"


def _tools(body: dict[str, Any]) -> Iterator[str]:
    tools, choice = body.get("tools") or (), body.get("tool_choice")
    names = [t["function"]["name"] for t in tools if t["type"] == "function"]
    if choice not in (None, "none", "auto") and not tools:
        yield "$.tool_choice: is only allowed when tools are specified"
    elif isinstance(choice, dict) and choice["type"] == "function" and choice["function"]["name"] not in names:
        yield f"$.tool_choice: there is no tool {choice['function']['name']!r}"
    if len(set(names)) < len(names):
        yield "$.tools: two tools have the same name"


def _limits(body: dict[str, Any]) -> Iterator[str]:
    if body.get("max_tokens") is not None and body.get("max_completion_tokens") is not None:
        yield "$.max_tokens: is not allowed beside max_completion_tokens"
    if body.get("stream_options") is not None and not body.get("stream"):
        yield "$.stream_options: is only allowed when stream is true"


DIALECT = OpenAIChat.shipped("openai-chat")
