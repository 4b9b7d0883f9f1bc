"""Tool calls as LLM Council hands them on: untyped, in OpenAI's shape, whole or in the pieces of a stream."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from conformance.contract import ToolCall


def tool_calls(lists: Iterable[Any]) -> tuple[ToolCall, ...]:
    """What the responses of one answer carry, pieces put together by their index."""
    calls: dict[Any, dict[str, Any]] = {}
    for piece in (p for pieces in lists if isinstance(pieces, list | tuple) for p in pieces):
        if isinstance(piece, Mapping):
            _add(calls, piece)
    return tuple(ToolCall(c["id"], c["name"], _arguments(c["arguments"])) for c in calls.values())


def _add(calls: dict[Any, dict[str, Any]], piece: Mapping[str, Any]) -> None:
    function = piece.get("function") or {}
    id, index = piece.get("id"), piece.get("index")
    key = index if index is not None else id or next(reversed(calls), 0)
    call = calls.setdefault(key, {"id": "", "name": "", "arguments": []})
    call["id"] = call["id"] or id or ""
    call["name"] = call["name"] or function.get("name") or ""
    call["arguments"].append(function.get("arguments"))


def _arguments(pieces: list[Any]) -> Any:
    """An object, or the text of one; what is neither stays as it came."""
    if whole := next((p for p in pieces if isinstance(p, Mapping)), None):
        return dict(whole)
    text = "".join(p for p in pieces if isinstance(p, str))
    try:
        return json.loads(text or "{}")
    except ValueError:
        return text
