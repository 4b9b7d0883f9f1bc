"""The contract's request as a Converse body."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from conformance.contract import Image, Message, ProviderError, Request, Text, Tool
from conformance.reference.wire.names import NamesTools
from conformance.reference.wire.turns import KeepsTurns

FORMATS = ("png", "jpeg", "gif", "webp")


class BuildsConverseRequests(KeepsTurns, NamesTools):
    protocol = "bedrock-converse"

    def payload(self, request: Request) -> dict[str, Any]:
        """Only what was asked for is sent; zero is asked for, None is not. The model is in the path."""
        body: dict[str, Any] = {"messages": self.turns(request.messages)}
        if system := [block for m in request.messages if m.role == "system" for block in self.content(m)]:
            body["system"] = system
        if settings := {name: v for name, v in self.settings(request).items() if v is not None}:
            body["inferenceConfig"] = settings
        if tools := self.tool_config(request):
            body["toolConfig"] = tools
        if output := self.output(request):
            body["outputConfig"] = output
        return body

    def output(self, request: Request) -> dict[str, Any]:
        """A schema is sent as its text."""
        output: dict[str, Any] = {}
        if request.reasoning_effort is not None:
            output["effort"] = self.effort(request.reasoning_effort)
        if (asked := request.response_schema) is not None:
            schema = {"name": asked.name, "schema": json.dumps(asked.schema, ensure_ascii=False)}
            output["textFormat"] = {"type": "json_schema", "structure": {"jsonSchema": schema}}
        return output

    def effort(self, asked: str) -> str:
        if asked == "none":
            raise self.unsupported("Converse has no effort of none")
        return asked

    def settings(self, request: Request) -> dict[str, Any]:
        return {
            "maxTokens": request.max_tokens,
            "temperature": request.temperature,
            "topP": request.top_p,
            "stopSequences": list(request.stop) or None,
        }

    # --- messages --------------------------------------------------------------------------

    def turns(self, messages: Sequence[Message]) -> list[dict[str, Any]]:
        """User and assistant take turns: what one says in several messages is one turn, results of tools too."""
        spoken = [m for m in messages if m.role != "system"]
        grouped = groupby(spoken, key=lambda m: "assistant" if m.role == "assistant" else "user")
        return [{"role": role, "content": [b for m in said for b in self.blocks(m)]} for role, said in grouped]

    def blocks(self, message: Message) -> Iterator[dict[str, Any]]:
        if message.role == "tool":
            yield {"toolResult": {"toolUseId": message.tool_call_id, "content": self.content(message)}}
            return
        if kept := self.kept(message):
            yield from (b for b in kept if "text" not in b or str(b["text"]).strip())
            return
        yield from self.content(message)
        for call in message.tool_calls:
            yield {"toolUse": {"toolUseId": call.id, "name": call.name, "input": call.arguments}}

    def content(self, message: Message) -> list[dict[str, Any]]:
        """Text and images; what is blank is left out, for it would be rejected."""
        parts = [Text(message.content)] if isinstance(message.content, str) else message.content
        return [self.part(p) for p in parts if isinstance(p, Image) or p.text.strip()]

    def part(self, part: Text | Image) -> dict[str, Any]:
        if isinstance(part, Text):
            return {"text": part.text}
        if part.url and part.url.startswith("data:image/"):
            media_type, _, data = part.url.removeprefix("data:").partition(";base64,")
            part = Image(data=data, media_type=media_type)
        format = part.media_type.partition("/")[2].replace("jpg", "jpeg")
        if not part.data or format not in FORMATS:
            what = "the address of an image" if part.url else f"an image of type {part.media_type}"
            raise self.unsupported(f"Converse does not take {what}")
        return {"image": {"format": format, "source": {"bytes": part.data}}}

    # --- tools -----------------------------------------------------------------------------

    def tool_config(self, request: Request) -> dict[str, Any] | None:
        """A history of calls wants the tools that it calls. There is no choice `none`: without tools none is called."""
        called = {call.name for message in request.messages for call in message.tool_calls}
        if request.tool_choice == "none":
            if called:
                raise self.unsupported("Converse has no way to forbid calls where the history has some")
            return None
        tools = request.tools or [Tool(name) for name in sorted(called)]
        if not tools:
            return None
        config: dict[str, Any] = {"tools": [{"toolSpec": self.tool(t)} for t in tools]}
        if request.tools and request.tool_choice is not None:
            config["toolChoice"] = self.tool_choice(request.tool_choice)
        return config

    def tool(self, tool: Tool) -> dict[str, Any]:
        described = {"description": tool.description} if tool.description else {}  # an empty one is rejected
        return {"name": self.named(tool), **described, "inputSchema": {"json": tool.parameters}}

    def tool_choice(self, choice: str) -> dict[str, Any]:
        return {"auto": {"auto": {}}, "required": {"any": {}}}.get(choice) or {"tool": {"name": choice}}

    def unsupported(self, what: str) -> ProviderError:
        return ProviderError(f"{self.name}: {what}", kind="unsupported", provider=self.name)
