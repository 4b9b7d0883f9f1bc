"""An answer of the Responses API as the contract's reply. What is not the protocol's raises `malformed`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.contract import FinishReason, ProviderError, Reply, ToolCall, Usage
from conformance.reference.openai_chat.reply import ParsesReplies
from conformance.reference.openai_responses.errors import MapsResponseErrors

INCOMPLETE: dict[Any, FinishReason] = {"max_output_tokens": "length", "content_filter": "content_filter"}
NEVER = ("queued", "in_progress", "cancelled")  # an answer that nobody waits for any more


class ReadsOutput(MapsResponseErrors, ParsesReplies):
    protocol = "openai-responses"

    def reply(self, data: Any) -> Reply:
        items = self.output(data)
        calls = tuple(self.call_of(item) for item in items if item.get("type") == "function_call")
        return Reply(
            text=self.said(items, "output_text", "text"),
            finish_reason=self.why_it_ended(data, called=bool(calls)),
            tool_calls=calls,
            refusal=self.said(items, "refusal", "refusal") or None,
            reasoning=self.thoughts(items) or None,
            usage=self.usage(data.get("usage")),
            model=self.optional(data.get("model")),
            id=self.optional(data.get("id")),
            opaque=self.thought_of(items),
        )

    def thought_of(self, items: list[dict[str, Any]]) -> dict[str, Any] | None:
        """The turn, where there is reasoning in it: that wants the items that came of it, and they want it."""
        return self.opaque(items) if any(item.get("type") == "reasoning" for item in items) else None

    def output(self, data: Any) -> list[dict[str, Any]]:
        """The items of an answer that is one."""
        if not isinstance(data, dict):
            raise self.malformed("an answer that is not an object")
        self.check(data)
        items = data.get("output")
        if not isinstance(items, list) or not all(isinstance(i, dict) for i in items):
            raise self.malformed("an answer without output")
        return list(map(self.known, items))

    def known(self, item: dict[str, Any]) -> dict[str, Any]:
        """Most items are nobody's business; a call of a custom tool is, and the contract has no word for it."""
        if item.get("type") == "custom_tool_call":
            raise self.malformed("a call of a tool that has no schema")
        return item

    def check(self, data: dict[str, Any]) -> None:
        status = data.get("status")
        if status == "failed":
            raise self.failed(data)
        if status in NEVER:
            raise ProviderError(f"{self.name}: the answer is {status}", kind="server", provider=self.name)

    def said(self, items: list[dict[str, Any]], kind: str, key: str) -> str:
        """All parts of that kind, of all messages."""
        return "".join(self.words(p.get(key)) for item in items for p in self.parts(item) if p.get("type") == kind)

    def parts(self, item: dict[str, Any]) -> list[dict[str, Any]]:
        if item.get("type") != "message":
            return []
        parts = item.get("content")
        if not isinstance(parts, list) or not all(isinstance(p, dict) for p in parts):
            raise self.malformed("a message without content")
        return parts

    def words(self, value: Any) -> str:
        if not isinstance(value, str | None):
            raise self.malformed(f"text of type {type(value).__name__}")
        return value or ""

    def thoughts(self, items: list[dict[str, Any]]) -> str:
        return "".join(t for item in items if item.get("type") == "reasoning" for t in self.thought(item))

    def thought(self, item: dict[str, Any]) -> Iterator[str]:
        """The summary; the reasoning itself where there is none. What is encrypted is nobody's."""
        told = self.objects(item.get("summary")) or self.objects(item.get("content"))
        return (self.optional(part.get("text")) or "" for part in told)

    def call_of(self, item: dict[str, Any]) -> ToolCall:
        """Its id is `call_id`; `id` is the item's own."""
        return self.called(item.get("call_id"), item)

    def why_it_ended(self, data: dict[str, Any], *, called: bool) -> FinishReason:
        """There is no reason but the status; an answer that calls tools is as complete as another."""
        status, details = data.get("status"), data.get("incomplete_details")
        if status == "completed":
            return "tool_calls" if called else "stop"
        reason = details.get("reason") if isinstance(details, dict) else None
        return INCOMPLETE.get(reason, "unknown") if isinstance(reason, str) else "unknown"

    def usage(self, usage: Any) -> Usage | None:
        if not isinstance(usage, dict):
            return None
        return Usage(
            input_tokens=self.count(usage.get("input_tokens")),
            output_tokens=self.count(usage.get("output_tokens")),
            total_tokens=self.count(usage.get("total_tokens")),
        )
