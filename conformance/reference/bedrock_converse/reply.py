"""A Converse answer as the contract's reply. What is not the protocol's raises `malformed`."""

from __future__ import annotations

from typing import Any

from conformance.contract import FinishReason, Reply, ToolCall, Usage
from conformance.reference.bedrock_converse.errors import MapsConverseErrors
from conformance.reference.wire.turns import KeepsTurns

FINISH: dict[str, FinishReason] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "content_filtered": "content_filter",
    "guardrail_intervened": "content_filter",
}


class ParsesConverseReplies(KeepsTurns, MapsConverseErrors):
    protocol = "bedrock-converse"

    def reply(self, data: Any, id: str | None = None) -> Reply:
        blocks = self.blocks_of(data)
        return Reply(
            text="".join(self.text(b) for b in blocks),
            finish_reason=self.finish(data.get("stopReason")),
            tool_calls=tuple(self.called(b["toolUse"]) for b in blocks if self.is_call(b)),
            reasoning="".join(self.reasoning(b) for b in blocks) or None,
            usage=self.usage(data.get("usage")),
            id=id,
            opaque=self.thought_of(blocks),
        )

    def thought_of(self, blocks: list[dict[str, Any]]) -> dict[str, Any] | None:
        """The turn, where there is reasoning in it: that is signed, and wanted back before its calls."""
        return self.opaque(blocks) if any(block.get("reasoningContent") for block in blocks) else None

    def blocks_of(self, data: Any) -> list[dict[str, Any]]:
        message = self.member(self.member(data, "output"), "message")
        content = message.get("content")
        if not isinstance(content, list) or not all(isinstance(b, dict) for b in content):
            raise self.malformed("an answer without content")
        return content

    def member(self, data: Any, name: str) -> dict[str, Any]:
        found = data.get(name) if isinstance(data, dict) else None
        if not isinstance(found, dict):
            raise self.malformed(f"an answer without {name}")
        return found

    def text(self, block: dict[str, Any]) -> str:
        """Of a text, plain or with its sources. Blocks of other kinds say nothing in text."""
        if block.get("citationsContent") is not None:
            cited = self.member(block, "citationsContent").get("content") or []
            return "".join(self.plain(b.get("text")) for b in cited if isinstance(b, dict))
        return self.plain(block.get("text"))

    def plain(self, value: Any) -> str:
        if not isinstance(value, str | None):
            raise self.malformed(f"text of type {type(value).__name__}")
        return value or ""

    def reasoning(self, block: dict[str, Any]) -> str:
        """Its text; the signature beside it, or a redacted block, is not for people."""
        if block.get("reasoningContent") is None:
            return ""
        said = self.member(block, "reasoningContent").get("reasoningText")
        return self.plain(said.get("text")) if isinstance(said, dict) else ""

    def is_call(self, block: dict[str, Any]) -> bool:
        """Of a tool of the host's: those with a type Bedrock runs itself."""
        used = block.get("toolUse")
        if not isinstance(used, dict | None):
            raise self.malformed("a tool call that is not an object")
        return used is not None and used.get("type") != "server_tool_use"

    def called(self, used: dict[str, Any]) -> ToolCall:
        id, name, arguments = used.get("toolUseId"), used.get("name"), used.get("input")
        if not (isinstance(id, str) and id and isinstance(name, str) and name):
            raise self.malformed("a tool call without id or name")
        if not isinstance(arguments, dict):
            raise self.malformed("a tool call's input that is not a JSON object")
        return ToolCall(id, name, arguments)

    def finish(self, value: Any) -> FinishReason:
        return FINISH.get(value, "unknown") if isinstance(value, str) else "unknown"

    def usage(self, usage: Any) -> Usage | None:
        """Tokens of the cache are counted beside the input's, and are in the total."""
        if not isinstance(usage, dict):
            return None
        names = ("inputTokens", "outputTokens", "totalTokens")
        return Usage(*(self.count(usage.get(name)) for name in names))

    def count(self, value: Any) -> int | None:
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def model_ids(self, data: Any) -> list[str]:
        rows = data.get("modelSummaries") if isinstance(data, dict) else None
        ids = [row.get("modelId") for row in rows if isinstance(row, dict)] if isinstance(rows, list) else [None]
        if not all(isinstance(i, str) for i in ids):
            raise self.malformed("a list of models without their ids")
        return ids  # type: ignore[return-value]
