"""Amazon Bedrock's Converse and ConverseStream, with the list of foundation models.

The model is in the path, and whether to stream is the path. What the service rejects, it says in its own words,
some of which are quoted here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from urllib.parse import unquote

from conformance.contract import Image, JSONSchema, Message, Request, Text, Tool, ToolCall
from conformance.dialects import Dialect, Read
from conformance.trace import Exchange

Block = dict[str, Any]


class BedrockConverse(Dialect):
    reads = True
    answers = "conformance.dialects.bedrock_converse_said"

    def rules(self, exchange: Exchange, body: dict[str, Any]) -> Iterator[str]:
        yield from _turns(body["messages"])
        yield from _calls(body["messages"])
        yield from _tools(body)
        yield from _format(body)

    def streams(self, exchange: Exchange) -> bool:
        return exchange.path.endswith("/converse-stream")

    def same(self, name: str, value: Any) -> Any:
        """A schema has no degree of strictness, and its name is a label that need not be sent."""
        if name == "response_schema" and isinstance(value, JSONSchema):
            return JSONSchema("", value.schema, strict=False)
        return value

    def read(self, exchange: Exchange) -> Read:
        body = exchange.json()
        if not isinstance(body, dict):
            raise ValueError("the body is not a JSON object")
        try:
            return Read(_request(exchange, body), stream=self.streams(exchange))
        except (KeyError, TypeError, AttributeError, IndexError, ValueError) as exc:
            raise ValueError(f"the request cannot be understood: {exc!r}") from None


def _request(exchange: Exchange, body: dict[str, Any]) -> Request:
    settings = body.get("inferenceConfig") or {}
    config = body.get("toolConfig") or {}
    system = [Message("system", b["text"]) for b in body.get("system") or () if "text" in b]
    return Request(
        messages=[*system, *(said for m in body["messages"] for said in _messages(m))],
        model=unquote(exchange.path.split("/")[-2]),
        temperature=settings.get("temperature"),
        top_p=settings.get("topP"),
        max_tokens=settings.get("maxTokens"),
        stop=tuple(settings.get("stopSequences") or ()),
        tools=[_tool(t["toolSpec"]) for t in config.get("tools") or () if "toolSpec" in t],
        tool_choice=_choice(config.get("toolChoice")),
        response_schema=_schema(body),
        reasoning_effort=(body.get("outputConfig") or {}).get("effort"),
    )


def _schema(body: dict[str, Any]) -> JSONSchema | None:
    """A text format; or the input of the only tool, where the model has to call it."""
    if text := _text_format(body):
        return JSONSchema("", json.loads(text))
    config = body.get("toolConfig") or {}
    tools: list[Any] = config.get("tools") or []
    choice = config.get("toolChoice") or {}
    forced = len(tools) == 1 and "toolSpec" in tools[0] and ("tool" in choice or "any" in choice)
    return JSONSchema("", tools[0]["toolSpec"]["inputSchema"]["json"]) if forced else None


def _text_format(body: dict[str, Any]) -> str | None:
    given = (body.get("outputConfig") or {}).get("textFormat")
    text: str | None = given["structure"]["jsonSchema"]["schema"] if given else None
    return text


def _choice(data: dict[str, Any] | None) -> str | None:
    if data and data.get("tool") is not None:
        name: str = data["tool"]["name"]
        return name
    return next((word for member, word in (("any", "required"), ("auto", "auto")) if member in (data or {})), None)


def _messages(data: dict[str, Any]) -> Iterator[Message]:
    """Results of tools are blocks of the user's turn: each a message of its own, what else is said comes after."""
    blocks: list[Block] = data["content"]
    for result in _of("toolResult", blocks):
        yield Message("tool", _result(result["content"]), tool_call_id=result["toolUseId"])
    parts = [part for b in blocks if (part := _part(b))]
    calls = [ToolCall(c["toolUseId"], c["name"], c["input"]) for c in _of("toolUse", blocks)]
    if parts or calls:
        yield Message(data["role"], parts, tool_calls=calls)


def _of(member: str, blocks: list[Block]) -> list[Any]:
    return [b[member] for b in blocks if b.get(member) is not None]


def _part(block: Block) -> Text | Image | None:
    if block.get("text") is not None:
        return Text(block["text"])
    image = block.get("image")
    return Image(data=image["source"]["bytes"], media_type=f"image/{image['format']}") if image else None


def _result(blocks: list[Block]) -> str:
    return "\n".join(b["text"] if "text" in b else json.dumps(b["json"], ensure_ascii=False) for b in blocks)


def _tool(spec: dict[str, Any]) -> Tool:
    return Tool(spec["name"], spec.get("description") or "", spec["inputSchema"]["json"])


# --- what a schema cannot say ------------------------------------------------------------------


def _turns(messages: list[dict[str, Any]]) -> Iterator[str]:
    spoken = [(i, m["role"]) for i, m in enumerate(messages) if m["role"] != "system"]
    if messages[0]["role"] != "user":
        yield "$.messages[0].role: a conversation must start with a user message"
    for (_, before), (i, role) in pairwise(spoken):
        if role == before:
            yield f"$.messages[{i}].role: a conversation must alternate between user and assistant roles"
    for i, message in enumerate(messages):
        for member in ("image", "document", "video", "toolResult"):
            given = [b for b in _of(member, message["content"]) if not _of_the_server(b)]
            if message["role"] == "assistant" and given:
                yield f"$.messages[{i}].content: {member} is only allowed in a user message"
        if message["role"] != "assistant" and _of("toolUse", message["content"]):
            yield f"$.messages[{i}].content: toolUse is only allowed in an assistant message"


def _calls(messages: list[dict[str, Any]]) -> Iterator[str]:
    """Each call is answered in the next turn, and nothing else is."""
    asked: list[str] = []
    for i, message in enumerate(messages):
        answered = [r["toolUseId"] for r in _of("toolResult", message["content"]) if not _of_the_server(r)]
        if missing := [id for id in asked if id not in answered]:
            yield f"$.messages[{i}].content: expected toolResult blocks for the ids {', '.join(missing)}"
        if stray := [id for id in answered if id not in asked]:
            yield f"$.messages[{i}].content: toolResult blocks without a toolUse before them: {', '.join(stray)}"
        if len(set(answered)) < len(answered):
            yield f"$.messages[{i}].content: two toolResult blocks have the same toolUseId"
        asked = [c["toolUseId"] for c in _of("toolUse", message["content"]) if not _of_the_server(c)]
        if len(set(asked)) < len(asked):
            yield f"$.messages[{i}].content: two toolUse blocks have the same toolUseId"
    if asked:
        yield f"$.messages: expected toolResult blocks for the ids {', '.join(asked)}"


def _of_the_server(block: Block) -> bool:
    """A tool that Bedrock runs itself: call and result are in the model's turn."""
    return bool(block.get("type"))


def _tools(body: dict[str, Any]) -> Iterator[str]:
    config = body.get("toolConfig")
    used = any(_of(member, m["content"]) for m in body["messages"] for member in ("toolUse", "toolResult"))
    if used and not config:
        yield "$.toolConfig: must be defined when using toolUse and toolResult content blocks"
    names = [t["toolSpec"]["name"] for t in (config or {}).get("tools") or () if t.get("toolSpec")]
    if len(set(names)) < len(names):
        yield "$.toolConfig.tools: two tools have the same name"
    chosen = ((config or {}).get("toolChoice") or {}).get("tool")
    if chosen and chosen["name"] not in names:
        yield f"$.toolConfig.toolChoice: there is no tool {chosen['name']!r}"


def _format(body: dict[str, Any]) -> Iterator[str]:
    text = _text_format(body)
    try:
        known = text is None or isinstance(json.loads(text), dict)
    except ValueError:
        known = False
    if not known:
        yield "$.outputConfig.textFormat.structure.jsonSchema.schema: is not the JSON text of a schema"


DIALECT = BedrockConverse.shipped("bedrock-converse")
