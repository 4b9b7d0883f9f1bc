"""The contract's request as a body of /api/chat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from conformance.contract import Image, Message, ProviderError, Request, Text, Tool, ToolCall

LEVELS = ("low", "medium", "high")  # that every version with levels takes


class BuildsOllamaRequests:
    name: str
    model: str

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        """What the model is set to stands under `options`; at the top level it would be ignored in silence."""
        names = {call.id: call.name for message in request.messages for call in message.tool_calls}
        body: dict[str, Any] = {
            "model": request.model or self.model,
            "messages": [self.message(m, names) for m in request.messages],
            "stream": stream,  # it streams unless it is told not to
        }
        if options := {name: value for name, value in self.options(request).items() if value is not None}:
            body["options"] = options
        if tools := self.tools(request):
            body["tools"] = tools
        if request.response_schema is not None:
            body["format"] = request.response_schema.schema
        if request.reasoning_effort is not None:
            body["think"] = self.think(request.reasoning_effort)
        return body

    def think(self, effort: str) -> bool | str:
        """A switch, or a level, for the models that have levels."""
        if effort not in ("none", *LEVELS):
            raise self.unsupported(f"the reasoning effort {effort!r}")
        return effort != "none" and effort

    def options(self, request: Request) -> dict[str, Any]:
        return {
            "temperature": request.temperature,
            "top_p": request.top_p,
            "num_predict": request.max_tokens,
            "seed": request.seed,
            "stop": list(request.stop) or None,
        }

    def message(self, message: Message, names: dict[str, str]) -> dict[str, Any]:
        wire: dict[str, Any] = {"role": message.role, "content": self.text(message.content)}
        if images := self.images(message.content):
            wire["images"] = images
        if message.tool_calls:
            wire["tool_calls"] = [self.tool_call(c) for c in message.tool_calls]
        if message.tool_call_id is not None:
            wire |= {"tool_call_id": message.tool_call_id, "tool_name": names.get(message.tool_call_id, "")}
        return wire

    def text(self, content: str | Sequence[Text | Image]) -> str:
        """One string: there are no parts."""
        return content if isinstance(content, str) else "\n".join(p.text for p in content if isinstance(p, Text))

    def images(self, content: str | Sequence[Text | Image]) -> list[str]:
        return [] if isinstance(content, str) else [self.image(p) for p in content if isinstance(p, Image)]

    def image(self, image: Image) -> str:
        """Base64 and nothing else: the server fetches no URL."""
        if image.data is None:
            raise self.unsupported("an image by URL")
        return image.data

    def tool_call(self, call: ToolCall) -> dict[str, Any]:
        return {"id": call.id, "function": {"name": call.name, "arguments": call.arguments}}

    def tools(self, request: Request) -> list[dict[str, Any]]:
        """There is no tool choice: not to call any is not to know of any, and to force one cannot be asked."""
        if request.tool_choice == "none":
            return []
        if request.tool_choice not in (None, "auto"):
            raise self.unsupported(f"the tool choice {request.tool_choice!r}")
        return [self.tool(t) for t in request.tools]

    def tool(self, tool: Tool) -> dict[str, Any]:
        function = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
        return {"type": "function", "function": function}

    def unsupported(self, what: str) -> ProviderError:
        return ProviderError(f"{self.name}: Ollama does not take {what}", kind="unsupported", provider=self.name)
