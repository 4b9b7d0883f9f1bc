"""What a recorded answer of Cohere's API says, read with nothing but `json`: an opinion that owes no adapter
anything."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from conformance.contract import ERROR_KINDS
from conformance.dialects import Said

FINISH = {"COMPLETE": "stop", "STOP_SEQUENCE": "stop", "MAX_TOKENS": "length", "TOOL_CALL": "tool_calls"}
FAILED = {"ERROR": {"server", "overloaded", "malformed", "network"}, "TIMEOUT": {"timeout", "server", "network"}}
PLAUSIBLE = {
    400: {"invalid_request", "context_length", "content_filter", "not_found"},
    401: {"auth"},
    402: {"billing"},
    403: {"permission", "auth"},
    404: {"not_found"},
    422: {"invalid_request", "context_length", "malformed", "server"},
    429: {"rate_limit", "billing"},
    498: {"content_filter", "auth", "permission", "invalid_request"},
    499: {"network", "timeout", "server"},
    503: {"overloaded", "server"},
    504: {"timeout", "server"},
}


def said(operation: str, status: int, body: bytes, streamed: bool) -> Said:
    """Of an answer to `chat`, `embeddings` or `models`. Raises ValueError where there is no telling what it says."""
    if status >= 400:
        return Said(kinds=PLAUSIBLE.get(status, {"server"} if status >= 500 else set(ERROR_KINDS)))
    if status != 200:
        raise ValueError(f"the status is {status}")
    try:
        return _streamed(body.decode()) if streamed else _said(operation, json.loads(body.decode()))
    except (KeyError, IndexError, TypeError, AttributeError) as exc:
        raise ValueError(f"it is not of a shape that is known: {exc!r}") from None


def _said(operation: str, body: Any) -> Said:
    if operation == "embeddings":
        billed = ((body.get("meta") or {}).get("billed_units") or {}).get("input_tokens")
        return Said(vectors=body["embeddings"]["float"], usage=None if billed is None else (billed, None, None))
    if operation == "models":
        return Said(models=[row["name"] for row in body["models"]])
    message = body["message"]
    if body.get("finish_reason") in FAILED or isinstance(message, str):
        return Said(kinds=FAILED.get(body.get("finish_reason"), set(ERROR_KINDS)))
    parts = message.get("content") or []
    return _finished(
        Said(
            text="".join(p["text"] for p in parts if p["type"] == "text"),
            reasoning="".join(p["thinking"] for p in parts if p["type"] == "thinking"),
            id=body.get("id") or "",
        ),
        body,
        [c["function"] for c in message.get("tool_calls") or ()],
    )


def _streamed(body: str) -> Said:
    told, calls = Said(), list[dict[str, Any]]()
    for event in _events(body):
        message = (event.get("delta") or {}).get("message") or {}
        kind = event.get("type")
        if kind == "message-start":
            told.id = event.get("id") or ""
        elif kind in ("content-start", "content-delta"):
            told.text += message["content"].get("text", "")
            told.reasoning += message["content"].get("thinking", "")
        elif kind == "tool-call-start":
            calls.append(dict(message["tool_calls"]["function"]))
        elif kind == "tool-call-delta":
            calls[-1]["arguments"] += message["tool_calls"]["function"]["arguments"]
        elif kind == "message-end":
            return _finished(told, event["delta"], calls)
    told.kinds = {"network", "malformed"}
    return told


def _events(body: str) -> Iterator[dict[str, Any]]:
    for line in body.replace("\r\n", "\n").split("\n"):
        if line.startswith("data:") and (data := line.removeprefix("data:").strip()) != "[DONE]":
            yield json.loads(data)


def _finished(told: Said, end: dict[str, Any], calls: list[dict[str, Any]]) -> Said:
    """What the end of a message tells."""
    told.finish = FINISH.get(end.get("finish_reason") or "", "unknown")
    told.kinds = FAILED.get(end.get("finish_reason") or "", set())
    counts = (end.get("usage") or {}).get("tokens") or (end.get("usage") or {}).get("billed_units")
    told.usage = (counts.get("input_tokens"), counts.get("output_tokens"), None) if counts else None
    for call in calls:
        try:
            arguments = json.loads(call["arguments"] or "{}")
        except ValueError:
            arguments = None
        if not isinstance(arguments, dict):
            told.kinds = {"malformed"}
        told.calls.append((call["name"], arguments))
    return told
