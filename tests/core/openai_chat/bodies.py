"""Bodies of requests in a few words, and what the dialect says of them."""

from __future__ import annotations

import json
from typing import Any

from conformance.dialects import load
from conformance.trace import Exchange

DIALECT = load("openai-chat")
SCHEMA = DIALECT._schema("chat")
USER = {"role": "user", "content": "Hi"}
CALL = {"id": "call_1", "type": "function", "function": {"name": "now", "arguments": "{}"}}
CALLS = {"role": "assistant", "content": None, "tool_calls": [CALL]}
ANSWER = {"role": "tool", "tool_call_id": "call_1", "content": "noon"}
NOW = {"type": "function", "function": {"name": "now"}}
PIXEL = "iVBORw0KGgo="
SCHEMA_OF_X: dict[str, Any] = {"name": "x", "schema": {}}


def exchange(body: Any, operation: str | None = "chat", method: str = "POST") -> Exchange:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Exchange(method, "/v1/somewhere", "", [], sent, connection=1, at=0.0, operation=operation)


def said(body: Any, operation: str = "chat") -> list[str]:
    return list(DIALECT.judge(exchange(body, operation)))


def body(*messages: Any, **more: Any) -> dict[str, Any]:
    return {"model": "m", "messages": list(messages) or [USER], **more}


def user(*parts: Any) -> dict[str, Any]:
    return body({"role": "user", "content": list(parts)})


def image(url: Any, **more: Any) -> dict[str, Any]:
    return user({"type": "image_url", "image_url": {"url": url, **more}})


def called(**changes: Any) -> dict[str, Any]:
    """A history with one call, its call object changed."""
    return body(USER, {**CALLS, "tool_calls": [{**CALL, **changes}]}, ANSWER)


def tool(**function: Any) -> dict[str, Any]:
    return body(tools=[{"type": "function", "function": {"name": "now", **function}}])


def without(data: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {k: v for k, v in data.items() if k not in keys}


def schema_of(given: Any) -> dict[str, Any]:
    return body(response_format={"type": "json_schema", "json_schema": given})
