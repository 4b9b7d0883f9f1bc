"""The contract's request as a body of POST /messages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from zlib import crc32

from conformance.contract import ErrorKind, Image, Message, ProviderError, Request, Text, Tool, ToolCall
from conformance.reference.wire.names import NamesTools
from conformance.reference.wire.turns import KeepsTurns

MAX_TOKENS = 4096  # the API wants a limit; this one every model has room for
MEDIA_TYPES = {"image/jpeg", "image/png", "image/gif", "image/webp"}
EFFORTS = ("low", "medium", "high", "xhigh", "max")
Block = dict[str, Any]


class BuildsRequests(KeepsTurns, NamesTools):
    protocol = "anthropic-messages"
    model: str
    tool_names = "[a-zA-Z0-9_-]{1,128}"

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        """Only what was asked for is sent, and a limit of tokens. There is no seed, which is a wish at best."""
        body: dict[str, Any] = {
            "model": request.model or self.model,
            "max_tokens": MAX_TOKENS if request.max_tokens is None else request.max_tokens,
            "messages": self.messages(request.messages),
        }
        if system := self.system(request.messages):
            body["system"] = system
        body |= {name: value for name, value in self.options(request).items() if value is not None}
        if request.tools:
            body["tools"] = [self.tool(t) for t in request.tools]
            if request.tool_choice is not None:
                body["tool_choice"] = self.tool_choice(request.tool_choice)
        if stream:
            body["stream"] = True
        return body

    def options(self, request: Request) -> dict[str, Any]:
        return {
            "temperature": request.temperature,
            "top_p": request.top_p,
            "stop_sequences": self.stop(request.stop),
            "output_config": self.output(request) or None,
            "thinking": {"type": "disabled"} if request.reasoning_effort == "none" else None,
        }

    def output(self, request: Request) -> dict[str, Any]:
        """The form of the answer, and the effort it is worth; no thinking at all is said elsewhere."""
        asked, effort = request.response_schema, request.reasoning_effort
        if effort not in (None, "none", *EFFORTS):
            raise self.refused(f"there is no effort {effort!r}", kind="unsupported")
        return {
            **({"effort": effort} if effort in EFFORTS else {}),
            **({"format": {"type": "json_schema", "schema": asked.schema}} if asked else {}),
        }

    def stop(self, sequences: Sequence[str]) -> list[str] | None:
        if any(not s.strip() for s in sequences):
            raise self.refused("a stop sequence must hold more than white space", kind="unsupported")
        return list(sequences) or None

    # --- the conversation --------------------------------------------------------------------

    def system(self, messages: Sequence[Message]) -> str:
        """The system prompt has a place of its own."""
        return "\n\n".join(self.plain(m) for m in messages if m.role == "system")

    def plain(self, message: Message) -> str:
        content = message.content
        return content if isinstance(content, str) else "\n".join(p.text for p in content if isinstance(p, Text))

    def messages(self, messages: Sequence[Message]) -> list[dict[str, Any]]:
        """Turns: results of tools are the user's, and what one role says in a row is one turn."""
        turns: list[dict[str, Any]] = []
        for message in messages:
            role = "assistant" if message.role == "assistant" else "user"
            blocks = [] if message.role == "system" else self.blocks(message)
            if blocks and turns and turns[-1]["role"] == role:
                turns[-1]["content"] += blocks
            elif blocks:
                turns.append({"role": role, "content": blocks})
        if not turns:
            raise self.refused("there is nothing to answer: no message has any text")
        return self.ended(turns)

    def ended(self, turns: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """White space at the very end of what the assistant is to continue is rejected."""
        last = turns[-1]["content"][-1]
        if turns[-1]["role"] == "assistant" and last["type"] == "text":
            last["text"] = last["text"].rstrip()
        return turns

    def blocks(self, message: Message) -> list[Block]:
        if message.role == "tool":
            return [self.result(message)]
        if kept := self.kept(message):
            return [block for block in kept if block.get("type") != "text" or str(block.get("text")).strip()]
        return [*self.content(message.content), *(self.tool_use(c) for c in message.tool_calls)]

    def content(self, content: str | Sequence[Text | Image]) -> list[Block]:
        """Without blocks of white space alone, which are rejected."""
        parts = [Text(content)] if isinstance(content, str) else content
        return [self.part(p) for p in parts if isinstance(p, Image) or p.text.strip()]

    def part(self, part: Text | Image) -> Block:
        if isinstance(part, Text):
            return {"type": "text", "text": part.text}
        if part.url and part.url.startswith("data:"):  # the API takes these apart
            media_type, _, data = part.url.removeprefix("data:").partition(";base64,")
            return self.part(Image(data=data, media_type=media_type))
        if part.url:
            return {"type": "image", "source": {"type": "url", "url": part.url}}
        media_type = "image/jpeg" if part.media_type == "image/jpg" else part.media_type
        if media_type not in MEDIA_TYPES:
            raise self.refused(f"images of type {media_type} are not taken", kind="unsupported")
        return {"type": "image", "source": {"type": "base64", "media_type": media_type, "data": part.data}}

    # --- tools -------------------------------------------------------------------------------

    def result(self, message: Message) -> Block:
        content = message.content if isinstance(message.content, str) else self.content(message.content)
        return {"type": "tool_result", "tool_use_id": self.id(message.tool_call_id or ""), "content": content}

    def tool_use(self, call: ToolCall) -> Block:
        return {"type": "tool_use", "id": self.id(call.id), "name": call.name, "input": call.arguments}

    def id(self, id: str) -> str:
        """Ids of other providers may hold what this one rejects; two that differ still differ."""
        legal = re.sub(r"[^a-zA-Z0-9_-]", "_", id)
        return id if legal == id and id else f"{legal}_{crc32(id.encode('utf-8', 'replace')):08x}"

    def tool(self, tool: Tool) -> dict[str, Any]:
        described = {"description": tool.description} if tool.description else {}
        return {"name": self.named(tool), **described, "input_schema": {"type": "object", **tool.parameters}}

    def tool_choice(self, choice: str) -> dict[str, str]:
        if choice in ("auto", "none"):
            return {"type": choice}
        return {"type": "any"} if choice == "required" else {"type": "tool", "name": choice}

    def refused(self, what: str, *, kind: ErrorKind = "invalid_request") -> ProviderError:
        return ProviderError(f"{self.name}: {what}", kind=kind, provider=self.name)
