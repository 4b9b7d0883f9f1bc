"""Cohere's chat API, version 2, with embeddings, and the model list that is still of version 1.

Legal requests are described by `fixtures/schemas/cohere-chat/*.json`, written from Cohere's API
reference and the types of its official package; what a schema cannot say is said here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from conformance.contract import Image, JSONSchema, Message, Request, Text
from conformance.dialects import Dialect, Read
from conformance.dialects.openai_forms import image, is_object, tool, tool_call
from conformance.trace import Exchange

_CHOICES = {"REQUIRED": "required", "NONE": "none"}


class CohereChat(Dialect):
    reads = True
    answers = "conformance.dialects.cohere_chat_said"

    def rules(self, exchange: Exchange, body: dict[str, Any]) -> Iterator[str]:
        if exchange.operation == "chat":
            yield from _results(body["messages"])
            yield from _combinations(body)

    def read(self, exchange: Exchange) -> Read:
        body = exchange.json()
        if not isinstance(body, dict):
            raise ValueError("the body is not a JSON object")
        if exchange.operation == "embeddings":
            return Read(Request([], model=body.get("model")), inputs=tuple(_inputs(body)))
        try:
            return Read(_request(body), stream=bool(body.get("stream")))
        except (KeyError, TypeError, AttributeError) as exc:
            raise ValueError(f"the request cannot be understood: {exc!r}") from None

    def same(self, name: str, value: Any) -> Any:
        """A schema has neither a name nor a degree of strictness, and not to choose a tool is to leave it open."""
        if name == "response_schema" and isinstance(value, JSONSchema):
            return JSONSchema("", value.schema, strict=False)
        return None if name == "tool_choice" and value == "auto" else value


def _request(body: dict[str, Any]) -> Request:
    return Request(
        messages=[_message(m) for m in body.get("messages", ())],
        model=body.get("model"),
        temperature=body.get("temperature"),
        top_p=body.get("p"),
        max_tokens=body.get("max_tokens"),
        seed=body.get("seed"),
        stop=tuple(body.get("stop_sequences") or ()),
        tools=[tool(t["function"]) for t in body.get("tools") or ()],
        tool_choice=_CHOICES.get(body["tool_choice"], body["tool_choice"]) if body.get("tool_choice") else None,
        response_schema=_format(body.get("response_format")),
    )


def _inputs(body: dict[str, Any]) -> Iterator[str]:
    """`texts`, or the newer `inputs`, of which each is a list of parts."""
    yield from body.get("texts") or ()
    for given in body.get("inputs") or ():
        yield from (part["text"] for part in given["content"] if part["type"] == "text")


def _format(data: Any) -> JSONSchema | None:
    """Any object, where it is only said that it must be one."""
    if data is None or data["type"] == "text":
        return None
    return JSONSchema("", data.get("json_schema") or data.get("schema") or {"type": "object"})


def _message(data: dict[str, Any]) -> Message:
    content = data.get("content")
    if not isinstance(content, str | list | None):
        raise TypeError("content is neither text nor parts")
    parts = [_part(p) for p in content if p.get("type") != "thinking"] if isinstance(content, list) else content or ""
    calls = [tool_call(c) for c in data.get("tool_calls") or ()]
    return Message(data["role"], _plain(parts), calls, data.get("tool_call_id"))


def _plain(content: str | list[Text | Image]) -> str | list[Text | Image]:
    """A single text says the same as a string."""
    if isinstance(content, list) and all(isinstance(p, Text) for p in content) and len(content) <= 1:
        return "".join(p.text for p in content if isinstance(p, Text))
    return content


def _part(data: dict[str, Any]) -> Text | Image:
    if data["type"] == "text":
        return Text(data["text"])
    if data["type"] == "document":  # the result of a tool, wrapped so that it can be cited
        return Text(_document(data["document"]["data"]))
    return image(data["image_url"]["url"])


def _document(data: Any) -> str:
    """What is wrapped in one field is that field's text, or else the JSON of it all."""
    values = list(data.values()) if isinstance(data, dict) else [data]
    return values[0] if len(values) == 1 and isinstance(values[0], str) else json.dumps(data, ensure_ascii=False)


# --- what a schema cannot say ------------------------------------------------------------------


def _results(messages: list[dict[str, Any]]) -> Iterator[str]:
    """Every tool message answers a call that was made before it; arguments are the text of an object."""
    made: set[str] = set()
    for i, message in enumerate(messages):
        if message["role"] == "tool" and message["tool_call_id"] not in made:
            yield f"$.messages[{i}].tool_call_id: answers no tool call of a message before it"
        for j, call in enumerate(message.get("tool_calls") or ()):
            made.add(call["id"])
            if not is_object(call["function"]["arguments"]):
                yield f"$.messages[{i}].tool_calls[{j}].function.arguments: is not the JSON text of an object"


def _combinations(body: dict[str, Any]) -> Iterator[str]:
    tools, choice = body.get("tools") or (), body.get("tool_choice")
    names = [t["function"]["name"] for t in tools]
    if choice == "REQUIRED" and not tools:
        yield "$.tool_choice: REQUIRED is only allowed when tools are specified"
    if len(set(names)) < len(names):
        yield "$.tools: two tools have the same name"
    if (body.get("response_format") or {}).get("type") == "json_object":
        for other in ("tools", "documents"):
            if body.get(other):
                yield f"$.response_format: is not supported in combination with {other}"
    if body.get("frequency_penalty") and body.get("presence_penalty"):
        yield "$.presence_penalty: cannot be specified beside frequency_penalty"


DIALECT = CohereChat.shipped("cohere-chat")
