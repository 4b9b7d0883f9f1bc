"""One whole answer told as a stream, for hosts, and adapters, that ask for nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from conformance.dialects import retold_messages

_FIRST = ("role", "reasoning", "reasoning_content", "reasoning_details")  # a server thinks before it speaks


def as_stream(dialect: str, body: bytes) -> tuple[bytes, ...] | None:
    """None where it is no such answer."""
    try:
        return _TELLERS[dialect](json.loads(body))
    except ValueError:
        return None


def _chat(data: Any) -> tuple[bytes, ...] | None:
    """The message as two deltas, then why it ended, then what it cost."""
    try:
        choice = data["choices"][0]
        message = choice["message"]
        calls = message.get("tool_calls")
    except (LookupError, TypeError, AttributeError):
        return None
    if "error" in choice or not isinstance(message.get("content"), str | list | None):
        return None
    delta = {**message, **({"tool_calls": _indexed(calls)} if isinstance(calls, list) else {})}
    rest = {name: value for name, value in data.items() if name not in ("choices", "usage")}
    rest |= {"object": "chat.completion.chunk"} if "object" in rest else {}
    chunks = [
        *({**rest, "choices": [{"index": 0, "delta": part, "finish_reason": None}]} for part in _parts(delta)),
        {**rest, "choices": [{**_ending(choice), "index": 0, "delta": {}}]},
        *([{**rest, "choices": [], "usage": data["usage"]}] if "usage" in data else []),
    ]
    return (*(b"data: " + json.dumps(c).encode() + b"\n\n" for c in chunks), b"data: [DONE]\n\n")


def _parts(delta: dict[str, Any]) -> list[dict[str, Any]]:
    first = {name: value for name, value in delta.items() if name in _FIRST}
    return [part for part in (first, {n: v for n, v in delta.items() if n not in first}) if part]


def _indexed(calls: list[Any]) -> list[Any]:
    return [{"index": n, **call} if isinstance(call, dict) else call for n, call in enumerate(calls)]


def _ending(choice: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in choice.items() if name not in ("message", "index")}


_TELLERS: dict[str, Callable[[Any], tuple[bytes, ...] | None]] = {
    "openai-chat": _chat,
    "anthropic-messages": retold_messages.told,
}
DIALECTS = tuple(_TELLERS)
