"""The contract's request as Cohere's."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from conformance.contract import Image, JSONSchema, Message, ProviderError, Request, Text, Tool, ToolCall

TEXTS = 96  # that one request may embed


class BuildsRequests:
    name: str
    model: str

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        """Only what was asked for is sent; zero and the empty string are asked for, None is not."""
        body: dict[str, Any] = {
            "model": request.model or self.model,
            "messages": [self.message(m) for m in request.messages],
        }
        body |= {name: value for name, value in self.options(request).items() if value is not None}
        body |= self.tools(request)
        if stream:
            body["stream"] = True
        return body

    def options(self, request: Request) -> dict[str, Any]:
        return {
            "temperature": request.temperature,
            "p": request.top_p,
            "max_tokens": request.max_tokens,
            "seed": request.seed,
            "stop_sequences": list(request.stop) or None,
            "thinking": self.thinking(request.reasoning_effort),
            "response_format": self.response_format(request.response_schema),
        }

    def thinking(self, effort: str | None) -> dict[str, Any] | None:
        """A switch, with no degrees."""
        return None if effort is None else {"type": "disabled" if effort == "none" else "enabled"}

    def response_format(self, asked: JSONSchema | None) -> dict[str, Any] | None:
        return None if asked is None else {"type": "json_object", "json_schema": asked.schema}

    def tools(self, request: Request) -> dict[str, Any]:
        """To choose one tool is to have to use one, and no other is there."""
        if not request.tools:
            return {}
        if request.response_schema is not None:
            raise ProviderError(
                f"{self.name} takes tools or a schema, not both", kind="unsupported", provider=self.name
            )
        choice, given = request.tool_choice, list(request.tools)
        if choice not in (None, "auto", "none", "required"):
            given = [t for t in given if t.name == choice]
        body: dict[str, Any] = {"tools": [self.tool(t) for t in given]}
        if choice not in (None, "auto"):
            body["tool_choice"] = "NONE" if choice == "none" else "REQUIRED"
        return body

    def tool(self, tool: Tool) -> dict[str, Any]:
        function = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
        return {"type": "function", "function": function}

    def message(self, message: Message) -> dict[str, Any]:
        wire: dict[str, Any] = {"role": message.role}
        if message.content or not message.tool_calls:
            wire["content"] = self.content(message)
        if message.tool_calls:
            wire["tool_calls"] = [self.tool_call(c) for c in message.tool_calls]
        if message.tool_call_id is not None:
            wire["tool_call_id"] = message.tool_call_id
        return wire

    def content(self, message: Message) -> str | list[dict[str, Any]]:
        if isinstance(message.content, str):
            return message.content
        return [self.part(p) for p in message.content]

    def part(self, part: Text | Image) -> dict[str, Any]:
        if isinstance(part, Image):
            url = part.url or f"data:{part.media_type};base64,{part.data}"
            return {"type": "image_url", "image_url": {"url": url}}
        return {"type": "text", "text": part.text}

    def tool_call(self, call: ToolCall) -> dict[str, Any]:
        function = {"name": call.name, "arguments": json.dumps(call.arguments, ensure_ascii=False)}
        return {"id": call.id, "type": "function", "function": function}

    def embeddings_asked(self, texts: Sequence[str], model: str) -> list[dict[str, Any]]:
        """The contract has no word for what embeddings are for; to be searched is what most are."""
        parts = [list(texts[i : i + TEXTS]) for i in range(0, len(texts), TEXTS)] or [[]]
        asked = {"model": model, "input_type": "search_document", "embedding_types": ["float"]}
        return [{**asked, "texts": part} for part in parts]
