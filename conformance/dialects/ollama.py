"""Ollama's own API: chat, embeddings and the list of local models.

Legal requests are described by `fixtures/schemas/ollama/*.json`. The server ignores what it does not
know, so most mistakes cost a setting in silence: they are told as unknown fields, and by what is read.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from conformance.contract import Image, JSONSchema, Message, Request, Text, ToolCall
from conformance.dialects import Dialect, Read, one_embedding
from conformance.dialects.openai_forms import read, tool
from conformance.replay.script import Script
from conformance.trace import Exchange

# How a file of each type begins, in base64: the wire has no media types.
_BEGINNINGS = {"iVBORw0KGgo": "image/png", "/9j/": "image/jpeg", "R0lGOD": "image/gif", "UklGR": "image/webp"}


class Ollama(Dialect):
    reads = True
    answers = "conformance.dialects.ollama_said"

    def judge(self, exchange: Exchange) -> Sequence[str]:
        return super().judge(_in_new_words(exchange))

    def told(self, exchange: Exchange, made: Script) -> Script:
        return one_embedding.told(made, exchange.turn) if _is_older(exchange) else made

    def unknown(self, exchange: Exchange) -> Sequence[str]:
        """Options too: the server drops those that it does not know, with a line in its log."""
        names = super().unknown(_in_new_words(exchange))
        body = exchange.json()
        options = body.get("options") if isinstance(body, dict) and exchange.operation == "chat" else None
        known = self._schema("chat")["$defs"]["options"]["properties"]
        return [*names, *(f"options.{name}" for name in options or () if name not in known)]

    def read(self, exchange: Exchange) -> Read:
        body = _in_new_words(exchange).json()
        return read(body, exchange.operation, _request, stream=self.streams(exchange))

    def streams(self, exchange: Exchange) -> bool:
        """It streams unless it is told not to."""
        body = exchange.json()
        return isinstance(body, dict) and body.get("stream") is not False

    def same(self, name: str, value: Any) -> Any:
        """A schema has neither a name nor a degree of strictness."""
        if name == "response_schema" and isinstance(value, JSONSchema):
            return JSONSchema("", value.schema, strict=False)
        return value


def _is_older(exchange: Exchange) -> bool:
    """/api/embeddings takes one `prompt`, and gives one `embedding`."""
    return exchange.path.endswith("/api/embeddings")


def _in_new_words(exchange: Exchange) -> Exchange:
    body = exchange.json() if _is_older(exchange) else None
    if not isinstance(body, dict):
        return exchange
    told = {("input" if name == "prompt" else name): value for name, value in body.items() if name != "input"}
    return replace(exchange, body=json.dumps(told).encode())


def _request(body: dict[str, Any]) -> Request:
    options = body.get("options") or {}
    return Request(
        messages=_messages(body.get("messages") or ()),
        model=body.get("model"),
        temperature=options.get("temperature"),
        top_p=options.get("top_p"),
        max_tokens=options.get("num_predict"),
        seed=options.get("seed"),
        stop=tuple(options.get("stop") or ()),
        tools=[tool(t["function"]) for t in body.get("tools") or ()],
        response_schema=_format(body.get("format")),
        reasoning_effort=_effort(body.get("think")),
    )


def _format(data: Any) -> JSONSchema | None:
    """The schema itself; any object, where it is only said that it must be JSON."""
    if not data:
        return JSONSchema("", {}) if data == {} else None
    return JSONSchema("", {"type": "object"} if data == "json" else data)


def _effort(think: Any) -> str | None:
    """A level, or a switch: on is some effort, which a model that does not think rejects; off asks it for none."""
    return "some" if think is True else think or None


def _messages(wire: Sequence[dict[str, Any]]) -> list[Message]:
    """With an id for every call that has none; a result answers by id, or by its tool's name, or in turn."""
    messages: list[Message] = []
    waiting: list[ToolCall] = []
    for i, data in enumerate(wire):
        calls = [_call(c, f"call_{i}_{j}") for j, c in enumerate(data.get("tool_calls") or ())]
        answered = _answered(data, waiting) if data["role"] == "tool" else None
        waiting = [c for c in waiting if c.id != answered] + calls
        messages.append(Message(data["role"], _content(data), tuple(calls), answered))
    return messages


def _answered(data: dict[str, Any], waiting: Sequence[ToolCall]) -> str | None:
    if data.get("tool_call_id"):
        id: str = data["tool_call_id"]
        return id
    name = data.get("tool_name")
    return next((c.id for c in waiting if name in (None, "", c.name)), None)


def _content(data: dict[str, Any]) -> str | list[Text | Image]:
    text, images = data.get("content") or "", data.get("images") or ()
    if not images:
        return text
    return [*([Text(text)] if text else ()), *(Image(data=i, media_type=_media_type(i)) for i in images)]


def _media_type(image: str) -> str:
    return next((kind for start, kind in _BEGINNINGS.items() if image.startswith(start)), "image/*")


def _call(data: dict[str, Any], id: str) -> ToolCall:
    function = data["function"]
    return ToolCall(data.get("id") or id, function["name"], function.get("arguments") or {})


DIALECT = Ollama.shipped("ollama")
