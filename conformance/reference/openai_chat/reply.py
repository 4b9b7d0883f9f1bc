"""A chat-completions answer as the contract's reply. What is not the protocol's raises `malformed`."""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Sequence
from math import inf
from typing import Any
from uuid import uuid4

from conformance.contract import Embeddings, FinishReason, ProviderError, Reply, ToolCall, Usage
from conformance.reference.openai_chat.errors import MapsChatErrors
from conformance.reference.wire.turns import KeepsTurns

FINISH: dict[str, FinishReason] = {
    "stop": "stop",
    "eos": "stop",
    "length": "length",
    "model_length": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
    "sensitive": "content_filter",
}


THOUGHTS = ("reasoning_content", "reasoning", "reasoning_details")  # of DeepSeek and Moonshot, vLLM, OpenRouter


class ParsesReplies(KeepsTurns, MapsChatErrors):
    protocol = "openai-chat"

    def reply(self, data: Any) -> Reply:
        choice = self.choice(data)
        if choice.get("error"):
            raise self.error(None, {}, json.dumps(choice).encode())  # OpenRouter's upstream failed halfway
        message = choice.get("message")
        if not isinstance(message, dict):
            raise self.without_message(choice)
        return Reply(
            text=self.text(message.get("content")),
            finish_reason=self.finish(choice.get("finish_reason")),
            tool_calls=self.tool_calls(self.calls(message)),
            refusal=self.optional(message.get("refusal")),
            reasoning=self.reasoning(message),
            usage=self.usage(data.get("usage")),
            model=self.optional(data.get("model")),
            id=self.optional(data.get("id")),
            opaque=self.wanted_back(message, self.objects(self.calls(message))),
        )

    def wanted_back(self, message: dict[str, Any], calls: list[dict[str, Any]]) -> dict[str, Any] | None:
        """What was thought before calls of tools, which some servers want back with them; and Google's signatures."""
        told = {name: message[name] for name in THOUGHTS if message.get(name)}
        extra = [{"extra_content": c["extra_content"]} if c.get("extra_content") else {} for c in calls]
        kept = {**told, **({"tool_calls": extra} if any(extra) else {})}
        return self.opaque([kept]) if kept and calls else None

    def choice(self, data: Any) -> dict[str, Any]:
        choices = data.get("choices") if isinstance(data, dict) else None
        if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
            raise self.malformed("an answer without choices")
        return choices[0]

    def without_message(self, choice: dict[str, Any]) -> ProviderError:
        """Azure leaves the message out where its filter stopped it."""
        if self.finish(choice.get("finish_reason")) != "content_filter":
            return self.malformed("a choice without a message")
        return ProviderError(f"{self.name}: a filter stopped the answer", kind="content_filter", provider=self.name)

    def text(self, content: Any) -> str:
        """Content is text, nothing, a list of typed parts of which the texts count, or (Cloudflare) parsed JSON."""
        if content is None:
            return ""
        if isinstance(content, str):
            return content
        if isinstance(content, list):
            return "".join(self.text(p.get("text")) for p in content if isinstance(p, dict) and p.get("type") == "text")
        if isinstance(content, dict):
            return json.dumps(content, ensure_ascii=False)
        raise self.malformed(f"content of type {type(content).__name__}")

    def reasoning(self, message: dict[str, Any]) -> str | None:
        """Under one of its two names, among the parts of the content (Mistral), or in details alone (Snowflake)."""
        named = self.optional(message.get("reasoning_content")) or self.optional(message.get("reasoning"))
        parts = "".join(self.text(p.get("thinking")) for p in self.objects(message.get("content")))
        details = "".join(self.optional(d.get("text")) or "" for d in self.objects(message.get("reasoning_details")))
        return named or parts or details or None

    def objects(self, value: Any) -> list[dict[str, Any]]:
        return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []

    def optional(self, value: Any) -> str | None:
        return value if isinstance(value, str) and value else None

    def finish(self, value: Any) -> FinishReason:
        return FINISH.get(value, "unknown") if isinstance(value, str) else "unknown"

    def calls(self, message: dict[str, Any]) -> Any:
        """What calls tools; before there were `tool_calls`, one `function_call`."""
        legacy = message.get("function_call")
        if isinstance(legacy, dict) and any(legacy.values()):
            return [{"function": legacy}]
        return message.get("tool_calls")

    def tool_calls(self, calls: Any) -> tuple[ToolCall, ...]:
        if calls is None:
            return ()
        if not isinstance(calls, list) or not all(isinstance(c, dict) for c in calls):
            raise self.malformed("tool_calls that are not a list of calls")
        return tuple(self.called(c.get("id"), c.get("function")) for c in calls)

    def called(self, id: Any, function: Any) -> ToolCall:
        if not isinstance(function, dict) or not isinstance(function.get("name"), str):
            raise self.malformed("a tool call without a function name")
        return ToolCall(
            id=self.optional(id) or f"call_{uuid4().hex}",  # some servers send none, and history needs one
            name=function["name"],
            arguments=self.arguments(function.get("arguments")),
        )

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
        if not isinstance(usage, dict):
            return None
        return Usage(
            input_tokens=self.count(usage.get("prompt_tokens")),
            output_tokens=self.count(usage.get("completion_tokens")),
            total_tokens=self.count(usage.get("total_tokens")),
        )

    def count(self, value: Any) -> int | None:
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    # --- the other routes ------------------------------------------------------------------

    def embeddings(self, data: Any, wanted: int) -> Embeddings:
        rows = self.rows(data)
        rows.sort(key=lambda row: row["index"] if isinstance(row.get("index"), int) else 0)
        vectors = [self.vector(row.get("embedding")) for row in rows]
        if len(vectors) != wanted:
            raise self.malformed(f"{len(vectors)} embeddings for {wanted} inputs")
        if not self.same_length(vectors):
            raise self.malformed("embeddings of different lengths")
        return Embeddings(vectors, self.optional(data.get("model")), self.usage(data.get("usage")))

    def joined(self, parts: Sequence[Embeddings]) -> Embeddings:
        """The answers of several requests, as one."""
        if len(parts) == 1:
            return parts[0]
        return Embeddings([vector for part in parts for vector in part.vectors], parts[0].model)

    def same_length(self, vectors: Sequence[Sequence[float]]) -> bool:
        """One model gives one length."""
        return len({len(vector) for vector in vectors}) <= 1

    def vector(self, value: Any) -> Sequence[float]:
        """A list of numbers, or the same as little-endian float32 in base64."""
        if isinstance(value, str):
            try:
                raw = base64.b64decode(value, validate=True)
                value = list(struct.unpack(f"<{len(raw) // 4}f", raw))
            except (ValueError, struct.error):
                raise self.malformed("an embedding that is not base64") from None
        if not isinstance(value, list) or not all(isinstance(x, int | float) and abs(x) < inf for x in value):
            raise self.malformed("an embedding that is not a list of numbers")
        return value

    def model_ids(self, data: Any) -> list[str]:
        ids = [row.get("id") for row in self.rows(data)]
        if not all(isinstance(i, str) for i in ids):
            raise self.malformed("a model without an id")
        return ids  # type: ignore[return-value]

    def rows(self, data: Any) -> list[dict[str, Any]]:
        rows = data.get("data") if isinstance(data, dict) else None
        if not isinstance(rows, list) or not all(isinstance(r, dict) for r in rows):
            raise self.malformed("an answer without data")
        return rows
