"""What a recorded answer of Ollama says, by either route: /api/chat tells a message, /api/generate a response."""

from __future__ import annotations

import json
from typing import Any

from conformance.dialects import Said
from conformance.dialects.answers import (
    ANY_OF_THE_PROVIDER,
    CUT,
    PLAUSIBLE,
    embedded,
    failure,
    is_json,
    shape,
    with_calls,
)

FINISH = {"stop": "stop", "length": "length"}  # load and unload finish nothing
KINDS = PLAUSIBLE | {500: {"server", "invalid_request", "context_length", "overloaded"}}  # its status for most faults


def said(operation: str, status: int, body: bytes, streamed: bool) -> Said:
    """Of an answer to `chat`, `embeddings` or `models`. Raises ValueError where there is no telling what it says."""
    if failed := failure(status, KINDS):
        return failed
    with shape():
        rows = _rows(body.decode(), streamed)
        return _said(operation, rows[0]) if operation != "chat" else _added_up(rows, streamed)


def _rows(body: str, streamed: bool) -> list[dict[str, Any]]:
    """A line that was broken off is none."""
    if not streamed:
        return [json.loads(body)]
    *lines, last = body.split("\n")
    return [json.loads(line) for line in [*lines, last if is_json(last) else ""] if line.strip()]


def _said(operation: str, body: dict[str, Any]) -> Said:
    if body.get("error"):
        return Said(kinds=ANY_OF_THE_PROVIDER)
    if operation == "models":
        return Said(models=[row["name"] for row in body.get("models") or ()])
    return embedded(body["embeddings"], usage=_usage(body), model=body.get("model") or "")


def _added_up(rows: list[dict[str, Any]], streamed: bool) -> Said:
    """What counts is added up, and the line that is done tells how it ended."""
    told, calls = Said(), list[tuple[str, Any]]()
    for row in rows:
        if row.get("error"):
            return Said(kinds=ANY_OF_THE_PROVIDER)
        message = row["message"] if "message" in row else {"content": row["response"], "thinking": row.get("thinking")}
        told.text += message.get("content") or ""
        told.reasoning += message.get("thinking") or ""
        calls += [
            (call["function"]["name"], call["function"].get("arguments")) for call in message.get("tool_calls") or ()
        ]
        if row.get("done") or not streamed:
            told.finish = FINISH.get(row.get("done_reason") or "", "unknown")
            told.usage, told.model = _usage(row), row.get("model") or ""
            break
    else:
        return Said(kinds=CUT)
    told.finish = "tool_calls" if calls and told.finish == "stop" else told.finish
    told.odd = any(isinstance(arguments, str) for _, arguments in calls)
    return with_calls(told, calls)


def _usage(row: dict[str, Any]) -> tuple[Any, Any, Any] | None:
    """A count that is left out is not zero: the prompt may have been cached."""
    given, made = row.get("prompt_eval_count"), row.get("eval_count")
    if given is None and made is None:
        return None
    return given, made, None if given is None or made is None else given + made
