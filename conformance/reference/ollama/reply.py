"""An answer of Ollama as the contract's reply. What is not the protocol's raises `malformed`."""

from __future__ import annotations

import json
from math import inf
from typing import Any
from uuid import uuid4

from conformance.contract import Embeddings, FinishReason, Reply, ToolCall, Usage
from conformance.reference.ollama.errors import MapsOllamaErrors

FINISH: dict[str, FinishReason] = {"stop": "stop", "length": "length"}  # load and unload finish nothing


class ParsesOllamaReplies(MapsOllamaErrors):
    def reply(self, data: Any) -> Reply:
        message = self.message_of(data)
        calls = self.tool_calls(message.get("tool_calls"))
        return Reply(
            text=self.text_of(message, "content"),
            finish_reason=self.finish(data.get("done_reason"), calls),
            tool_calls=calls,
            reasoning=self.text_of(message, "thinking") or None,
            usage=self.usage(data),
            model=self.optional(data.get("model")),
        )

    def message_of(self, data: Any) -> dict[str, Any]:
        message = data.get("message") if isinstance(data, dict) else None
        if not isinstance(message, dict):
            raise self.malformed("an answer without a message")
        return message

    def text_of(self, message: dict[str, Any], name: str) -> str:
        value = message.get(name)
        if not isinstance(value, str | None):
            raise self.malformed(f"{name} of type {type(value).__name__}")
        return value or ""

    def optional(self, value: Any) -> str | None:
        return value if isinstance(value, str) and value else None

    def finish(self, value: Any, calls: tuple[ToolCall, ...]) -> FinishReason:
        """An answer that calls tools stops like any other."""
        reason = FINISH.get(value, "unknown") if isinstance(value, str) else "unknown"
        return "tool_calls" if calls and reason == "stop" else reason

    def tool_calls(self, calls: Any) -> tuple[ToolCall, ...]:
        if calls is None:
            return ()
        if not isinstance(calls, list) or not all(isinstance(c, dict) for c in calls):
            raise self.malformed("tool_calls that are not a list of calls")
        return tuple(map(self.tool_call_of, calls))

    def tool_call_of(self, call: dict[str, Any]) -> ToolCall:
        function = call.get("function")
        name = function.get("name") if isinstance(function, dict) else None
        if not isinstance(function, dict) or not isinstance(name, str) or not name:
            raise self.malformed("a tool call without a function name")
        return ToolCall(self.optional(call.get("id")) or self.new_id(), name, self.arguments(function.get("arguments")))

    def new_id(self) -> str:
        """Older servers send none, and two calls of one tool must be told apart."""
        return f"call_{uuid4().hex}"

    def arguments(self, value: Any) -> dict[str, Any]:
        if isinstance(value, str):  # from what speaks in Ollama's place
            value = self.parsed(value or "{}", "tool call arguments")
        if not isinstance(value, dict | None):
            raise self.malformed("tool call arguments that are not an object")
        return value or {}

    def usage(self, data: dict[str, Any]) -> Usage | None:
        """A count that is left out is not zero: the prompt may have been cached."""
        given, made = self.count(data.get("prompt_eval_count")), self.count(data.get("eval_count"))
        if given is None and made is None:
            return None
        return Usage(given, made, None if given is None or made is None else given + made)

    def parsed(self, text: str | bytes, what: str) -> Any:
        try:
            return json.loads(text.decode() if isinstance(text, bytes) else text)
        except ValueError:
            raise self.malformed(f"{what} that is not JSON") from None

    def count(self, value: Any) -> int | None:
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    # --- the other routes ------------------------------------------------------------------

    def embeddings(self, data: Any, wanted: int) -> Embeddings:
        vectors = data.get("embeddings") if isinstance(data, dict) else None
        if not isinstance(vectors, list) or not all(map(self.is_vector, vectors)):
            raise self.malformed("an answer without embeddings")
        if len(vectors) != wanted:
            raise self.malformed(f"{len(vectors)} embeddings for {wanted} inputs")
        if len(set(map(len, vectors))) > 1:
            raise self.malformed("embeddings of different lengths")
        return Embeddings(vectors, self.optional(data.get("model")), self.usage(data))

    def is_vector(self, value: Any) -> bool:
        return isinstance(value, list) and all(isinstance(x, int | float) and abs(x) < inf for x in value)

    def model_names(self, data: Any) -> list[str]:
        rows = data.get("models", ()) if isinstance(data, dict) else ()
        if rows is None:
            return []  # as older servers say that there is none
        if not isinstance(rows, list) or not all(isinstance(r, dict) and self.optional(r.get("name")) for r in rows):
            raise self.malformed("an answer without a list of models")
        return [r["name"] for r in rows]
