"""Anthropic's Messages API, with its model list.

Legal requests are described by `fixtures/schemas/anthropic-messages/chat.json`, written from Anthropic's API reference
and the types of its SDK; what a schema cannot say (which result answers which call) is said here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from conformance.contract import Image, JSONSchema, Message, Request, Text, Tool, ToolCall
from conformance.dialects import Dialect, Read
from conformance.trace import Exchange

NOTHING = {"type": "object", "properties": {}}


class AnthropicMessages(Dialect):
    reads = True
    answers = "conformance.dialects.anthropic_messages_said"

    def judge(self, exchange: Exchange) -> Sequence[str]:
        """The model list wants the version too."""
        problems = super().judge(exchange)
        return (
            problems
            if exchange.header("anthropic-version")
            else [*problems, "the header anthropic-version is required"]
        )

    def rules(self, exchange: Exchange, body: dict[str, Any]) -> Iterator[str]:
        yield from _contents(body["messages"])
        yield from _conversation(_turns(body["messages"]))
        yield from _tools(body)
        yield from _thinking(body)
        for at, format in _formats(body):
            yield from _open_objects(format["schema"], f"$.{at}.schema")

    def same(self, name: str, value: Any) -> Any:
        """A schema has neither a name nor a degree of strictness."""
        return JSONSchema("", value.schema) if isinstance(value, JSONSchema) else super().same(name, value)

    def read(self, exchange: Exchange) -> Read:
        body = exchange.json()
        if not isinstance(body, dict):
            raise ValueError("the body is not a JSON object")
        try:
            return Read(_request(body), stream=bool(body.get("stream")))
        except (KeyError, TypeError, AttributeError) as exc:
            raise ValueError(f"the request cannot be understood: {exc!r}") from None


# --- what is asked -----------------------------------------------------------------------------


def _request(body: dict[str, Any]) -> Request:
    format = next((format for _, format in _formats(body)), None)
    return Request(
        messages=[*_system(body.get("system")), *(m for data in body["messages"] for m in _messages(data))],
        model=body.get("model"),
        temperature=body.get("temperature"),
        top_p=body.get("top_p"),
        max_tokens=body.get("max_tokens"),
        stop=tuple(body.get("stop_sequences") or ()),
        tools=[_tool(t) for t in body.get("tools") or ()],
        tool_choice=_choice(body.get("tool_choice")),
        response_schema=JSONSchema("", format["schema"]) if format else None,
        reasoning_effort=(body.get("output_config") or {}).get("effort"),
    )


def _formats(body: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The form of the answer, under its name and its older one."""
    if format := (body.get("output_config") or {}).get("format"):
        yield "output_config.format", format
    if format := body.get("output_format"):
        yield "output_format", format


def _system(told: str | list[dict[str, Any]] | None) -> list[Message]:
    return [Message("system", told if isinstance(told, str) else _parts(told))] if told else []


def _messages(data: dict[str, Any]) -> Iterator[Message]:
    """A user's turn is one message of the contract for each result, and one for all the rest."""
    role, content = data["role"], data["content"]
    if isinstance(content, str):
        yield Message(role, content)
        return
    for block in content:
        if block["type"] == "tool_result":
            told = block.get("content") or ""
            said = told if isinstance(told, str) else _parts(told)
            yield Message("tool", said, tool_call_id=block["tool_use_id"])
    said = _parts([b for b in content if b["type"] in ("text", "image")])
    calls = [ToolCall(b["id"], b["name"], b["input"]) for b in content if b["type"] == "tool_use"]
    if said or calls:
        yield Message(role, said or "", tool_calls=calls)


def _parts(blocks: Sequence[dict[str, Any]]) -> list[Text | Image]:
    return [_part(b) for b in blocks]


def _part(block: dict[str, Any]) -> Text | Image:
    if block["type"] == "text":
        return Text(block["text"])
    source = block["source"]
    if source["type"] == "url":
        return Image(url=source["url"])
    return Image(data=source["data"], media_type=source["media_type"])


def _tool(data: dict[str, Any]) -> Tool:
    schema = data["input_schema"]
    return Tool(data["name"], data.get("description") or "", NOTHING if schema == {"type": "object"} else schema)


def _choice(data: dict[str, Any] | None) -> str | None:
    if not data:
        return None
    name: str = data["name"] if data["type"] == "tool" else data["type"]
    return "required" if data["type"] == "any" else name


# --- what a schema cannot say ------------------------------------------------------------------


def _turns(messages: list[dict[str, Any]]) -> list[tuple[int, str, list[dict[str, Any]]]]:
    """Index of the first message, role and blocks of each turn: messages of one role in a row are one turn."""
    turns: list[tuple[int, str, list[dict[str, Any]]]] = []
    for i, message in enumerate(messages):
        content = message["content"]
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
        if turns and turns[-1][1] == message["role"]:
            turns[-1][2].extend(blocks)
        else:
            turns.append((i, message["role"], list(blocks)))
    return turns


def _contents(messages: list[dict[str, Any]]) -> Iterator[str]:
    last = len(messages) - 1
    for i, message in enumerate(messages):
        content = message["content"]
        if not content and not (i == last and message["role"] == "assistant"):
            yield f"$.messages[{i}].content: is empty; only that of a final assistant message may be"
        elif isinstance(content, str) and content and not content.strip():
            yield f"$.messages[{i}].content: has nothing but white space"
    if messages[0]["role"] == "system":
        yield "$.messages[0].role: the initial system prompt belongs into the parameter system"
    elif messages[0]["role"] != "user":
        yield "$.messages[0].role: the first message must be the user's"


def _conversation(turns: list[tuple[int, str, list[dict[str, Any]]]]) -> Iterator[str]:
    """Each call of a turn is answered in the next one, the user's, before anything else is said there."""
    open_calls: set[str] = set()
    known: set[str] = set()
    for i, role, blocks in turns:
        results = [b["tool_use_id"] for b in blocks if b["type"] == "tool_result"]
        for id in results:
            if id not in open_calls:
                yield f"$.messages[{i}]: tool_use_id {id!r} answers no tool_use of the message before, or again"
            open_calls.discard(id)
        if open_calls:
            yield f"$.messages[{i}]: tool_use {sorted(open_calls)} has no tool_result immediately after"
        if any(b["type"] != "tool_result" for b in blocks[: len(results)]):
            yield f"$.messages[{i}].content: tool_result blocks must come first"
        calls = [b["id"] for b in blocks if role == "assistant" and b["type"] == "tool_use"]
        if len({*calls}) < len(calls) or known & {*calls}:
            yield f"$.messages[{i}].content: tool_use ids must be unique"
        open_calls = {*calls}
        known |= open_calls
    if open_calls:
        yield f"$.messages: tool_use {sorted(open_calls)} has no tool_result immediately after"
    _, role, blocks = turns[-1]
    if role == "assistant" and blocks and blocks[-1].get("text", "") != blocks[-1].get("text", "").rstrip():
        yield "$.messages: the final assistant content must not end with white space"


def _tools(body: dict[str, Any]) -> Iterator[str]:
    tools, choice = body.get("tools") or (), body.get("tool_choice")
    names = [t["name"] for t in tools if t.get("name")]
    if choice and not tools:
        yield "$.tool_choice: may only be specified while providing tools"
    elif choice and choice["type"] == "tool" and choice["name"] not in names:
        yield f"$.tool_choice: there is no tool {choice['name']!r}"
    if len(set(names)) < len(names):
        yield "$.tools: tool names must be unique"


def _thinking(body: dict[str, Any]) -> Iterator[str]:
    thinking = body.get("thinking")
    if not thinking or thinking["type"] != "enabled":
        return
    if thinking["budget_tokens"] >= body["max_tokens"]:
        yield "$.thinking.budget_tokens: must be less than max_tokens"
    if body.get("temperature") not in (None, 1):
        yield "$.temperature: may only be 1 when thinking is enabled"
    if body.get("top_k") is not None:
        yield "$.top_k: must be unset when thinking is enabled"
    if (body.get("top_p") or 1) < 0.95:
        yield "$.top_p: must be 0.95 or more when thinking is enabled"
    if (body.get("tool_choice") or {}).get("type") in ("any", "tool"):
        yield "$.tool_choice: must not force the use of a tool when thinking is enabled"


def _open_objects(schema: Any, at: str) -> Iterator[str]:
    """Every object must say that it has no other properties."""
    if not isinstance(schema, dict):
        return
    if schema.get("type") == "object" and schema.get("additionalProperties") is not False:
        yield f"{at}: for type object, additionalProperties must be false"
    for keyword in ("properties", "$defs", "definitions"):
        named = schema.get(keyword)
        for name, inner in named.items() if isinstance(named, dict) else ():
            yield from _open_objects(inner, f"{at}.{keyword}.{name}")
    for keyword in ("anyOf", "allOf"):
        for i, inner in enumerate(schema.get(keyword) or ()):
            yield from _open_objects(inner, f"{at}.{keyword}[{i}]")
    yield from _open_objects(schema.get("items"), f"{at}.items")


DIALECT = AnthropicMessages.shipped("anthropic-messages")
