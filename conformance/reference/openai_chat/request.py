"""The contract's request as a chat-completions body."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from conformance.contract import Image, JSONSchema, Message, Request, Text, Tool, ToolCall
from conformance.reference.wire.names import NamesTools
from conformance.reference.wire.turns import KeepsTurns

REASONS = re.compile(r"(o\d|gpt-5)")  # OpenAI's models that reject max_tokens, which compatible servers may know alone
MOST_TEXTS = 2048  # that are embedded at once


class BuildsRequests(KeepsTurns, NamesTools):
    protocol = "openai-chat"
    model: str

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        """Only what was asked for is sent; zero and the empty string are asked for, None is not."""
        body: dict[str, Any] = {
            "model": request.model or self.model,
            "messages": [self.message(m) for m in request.messages],
        }
        body |= {name: value for name, value in self.options(request).items() if value is not None}
        if request.tools:
            body["tools"] = [self.tool(t) for t in request.tools]
            if request.tool_choice is not None:
                body["tool_choice"] = self.tool_choice(request.tool_choice)
        if stream:
            body |= {"stream": True, "stream_options": {"include_usage": True}}
        return body

    def options(self, request: Request) -> dict[str, Any]:
        return {
            "temperature": request.temperature,
            "top_p": request.top_p,
            self.limit_name(request.model or self.model): request.max_tokens,
            "seed": request.seed,
            "stop": list(request.stop) or None,
            "reasoning_effort": request.reasoning_effort,
            "response_format": self.response_format(request.response_schema),
        }

    def limit_name(self, model: str) -> str:
        return "max_completion_tokens" if REASONS.match(model) else "max_tokens"

    def response_format(self, asked: JSONSchema | None) -> dict[str, Any] | None:
        if asked is None:
            return None
        described = {"name": self.label(asked.name), "schema": asked.schema, "strict": asked.strict}
        return {"type": "json_schema", "json_schema": described}

    def label(self, name: str) -> str:
        """The API takes few characters, and a schema's name is only a label."""
        return re.sub(r"[^a-zA-Z0-9_-]", "_", name)[:64] or "answer"

    def message(self, message: Message) -> dict[str, Any]:
        wire: dict[str, Any] = {"role": message.role, "content": self.content(message)}
        if message.tool_calls:
            wire["tool_calls"] = [self.tool_call(c) for c in message.tool_calls]
        if message.tool_call_id is not None:
            wire["tool_call_id"] = message.tool_call_id
        for kept in self.kept(message):
            extra = kept.pop("tool_calls", [])
            wire |= kept
            for call, more in zip(wire.get("tool_calls", []), extra, strict=False):
                call.update(more)
        return wire

    def content(self, message: Message) -> str | list[dict[str, Any]] | None:
        if isinstance(message.content, str):
            only_calls = message.tool_calls and not message.content
            return None if only_calls else message.content
        return [self.part(p) for p in message.content]

    def part(self, part: Text | Image) -> dict[str, Any]:
        if isinstance(part, Image):
            url = part.url or f"data:{part.media_type};base64,{part.data}"
            return {"type": "image_url", "image_url": {"url": url}}
        return {"type": "text", "text": part.text}

    def tool_call(self, call: ToolCall) -> dict[str, Any]:
        function = {"name": call.name, "arguments": json.dumps(call.arguments, ensure_ascii=False)}
        return {"id": call.id, "type": "function", "function": function}

    def tool(self, tool: Tool) -> dict[str, Any]:
        function = {"name": self.named(tool), "description": tool.description, "parameters": tool.parameters}
        return {"type": "function", "function": function}

    def tool_choice(self, choice: str) -> str | dict[str, Any]:
        if choice in ("auto", "none", "required"):
            return choice
        return {"type": "function", "function": {"name": choice}}

    def batches(self, texts: Sequence[str]) -> list[list[str]]:
        """No texts are a request too: whether it is a mistake is the server's to say."""
        return [list(texts[i : i + MOST_TEXTS]) for i in range(0, len(texts), MOST_TEXTS)] or [[]]
