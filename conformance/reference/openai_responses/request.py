"""The contract's request as a Responses body."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from conformance.contract import Image, JSONSchema, Message, ProviderError, Request, Text, Tool, ToolCall
from conformance.reference.wire.names import NamesTools
from conformance.reference.wire.turns import KeepsTurns


class BuildsItems(KeepsTurns, NamesTools):
    protocol = "openai-responses"
    model: str
    tool_names = "[a-zA-Z0-9_-]{1,128}"

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        """Only what was asked for is sent; what the API has no parameter for is refused."""
        if request.stop or request.seed is not None:
            lacking = "stop sequences" if request.stop else "seed"
            raise ProviderError(
                f"{self.name}: the Responses API has no {lacking}", kind="unsupported", provider=self.name
            )
        body: dict[str, Any] = {
            "model": request.model or self.model,
            "input": [item for message in request.messages for item in self.items(message)],
        }
        body |= {name: value for name, value in self.wishes(request).items() if value is not None}
        if request.tools:
            body["tools"] = [self.function(t) for t in request.tools]
            if request.tool_choice is not None:
                body["tool_choice"] = self.choice_of_tool(request.tool_choice)
        if stream:
            body["stream"] = True
        return body

    def wishes(self, request: Request) -> dict[str, Any]:
        return {
            "temperature": request.temperature,
            "top_p": request.top_p,
            "max_output_tokens": request.max_tokens,
            "reasoning": None if request.reasoning_effort is None else {"effort": request.reasoning_effort},
            "text": None if request.response_schema is None else {"format": self.form(request.response_schema)},
        }

    def form(self, asked: JSONSchema) -> dict[str, Any]:
        """The API takes few characters in a name, and a schema's name is only a label."""
        name = re.sub(r"[^a-zA-Z0-9_-]", "_", asked.name)[:64] or "answer"
        return {"type": "json_schema", "name": name, "schema": asked.schema, "strict": asked.strict}

    def items(self, message: Message) -> Iterator[dict[str, Any]]:
        """A turn is several items: its text, and each call or result by itself."""
        if message.role == "tool":
            yield {
                "type": "function_call_output",
                "call_id": message.tool_call_id,
                "output": self.spoken(message),
            }
            return
        if kept := self.kept(message):
            yield from self.identified(kept, message.tool_calls)
            return
        if message.content or not message.tool_calls:
            yield {"type": "message", "role": message.role, "content": self.spoken(message)}
        for call in message.tool_calls:
            yield self.function_call(call)

    def identified(self, items: list[dict[str, Any]], calls: Sequence[ToolCall]) -> list[dict[str, Any]]:
        """The host knows a call that came without an id by the one that it was given, and answers to that."""
        called = [item for item in items if item.get("type") == "function_call"]
        for item, call in zip(called, calls, strict=False):
            item["call_id"] = call.id
        return items

    def spoken(self, message: Message) -> str | list[dict[str, Any]]:
        if isinstance(message.content, str):
            return message.content
        kind = "output_text" if message.role == "assistant" else "input_text"
        return [self.piece(part, kind) for part in message.content]

    def piece(self, part: Text | Image, kind: str) -> dict[str, Any]:
        if isinstance(part, Image):
            url = part.url or f"data:{part.media_type};base64,{part.data}"
            return {"type": "input_image", "image_url": url, "detail": "auto"}
        return {"type": kind, "text": part.text}

    def function_call(self, call: ToolCall) -> dict[str, Any]:
        arguments = json.dumps(call.arguments, ensure_ascii=False)
        return {"type": "function_call", "call_id": call.id, "name": call.name, "arguments": arguments}

    def function(self, tool: Tool) -> dict[str, Any]:
        """The API's default is strict, which makes every optional parameter a required one."""
        return {
            "type": "function",
            "name": self.named(tool),
            "description": tool.description,
            "parameters": tool.parameters,
            "strict": False,
        }

    def choice_of_tool(self, choice: str) -> str | dict[str, Any]:
        return choice if choice in ("auto", "none", "required") else {"type": "function", "name": choice}
