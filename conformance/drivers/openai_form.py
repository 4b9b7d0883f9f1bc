"""Questions and answers in OpenAI's form, which most Python hosts take and give, as dicts or as objects."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from conformance.ask import Ask
from conformance.contract import FinishReason, Image, JSONSchema, Message, Reply, Tool, ToolCall, Usage
from conformance.drivers.council_tools import tool_calls
from conformance.drivers.running import Stream, only_set

# The words of the vendors, which hosts hand on.
FINISH: dict[str, FinishReason] = {
    "stop": "stop",
    "end_turn": "stop",
    "stop_sequence": "stop",
    "length": "length",
    "max_tokens": "length",
    "tool_calls": "tool_calls",
    "tool_call": "tool_calls",
    "tool_use": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
    "refusal": "content_filter",
}


def finish_reason(word: Any) -> FinishReason:
    word = getattr(word, "value", word)
    return FINISH.get(word.lower(), "unknown") if isinstance(word, str) else "unknown"


# --- what is asked -----------------------------------------------------------------------------


def messages(ask: Ask) -> list[dict[str, Any]]:
    return [_message(m) for m in ask.messages]


def _message(message: Message) -> dict[str, Any]:
    said: dict[str, Any] = {"role": message.role, "content": content(message)}
    if message.tool_calls:
        said["content"] = said["content"] or None
        said["tool_calls"] = [_call(c) for c in message.tool_calls]
    if message.tool_call_id is not None:
        said["tool_call_id"] = message.tool_call_id
    return said


def content(message: Message) -> str | list[dict[str, Any]]:
    if isinstance(message.content, str):
        return message.content
    parts: list[dict[str, Any]] = []
    for part in message.content:
        if isinstance(part, Image):
            url = part.url or f"data:{part.media_type};base64,{part.data}"
            parts.append({"type": "image_url", "image_url": {"url": url}})
        else:
            parts.append({"type": "text", "text": part.text})
    return parts


def _call(call: ToolCall) -> dict[str, Any]:
    function = {"name": call.name, "arguments": json.dumps(call.arguments, ensure_ascii=False)}
    return {"id": call.id, "type": "function", "function": function}


def tool(tool: Tool) -> dict[str, Any]:
    function = {"name": tool.name, "description": tool.description, "parameters": copy.deepcopy(tool.parameters)}
    return {"type": "function", "function": function}


def tool_choice(choice: str | None) -> Any:
    if choice in (None, "auto", "none", "required"):
        return choice
    return {"type": "function", "function": {"name": choice}}


def response_format(asked: JSONSchema | None) -> dict[str, Any] | None:
    if asked is None:
        return None
    form = {"name": asked.name, "schema": copy.deepcopy(asked.schema), "strict": asked.strict}
    return {"type": "json_schema", "json_schema": form}


def settings(ask: Ask) -> dict[str, Any]:
    """How it is to be answered, and only what is asked of that."""
    return only_set(
        temperature=ask.temperature,
        top_p=ask.top_p,
        max_tokens=ask.max_tokens,
        seed=ask.seed,
        stop=list(ask.stop),
    )


def options(ask: Ask) -> dict[str, Any]:
    """Everything but messages and model, and only what is asked."""
    return settings(ask) | only_set(
        tools=[tool(t) for t in ask.tools],
        tool_choice=tool_choice(ask.tool_choice),
        response_format=response_format(ask.response_schema),
        reasoning_effort=ask.reasoning_effort,
    )


# --- what comes back ---------------------------------------------------------------------------


def of(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, Mapping) else getattr(value, name, None)


class Unreadable(ValueError):
    """The host hands on what none of its users could read."""


def reply(answer: Any) -> Reply:
    """Of a chat completion."""
    choice = answer.choices[0]
    message = choice.message
    if not isinstance(of(message, "content"), str | None):
        raise Unreadable(f"the content is no text: {message!r}"[:300])
    return Reply(
        text=of(message, "content") or "",
        finish_reason=finish_reason(of(choice, "finish_reason")),
        tool_calls=tool_calls([[_plain(c) for c in of(message, "tool_calls") or ()]]),
        refusal=of(message, "refusal") or of(of(message, "provider_specific_fields"), "refusal"),
        reasoning=of(message, "reasoning_content"),
        usage=usage(of(answer, "usage")),
        model=of(answer, "model"),
        id=of(answer, "id"),
    )


def reply_of_chunks(chunks: Iterable[Any]) -> Reply:
    """Put together, as a host's user would: texts joined, the last of everything else."""
    told: dict[str, Any] = {}
    said: dict[str, list[str]] = {"content": [], "refusal": [], "reasoning_content": []}
    pieces: list[list[Any]] = []
    for chunk in chunks:
        told |= {name: value for name in ("id", "model", "usage") if (value := of(chunk, name))}
        for choice in (of(chunk, "choices") or ())[:1]:
            told["finish"] = of(choice, "finish_reason") or told.get("finish")
            delta = of(choice, "delta")
            for name, texts in said.items():
                if isinstance(text := of(delta, name) or of(of(delta, "provider_specific_fields"), name), str):
                    texts.append(text)
            pieces.append([_plain(c) for c in of(delta, "tool_calls") or ()])
    return Reply(
        text="".join(said["content"]),
        finish_reason=finish_reason(told.get("finish")),
        tool_calls=tool_calls(pieces),
        refusal="".join(said["refusal"]) or None,
        reasoning="".join(said["reasoning_content"]) or None,
        usage=usage(told.get("usage")),
        model=told.get("model"),
        id=told.get("id"),
    )


def delta(chunk: Any) -> tuple[str | None, str | None]:
    """Text and reasoning of one chunk."""
    choices = of(chunk, "choices") or ()
    said = of(choices[0], "delta") if choices else None
    return of(said, "content"), of(said, "reasoning_content")


async def streamed(chunks: Any, stream: Stream, told: Callable[[Reply], Reply] = lambda reply: reply) -> None:
    """Each chunk as it comes, and at the end the reply that they make."""
    taken = []
    async for chunk in chunks:
        taken.append(chunk)
        stream.add(*delta(chunk))
        if stream.enough:
            break
    if stream.call.ask.leave_after is not None:
        await stream.left(chunks)
    else:
        stream.done(told(reply_of_chunks(taken)))


def usage(counts: Any) -> Usage | None:
    if counts is None:
        return None
    found = (of(counts, "prompt_tokens"), of(counts, "completion_tokens"), of(counts, "total_tokens"))
    return None if found == (None, None, None) else Usage(*found)


def vectors(rows: Iterable[Any]) -> list[list[float]]:
    """In the order of their index, which a host's user sees."""
    found = list(rows)
    if all(isinstance(of(row, "index"), int) for row in found):
        found.sort(key=lambda row: of(row, "index"))
    if not all(isinstance(of(row, "embedding"), list) for row in found):
        raise Unreadable(f"a vector is none: {found!r}"[:300])
    return [[float(x) for x in of(row, "embedding")] for row in found]


def _plain(call: Any) -> Mapping[str, Any]:
    function = of(call, "function")
    told = {"name": of(function, "name"), "arguments": of(function, "arguments")}
    return {"id": of(call, "id"), "index": of(call, "index"), "function": told}
