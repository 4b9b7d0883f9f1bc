"""What other protocols took over from OpenAI's, and so is read in one way."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from conformance.contract import Image, Request, Tool, ToolCall
from conformance.dialects import Read


def read(body: Any, operation: str | None, request: Callable[[dict[str, Any]], Request], *, stream: bool) -> Read:
    """The texts to embed, or what `request` understands. Raises ValueError where it cannot be understood."""
    if not isinstance(body, dict):
        raise ValueError("the body is not a JSON object")
    if operation == "embeddings":
        given = body.get("input")
        inputs = [given] if isinstance(given, str) else given
        return Read(Request([], model=body.get("model")), inputs=tuple(inputs or ()))
    try:
        return Read(request(body), stream=stream)
    except (KeyError, TypeError, AttributeError) as exc:
        raise ValueError(f"the request cannot be understood: {exc!r}") from None


def image(url: str) -> Image:
    """By URL, or inside of a data URI."""
    if not url.startswith("data:"):
        return Image(url=url)
    media_type, _, payload = url.removeprefix("data:").partition(";base64,")
    return Image(data=payload, media_type=media_type)


def tool_call(data: dict[str, Any]) -> ToolCall:
    function = data["function"]
    return ToolCall(data["id"], function["name"], json.loads(function["arguments"] or "{}"))


def tool(function: dict[str, Any]) -> Tool:
    nothing = {"type": "object", "properties": {}}
    return Tool(function["name"], function.get("description") or "", function.get("parameters") or nothing)


def is_object(text: str) -> bool:
    """Whether arguments are the JSON text of an object."""
    try:
        return isinstance(json.loads(text or "{}"), dict)
    except ValueError:
        return False
