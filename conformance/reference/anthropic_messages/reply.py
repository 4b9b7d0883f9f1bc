"""A message of the API as the contract's reply. What is not the protocol's raises `malformed`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from conformance.contract import FinishReason, Reply, ToolCall, Usage
from conformance.reference.anthropic_messages.errors import MapsMessageErrors
from conformance.reference.wire.turns import KeepsTurns

FINISH: dict[str, FinishReason] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}  # pause_turn is none of these: the turn is not over, and goes on when it is sent back
INPUT = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
SAID = ("text", "tool_use")  # what a message of the contract's says as well as the block itself


class ParsesReplies(KeepsTurns, MapsMessageErrors):
    protocol = "anthropic-messages"

    def reply(self, data: Any) -> Reply:
        if not isinstance(data, dict) or not isinstance(data.get("content"), list):
            raise self.malformed("an answer without content")
        return self.made(data["content"], data)

    def made(self, blocks: Iterable[Any], message: dict[str, Any]) -> Reply:
        """Blocks of other types, what server tools did among them, are for those who asked for them."""
        texts, thoughts, calls, turn = [], [], [], list(blocks)
        for block in turn:
            if not isinstance(block, dict):
                raise self.malformed("a block that is not an object")
            if block.get("type") == "text":
                texts.append(self.text(block.get("text")))
            elif block.get("type") == "thinking":
                thoughts.append(self.text(block.get("thinking")))
            elif block.get("type") == "tool_use":
                calls.append(self.called(block))
        return Reply(
            text="".join(texts),
            finish_reason=self.finish(message.get("stop_reason")),
            tool_calls=tuple(calls),
            reasoning="".join(thoughts) or None,
            usage=self.usage(message.get("usage")),
            model=self.optional(message.get("model")),
            id=self.optional(message.get("id")),
            opaque=self.opaque(turn) if any(block.get("type") not in SAID for block in turn) else None,
        )

    def text(self, value: Any) -> str:
        if not isinstance(value, str | None):
            raise self.malformed(f"text of type {type(value).__name__}")
        return value or ""

    def optional(self, value: Any) -> str | None:
        return value if isinstance(value, str) and value else None

    def finish(self, value: Any) -> FinishReason:
        return FINISH.get(value, "unknown") if isinstance(value, str) else "unknown"

    def called(self, block: dict[str, Any]) -> ToolCall:
        id, name, arguments = self.optional(block.get("id")), self.optional(block.get("name")), block.get("input")
        if not id or not name or not isinstance(arguments, dict):
            raise self.malformed("a tool_use without id, name or an object as input")
        return ToolCall(id, name, arguments)

    def usage(self, usage: Any) -> Usage | None:
        """All input: what was read from or written to the cache is told apart from the rest."""
        if not isinstance(usage, dict):
            return None
        told = [n for n in map(self.count, map(usage.get, INPUT)) if n is not None]
        return Usage(
            input_tokens=sum(told) if self.count(usage.get("input_tokens")) is not None else None,
            output_tokens=self.count(usage.get("output_tokens")),
        )

    def count(self, value: Any) -> int | None:
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def models(self, data: Any) -> tuple[list[str], str | None]:
        """The ids of a page, and the last one where more pages follow."""
        rows = data.get("data") if isinstance(data, dict) else None
        if not isinstance(rows, list) or not all(isinstance(r, dict) and isinstance(r.get("id"), str) for r in rows):
            raise self.malformed("an answer that lists no models")
        ids = [row["id"] for row in rows]
        return ids, (self.optional(data.get("last_id")) or ids[-1]) if data.get("has_more") is True and ids else None
