"""What a recorded answer of Cohere's API says."""

from __future__ import annotations

import json
from typing import Any

from conformance.contract import ERROR_KINDS
from conformance.dialects import Said
from conformance.dialects.answers import CUT, embedded, events, failure, shape, with_calls

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
    if failed := failure(status, PLAUSIBLE):
        return failed
    with shape():
        return _streamed(body.decode()) if streamed else _said(operation, json.loads(body.decode()))


def _said(operation: str, body: Any) -> Said:
    if operation == "embeddings":
        billed = ((body.get("meta") or {}).get("billed_units") or {}).get("input_tokens")
        return embedded(body["embeddings"]["float"], usage=None if billed is None else (billed, None, None))
    if operation == "models":
        return Said(models=[row["name"] for row in body["models"]], more=bool(body.get("next_page_token")))
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
    for data in events(body):
        if data == "[DONE]":
            told.odd = True  # nothing but that said that the answer is whole
            return _finished(told, {}, calls)
        event = json.loads(data)
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
    told.kinds = CUT
    return told


def _finished(told: Said, end: dict[str, Any], calls: list[dict[str, Any]]) -> Said:
    """What the end of a message tells."""
    told.finish = FINISH.get(end.get("finish_reason") or "", "unknown")
    told.kinds = FAILED.get(end.get("finish_reason") or "", set())
    counts = (end.get("usage") or {}).get("tokens") or (end.get("usage") or {}).get("billed_units")
    told.usage = (counts.get("input_tokens"), counts.get("output_tokens"), None) if counts else None
    return with_calls(told, [(call["name"], call["arguments"]) for call in calls])
