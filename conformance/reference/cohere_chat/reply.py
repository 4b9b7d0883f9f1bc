"""A chat answer as the contract's reply. What is not the protocol's raises `malformed`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from math import inf
from typing import Any

from conformance.contract import Embeddings, FinishReason, Reply, ToolCall, Usage
from conformance.reference.cohere_chat.errors import FAILED, MapsCohereErrors
from conformance.reference.wire.http import SpeaksHTTP

FINISH: dict[str, FinishReason] = {
    "COMPLETE": "stop",
    "STOP_SEQUENCE": "stop",
    "MAX_TOKENS": "length",
    "TOOL_CALL": "tool_calls",
}


class ParsesReplies(MapsCohereErrors, SpeaksHTTP):
    def decoded(self, body: bytes) -> Any:
        """A message that is a text is an error's, whatever the status says."""
        data = super().decoded(body)
        if isinstance(data, dict) and isinstance(data.get("message"), str):
            raise self.error(None, {}, body)
        return data

    def reply(self, data: Any) -> Reply:
        message = data.get("message") if isinstance(data, dict) else None
        if not isinstance(message, dict):
            raise self.malformed("an answer without a message")
        if data.get("finish_reason") in tuple(FAILED):
            raise self.failed(data["finish_reason"], data.get("error"))
        parts = self.parts(message.get("content"))
        return Reply(
            text="".join(self.text(p) for p in parts),
            finish_reason=self.finish(data.get("finish_reason")),
            tool_calls=self.tool_calls(message.get("tool_calls")),
            reasoning="".join(self.reasoning(p) for p in parts) or None,
            usage=self.usage(data.get("usage")),
            id=self.optional(data.get("id")),
        )

    def parts(self, content: Any) -> list[dict[str, Any]]:
        if content is None:
            return []
        if isinstance(content, str):
            return [{"type": "text", "text": content}]
        if not isinstance(content, list) or not all(isinstance(p, dict) for p in content):
            raise self.malformed("content that is not a list of parts")
        return content

    def text(self, part: dict[str, Any]) -> str:
        """Of a whole part, or of a delta, which does not tell its type."""
        return self.words(part.get("text"))

    def reasoning(self, part: dict[str, Any]) -> str:
        return self.words(part.get("thinking"))

    def words(self, value: Any) -> str:
        if not isinstance(value, str | None):
            raise self.malformed(f"text of type {type(value).__name__}")
        return value or ""

    def optional(self, value: Any) -> str | None:
        return value if isinstance(value, str) and value else None

    def finish(self, value: Any) -> FinishReason:
        return FINISH.get(value, "unknown") if isinstance(value, str) else "unknown"

    def tool_calls(self, calls: Any) -> tuple[ToolCall, ...]:
        if calls is None:
            return ()
        if not isinstance(calls, list) or not all(isinstance(c, dict) for c in calls):
            raise self.malformed("tool_calls that are not a list of calls")
        return tuple(self.called(c.get("id"), c.get("function")) for c in calls)

    def called(self, id: Any, function: Any) -> ToolCall:
        name = function.get("name") if isinstance(function, dict) else None
        if not self.optional(id) or not self.optional(name):
            raise self.malformed("a tool call without an id or a name")
        return ToolCall(id, name or "", self.arguments(function.get("arguments")))

    def arguments(self, value: Any) -> dict[str, Any]:
        """An empty string means no arguments; half an object means nothing at all."""
        try:
            parsed = json.loads(value or "{}") if isinstance(value, str | None) else value
        except ValueError:
            parsed = None
        if not isinstance(parsed, dict):
            raise self.malformed("tool call arguments that are not a JSON object")
        return parsed

    def usage(self, usage: Any) -> Usage | None:
        """What the model read and wrote; what is billed is less, and told where nothing else is."""
        counts = (usage.get("tokens") or usage.get("billed_units")) if isinstance(usage, dict) else None
        if not isinstance(counts, dict):
            return None
        return Usage(self.count(counts.get("input_tokens")), self.count(counts.get("output_tokens")))

    def count(self, value: Any) -> int | None:
        """The types say float, for whole numbers."""
        whole = isinstance(value, int | float) and not isinstance(value, bool) and value == value // 1
        return int(value) if whole else None

    # --- the other routes ------------------------------------------------------------------

    def embeddings(self, answers: Sequence[tuple[int, Any]]) -> Embeddings:
        """Of each request, with the number of its texts."""
        vectors = [vector for wanted, data in answers for vector in self.vectors(data, wanted)]
        if len({len(v) for v in vectors}) > 1:
            raise self.malformed("embeddings of different lengths")
        return Embeddings(vectors, usage=self.usage(answers[0][1].get("meta")) if len(answers) == 1 else None)

    def vectors(self, data: Any, wanted: int) -> list[list[float]]:
        by_type = data.get("embeddings") if isinstance(data, dict) else None
        vectors = by_type.get("float") if isinstance(by_type, dict) else None
        if not isinstance(vectors, list) or not all(map(self.is_vector, vectors)):
            raise self.malformed("an answer without embeddings")
        if len(vectors) != wanted:
            raise self.malformed(f"{len(vectors)} embeddings for {wanted} texts")
        return vectors

    def is_vector(self, value: Any) -> bool:
        return isinstance(value, list) and all(isinstance(x, int | float) and abs(x) < inf for x in value)

    def model_names(self, data: Any) -> list[str]:
        rows = data.get("models") if isinstance(data, dict) else None
        names = [row.get("name") if isinstance(row, dict) else None for row in rows or ()]
        if not isinstance(rows, list) or not all(isinstance(n, str) for n in names):
            raise self.malformed("an answer without models")
        return names  # type: ignore[return-value]

    def next_page(self, data: dict[str, Any]) -> str | None:
        return self.optional(data.get("next_page_token"))
