"""What a recorded answer of Bedrock's Converse API says. Messages of a stream are taken apart as lines
(`conformance.event_stream`)."""

from __future__ import annotations

import json
from typing import Any

from conformance import event_stream
from conformance.dialects import Said
from conformance.dialects.answers import ANY_OF_THE_PROVIDER, CUT, PLAUSIBLE, failure, shape, with_calls

FINISH = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "content_filtered": "content_filter",
    "guardrail_intervened": "content_filter",
}
FAILED = ANY_OF_THE_PROVIDER | {"timeout"}
# An error's type, in a header, counts before its status, and is not read here.
KINDS = PLAUSIBLE | {
    400: PLAUSIBLE[400] | {"rate_limit", "overloaded", "server"},
    408: {"timeout", "server"},
    424: {"server", "timeout"},
    429: {"rate_limit", "billing", "overloaded"},
}
BROKEN = ("wrong-crc ", "exception ", "error ")


def said(operation: str, status: int, body: bytes, streamed: bool) -> Said:
    """Of an answer to `chat` or `models`. Raises ValueError where there is no telling what it says."""
    if failed := failure(status, KINDS):
        return failed
    with shape():
        return _streamed(body) if streamed else _said(operation, json.loads(body.decode()))


def _said(operation: str, body: dict[str, Any]) -> Said:
    if operation == "models":
        return Said(models=[row["modelId"] for row in body["modelSummaries"]])
    blocks = body["output"]["message"]["content"]
    told = Said(
        text="".join(map(_text, blocks)),
        reasoning="".join(map(_thought, blocks)),
        finish=FINISH.get(body.get("stopReason") or "", "unknown"),
        usage=_usage(body.get("usage")),
    )
    return with_calls(told, [(b["toolUse"]["name"], b["toolUse"]["input"]) for b in blocks if _is_call(b)])


def _text(block: dict[str, Any]) -> str:
    """Plain, or with its sources."""
    if cited := block.get("citationsContent"):
        return "".join(part.get("text") or "" for part in cited.get("content") or ())
    return block.get("text") or ""


def _thought(block: dict[str, Any]) -> str:
    return ((block.get("reasoningContent") or {}).get("reasoningText") or {}).get("text") or ""


def _is_call(block: dict[str, Any]) -> bool:
    """Of a tool of the host's: those with a type Bedrock runs itself."""
    return "toolUse" in block and block["toolUse"].get("type") != "server_tool_use"


def _streamed(body: bytes) -> Said:
    told, calls, ended = Said(), dict[int, list[Any]](), False
    for line in event_stream.decode(body):
        if line.startswith(BROKEN):
            return Said(kinds=FAILED if not line.startswith("wrong-crc ") else CUT)
        name, _, payload = line.partition(" ")
        if name.isdigit():
            return Said(kinds=CUT)  # a rest that is no whole message
        event = json.loads(payload)
        delta, index = event.get("delta") or {}, event.get("contentBlockIndex")
        if name == "contentBlockStart" and _is_call(event.get("start") or {}):
            calls[index] = [event["start"]["toolUse"]["name"], ""]
        elif name == "contentBlockDelta":
            told.text += delta.get("text") or ""
            told.reasoning += (delta.get("reasoningContent") or {}).get("text") or ""
            if index in calls and "toolUse" in delta:
                calls[index][1] += delta["toolUse"].get("input") or ""
        elif name == "messageStop":
            told.finish, ended = FINISH.get(event.get("stopReason") or "", "unknown"), True
        elif name == "metadata":
            told.usage = _usage(event.get("usage"))
    return with_calls(told, [(name, input) for name, input in calls.values()]) if ended else Said(kinds=CUT)


def _usage(told: Any) -> tuple[Any, Any, Any] | None:
    return (told.get("inputTokens"), told.get("outputTokens"), told.get("totalTokens")) if told else None
