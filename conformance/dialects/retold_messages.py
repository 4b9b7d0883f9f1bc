"""One whole message of Anthropic's API told as its stream."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

# Of a block of this type, the field that comes in deltas, and the delta's own name for it.
_PIECES = {"text": ("text", "text"), "thinking": ("thinking", "thinking"), "tool_use": ("input", "partial_json")}
_PIECES["server_tool_use"] = _PIECES["tool_use"]


def told(data: Any) -> tuple[bytes, ...] | None:
    """None where it is no message."""
    content = data.get("content") if isinstance(data, dict) else None
    if not isinstance(content, list) or not all(isinstance(block, dict) for block in content):
        return None
    return tuple(f"event: {e['type']}\ndata: {json.dumps(e)}\n\n".encode() for e in _events(data, content))


def _events(data: dict[str, Any], content: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    usage, ends = data.get("usage"), {"stop_reason", "stop_sequence"} & data.keys()
    start = {**data, "content": [], **dict.fromkeys(ends)}
    if isinstance(usage, dict) and isinstance(usage.get("output_tokens"), int):
        start["usage"] = {**usage, "output_tokens": min(1, usage["output_tokens"])}
    yield {"type": "message_start", "message": start}
    for index, block in enumerate(content):
        yield from _block(index, block)
    end: dict[str, Any] = {"type": "message_delta", "delta": {name: data[name] for name in ends}}
    yield end | ({"usage": usage} if "usage" in data else {})
    yield {"type": "message_stop"}


def _block(index: int, block: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What is known comes in pieces, all else with the start."""
    pieces, begun = [], dict(block)
    name, piece = _PIECES.get(str(block.get("type")), ("", ""))
    if name == "input" and isinstance(block.get(name), dict):
        begun["input"] = {}
        pieces.append({"type": "input_json_delta", piece: json.dumps(block["input"])})
    elif isinstance(block.get(name), str):
        begun[name] = ""
        pieces.append({"type": f"{name}_delta", piece: block[name]})
    if isinstance(cited := begun.get("citations"), list):
        begun["citations"] = []
        pieces += [{"type": "citations_delta", "citation": one} for one in cited]
    if block.get("type") == "thinking" and isinstance(block.get("signature"), str):
        begun["signature"] = ""
        pieces.append({"type": "signature_delta", "signature": block["signature"]})
    yield {"type": "content_block_start", "index": index, "content_block": begun}
    yield from ({"type": "content_block_delta", "index": index, "delta": delta} for delta in pieces)
    yield {"type": "content_block_stop", "index": index}
