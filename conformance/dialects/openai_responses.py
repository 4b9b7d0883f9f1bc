"""OpenAI's Responses API, with embeddings and the model list.

Legal requests are described by `fixtures/schemas/openai-responses/*.json`, written from OpenAI's API
reference; what a schema cannot say (which call an output answers) is said here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from conformance.contract import Image, JSONSchema, Message, Request, Role, Text, ToolCall
from conformance.dialects import Dialect, Read
from conformance.dialects.openai_forms import image, is_object, read, tool
from conformance.trace import Exchange

_ROLE: dict[str, Role] = {"developer": "system"}
_STATE = ("previous_response_id", "conversation")  # with one of these the call may be on the server


class OpenAIResponses(Dialect):
    reads = True
    answers = "conformance.dialects.openai_responses_said"

    def rules(self, exchange: Exchange, body: dict[str, Any]) -> Iterator[str]:
        if exchange.operation == "chat":
            yield from _calls(body)
            yield from _tools(body)
            yield from _together(body)

    def read(self, exchange: Exchange) -> Read:
        body = exchange.json()
        return read(body, exchange.operation, _request, stream=self.streams(exchange))


def _request(body: dict[str, Any]) -> Request:
    told = body.get("instructions")
    instructions = [Message("system", told)] if told else []
    return Request(
        messages=[*instructions, *_messages(body.get("input") or [])],
        model=body.get("model"),
        max_tokens=body.get("max_output_tokens"),
        temperature=body.get("temperature"),
        top_p=body.get("top_p"),
        tools=[tool(t) for t in body.get("tools") or () if t["type"] == "function"],
        tool_choice=_choice(body.get("tool_choice")),
        response_schema=_format((body.get("text") or {}).get("format")),
        reasoning_effort=(body.get("reasoning") or {}).get("effort"),
    )


def _messages(given: str | list[dict[str, Any]]) -> list[Message]:
    """Items as turns: an assistant's text and the calls beside it are one."""
    if isinstance(given, str):
        return [Message("user", given)]
    turns: list[Message] = []
    for item in given:
        kind = item.get("type", "message" if "role" in item else "item_reference")
        last = turns[-1] if turns and turns[-1].role == "assistant" else None
        if kind == "function_call":
            call = ToolCall(item["call_id"], item["name"], json.loads(item["arguments"] or "{}"))
            turns[-1:] = [*turns[-1:], Message("assistant")] if last is None else [last]
            turns[-1] = replace(turns[-1], tool_calls=[*turns[-1].tool_calls, call])
        elif kind == "function_call_output":
            turns.append(Message("tool", _content(item["output"]), tool_call_id=item["call_id"]))
        elif kind == "message" and item["role"] == "assistant" and last and last.tool_calls and not last.content:
            turns[-1] = replace(last, content=_content(item["content"]))
        elif kind == "message":
            turns.append(Message(_ROLE.get(item["role"], item["role"]), _content(item["content"])))
    return turns


def _content(given: str | list[dict[str, Any]]) -> str | list[Text | Image]:
    return given if isinstance(given, str) else [_part(part) for part in given]


def _part(data: dict[str, Any]) -> Text | Image:
    if data["type"] != "input_image":
        return Text(data["refusal"] if data["type"] == "refusal" else data["text"])
    return image(data["image_url"])


def _choice(data: Any) -> str | None:
    if isinstance(data, dict):
        name: str = data["name"]
        return name
    return data  # type: ignore[no-any-return]


def _format(data: Any) -> JSONSchema | None:
    """Any object, where it is only said that it must be one."""
    if data is None or data["type"] not in ("json_object", "json_schema"):
        return None
    schema = data.get("schema") or {"type": "object"}
    return JSONSchema(data.get("name") or "", schema, strict=bool(data.get("strict")))


# --- what a schema cannot say ------------------------------------------------------------------


def _calls(body: dict[str, Any]) -> Iterator[str]:
    """Every call in the input is answered there, and every output answers one, unless the server has the rest."""
    given = body.get("input")
    items = given if isinstance(given, list) else []
    open_calls: set[str] = set()
    for i, item in enumerate(items):
        if item.get("type") == "function_call":
            open_calls.add(item["call_id"])
            if not is_object(item["arguments"]):
                yield f"$.input[{i}].arguments: is not the JSON text of an object"
        if item.get("type") == "function_call_output":
            if item["call_id"] not in open_calls and not any(body.get(name) for name in _STATE):
                yield f"$.input[{i}].call_id: no tool call found for function call output {item['call_id']!r}"
            open_calls.discard(item["call_id"])
    if open_calls:
        yield f"$.input: no tool output found for function call {', '.join(sorted(open_calls))}"


def _tools(body: dict[str, Any]) -> Iterator[str]:
    tools, choice = body.get("tools") or (), body.get("tool_choice")
    functions = [t for t in tools if t["type"] == "function"]
    names = [t["name"] for t in functions]
    if choice not in (None, "none", "auto") and not tools:
        yield "$.tool_choice: is only allowed when tools are specified"
    elif isinstance(choice, dict) and choice["type"] == "function" and choice["name"] not in names:
        yield f"$.tool_choice: there is no tool {choice['name']!r}"
    if len(set(names)) < len(names):
        yield "$.tools: two tools have the same name"
    for i, t in enumerate(tools):
        if t["type"] == "function" and t.get("strict"):
            yield from (f"$.tools[{i}].parameters{wrong}" for wrong in _not_strict(t.get("parameters") or {}))


def _not_strict(schema: Any) -> Iterator[str]:
    """What strict mode rejects, of the outermost object: it is the one that adapters forget."""
    properties = schema.get("properties") or {}
    if schema.get("additionalProperties") is not False:
        yield ": with strict, additionalProperties has to be false"
    if missing := sorted(set(properties) - set(schema.get("required") or ())):
        yield f": with strict, required has to name every property, {', '.join(missing)} too"


def _together(body: dict[str, Any]) -> Iterator[str]:
    if body.get("stream_options") is not None and not body.get("stream"):
        yield "$.stream_options: is only allowed when stream is true"
    if all(body.get(name) is not None for name in _STATE):
        yield "$.previous_response_id: is not allowed beside conversation"
    if body.get("background") and body.get("store") is False:
        yield "$.background: needs store"


DIALECT = OpenAIResponses.shipped("openai-responses")
