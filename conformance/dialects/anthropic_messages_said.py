"""What a recorded answer of the Messages API says."""

from __future__ import annotations

import json
from typing import Any

from conformance.dialects import Said
from conformance.dialects.answers import ANY_OF_THE_PROVIDER, CUT, events, failure, shape, with_calls

FINISH = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}
FAILED = ANY_OF_THE_PROVIDER | {"timeout"}
INPUT = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")  # all of it is input
SAID = {"text_delta": "text", "thinking_delta": "thinking", "input_json_delta": "partial_json"}


def said(operation: str, status: int, body: bytes, streamed: bool) -> Said:
    """Of an answer to `chat` or `models`. Raises ValueError where there is no telling what it says."""
    if failed := failure(status):
        return failed
    with shape():
        return _streamed(body.decode()) if streamed else _said(operation, json.loads(body.decode()))


def _said(operation: str, body: dict[str, Any]) -> Said:
    if body.get("type") == "error" or body.get("error"):
        return Said(kinds=FAILED)
    if operation == "models":
        return Said(models=[row["id"] for row in body["data"]], more=bool(body.get("has_more")))
    return _message(body, body["content"])


def _message(message: dict[str, Any], blocks: list[dict[str, Any]]) -> Said:
    """Blocks of other types, what the server's own tools did among them, say nothing in the contract's words."""
    told = Said(
        text=_joined(blocks, "text"),
        reasoning=_joined(blocks, "thinking"),
        finish=FINISH.get(message.get("stop_reason") or "", "unknown"),
        usage=_usage(message.get("usage")),
        model=message.get("model") or "",
        id=message.get("id") or "",
    )
    return with_calls(told, [(b["name"], b["input"]) for b in blocks if b["type"] == "tool_use"])


def _joined(blocks: list[dict[str, Any]], kind: str) -> str:
    return "".join(block.get(kind) or "" for block in blocks if block["type"] == kind)


def _streamed(body: str) -> Said:
    """The message, put together from its events. Types that are not known are passed over."""
    message: dict[str, Any] = {}
    blocks: dict[int, dict[str, Any]] = {}
    stopped = False
    for event in (json.loads(data) for data in events(body) if data not in ("", "[DONE]")):
        kind = event.get("type")
        if kind == "error":
            return Said(kinds=FAILED)
        if kind == "message_start":
            message = event["message"]
        elif kind == "content_block_start":
            blocks[event["index"]] = {**event["content_block"]}
        elif kind == "content_block_delta":
            _add(blocks[event["index"]], event["delta"])
        elif kind == "message_delta":
            told = {name: count for name, count in (event.get("usage") or {}).items() if count is not None}
            message |= {k: v for k, v in event["delta"].items() if v is not None}
            message["usage"] = {**(message.get("usage") or {}), **told}
        elif kind == "message_stop":
            stopped = True
            break
    if not stopped and not message.get("stop_reason"):
        return Said(kinds=CUT)
    answer = _message(message, [_whole(block) for block in blocks.values()])
    answer.odd |= not stopped
    return answer


def _add(block: dict[str, Any], delta: dict[str, Any]) -> None:
    if name := SAID.get(delta.get("type") or ""):
        block[name] = (block.get(name) or "") + delta[name]


def _whole(block: dict[str, Any]) -> dict[str, Any]:
    """The input of a call is text in pieces, or was there from the start."""
    return {**block, "input": block["partial_json"]} if block.get("partial_json") else block


def _usage(told: Any) -> tuple[Any, Any, Any] | None:
    """There is no total."""
    return (sum(told.get(name) or 0 for name in INPUT), told.get("output_tokens"), None) if told else None
