"""A generateContent answer as the contract's reply. What is not the protocol's raises `malformed`."""

from __future__ import annotations

import json
from math import inf
from typing import Any
from uuid import uuid4

from conformance.contract import Embeddings, FinishReason, ProviderError, Reply, ToolCall, Usage
from conformance.reference.gemini.errors import MapsGeminiErrors
from conformance.reference.wire.http import SpeaksHTTP
from conformance.reference.wire.turns import KeepsTurns

FINISH: dict[Any, FinishReason] = {
    "STOP": "stop",
    "MAX_TOKENS": "length",
    "SAFETY": "content_filter",
    "RECITATION": "content_filter",
    "BLOCKLIST": "content_filter",
    "PROHIBITED_CONTENT": "content_filter",
    "SPII": "content_filter",
    "IMAGE_SAFETY": "content_filter",
    "MODEL_ARMOR": "content_filter",
    1: "stop",  # as numbers, where they were asked for
    2: "length",
    3: "content_filter",
    4: "content_filter",
}
NO_ANSWER = ("MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL")  # the model's own mistake


class ParsesReplies(KeepsTurns, MapsGeminiErrors, SpeaksHTTP):
    protocol = "gemini"

    def decoded(self, body: bytes) -> Any:
        """An error may come as the only element of a list."""
        data = super().decoded(body)
        if isinstance(data, list) and data and isinstance(data[0], dict) and data[0].get("error"):
            raise self.error(None, {}, body)
        return data

    def reply(self, data: Any) -> Reply:
        candidate = self.candidate(data)
        if candidate is None:
            raise self.malformed("an answer without candidates")
        parts = self.parts_of(candidate)
        calls = self.tool_calls(parts)
        return Reply(
            text=self.text(parts),
            finish_reason=self.finish(candidate, calls),
            tool_calls=calls,
            reasoning=self.text(parts, thought=True) or None,
            usage=self.usage(data.get("usageMetadata")),
            model=self.optional(data.get("modelVersion")),
            id=self.optional(data.get("responseId")),
            opaque=self.signed(parts),
        )

    def signed(self, parts: list[dict[str, Any]]) -> dict[str, Any] | None:
        """The turn, where any part of it has a signature: each has to stay with its own part."""
        return self.opaque(parts) if any(p.get("thoughtSignature") for p in parts) else None

    def candidate(self, data: Any) -> dict[str, Any] | None:
        """The first one; the others nobody asked for. A blocked prompt has none."""
        if not isinstance(data, dict):
            raise self.malformed("an answer that is not an object")
        candidates = data.get("candidates") or []
        if not isinstance(candidates, list) or not all(isinstance(c, dict) for c in candidates):
            raise self.malformed("candidates that are not a list of candidates")
        if not candidates:
            self.check_prompt(data.get("promptFeedback"))
        return next((c for c in candidates if not c.get("index")), None)

    def check_prompt(self, feedback: Any) -> None:
        if isinstance(feedback, dict) and feedback.get("blockReason"):
            text = f"{self.name}: the prompt was blocked: {feedback['blockReason']}"
            raise ProviderError(text, kind="content_filter", code=str(feedback["blockReason"]), provider=self.name)

    def parts_of(self, candidate: dict[str, Any]) -> list[dict[str, Any]]:
        """None where the model said nothing: the content, or its parts, may be missing."""
        content = candidate.get("content") or {}
        parts = (content.get("parts") or []) if isinstance(content, dict) else None
        if not isinstance(parts, list) or not all(isinstance(p, dict) for p in parts):
            raise self.malformed("a content that is not a list of parts")
        return parts

    def text(self, parts: list[dict[str, Any]], *, thought: bool = False) -> str:
        """Parts of other kinds say nothing here."""
        texts = [p.get("text") or "" for p in parts if bool(p.get("thought")) is thought]
        if not all(isinstance(t, str) for t in texts):
            raise self.malformed("a text that is none")
        return "".join(texts)

    def finish(self, candidate: dict[str, Any], calls: tuple[ToolCall, ...]) -> FinishReason:
        reason = candidate.get("finishReason")
        if reason in NO_ANSWER and not calls:
            raise self.malformed(f"{reason}: {candidate.get('finishMessage') or 'the model failed to call a function'}")
        known = FINISH.get(reason, "unknown") if isinstance(reason, str | int) else "unknown"
        return "tool_calls" if known == "stop" and calls else known

    def tool_calls(self, parts: list[dict[str, Any]]) -> tuple[ToolCall, ...]:
        return tuple(self.called(p["functionCall"]) for p in parts if p.get("functionCall") is not None)

    def called(self, call: Any) -> ToolCall:
        if not isinstance(call, dict) or not self.optional(call.get("name")):
            raise self.malformed("a function call without a name")
        arguments = call.get("args")
        if arguments is not None and not isinstance(arguments, dict):
            raise self.malformed("arguments that are not an object")
        # Many calls have no id, and the history needs one.
        return ToolCall(self.optional(call.get("id")) or f"call_{uuid4().hex}", call["name"], arguments or {})

    def usage(self, usage: Any) -> Usage | None:
        if not isinstance(usage, dict):
            return None
        names = ("promptTokenCount", "candidatesTokenCount", "totalTokenCount")
        return Usage(*(self.count(usage.get(name)) for name in names))

    def count(self, value: Any) -> int | None:
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def optional(self, value: Any) -> str | None:
        return value if isinstance(value, str) and value else None

    def in_band(self, data: Any) -> ProviderError:
        return self.error(None, {}, json.dumps(data).encode())

    # --- the other routes ------------------------------------------------------------------

    def embeddings(self, data: Any, wanted: int) -> Embeddings:
        rows = self.rows(data, "embeddings")
        vectors = [self.vector(row.get("values")) for row in rows]
        if len(vectors) != wanted:
            raise self.malformed(f"{len(vectors)} embeddings for {wanted} inputs")
        if len({len(vector) for vector in vectors}) > 1:
            raise self.malformed("embeddings of different lengths")
        return Embeddings(vectors)

    def vector(self, value: Any) -> list[float]:
        if not isinstance(value, list) or not all(isinstance(x, int | float) and abs(x) < inf for x in value):
            raise self.malformed("an embedding that is not a list of numbers")
        return value

    def listed(self, page: Any, found: list[str]) -> str | None:
        """Adds the names of a page; tells what the next one is asked by."""
        names = [row.get("name") for row in self.rows(page, "models")] if page != {} else []
        if not all(isinstance(name, str) for name in names):
            raise self.malformed("a model without a name")
        found += [str(name).removeprefix("models/") for name in names]
        return self.optional(page.get("nextPageToken"))

    def rows(self, data: Any, name: str) -> list[dict[str, Any]]:
        rows = data.get(name) if isinstance(data, dict) else None
        if not isinstance(rows, list) or not all(isinstance(r, dict) for r in rows):
            raise self.malformed(f"an answer without {name}")
        return rows
