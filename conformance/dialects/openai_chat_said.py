"""What a recorded answer of the OpenAI chat API says."""

from __future__ import annotations

import base64
import json
import struct
from typing import Any

from conformance.dialects import Said
from conformance.dialects.answers import ANY_OF_THE_PROVIDER, CUT, embedded, events, failure, shape, with_calls

FINISH = {
    "stop": "stop",
    "eos": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
}


def said(operation: str, status: int, body: bytes, streamed: bool) -> Said:
    """Of an answer to `chat`, `embeddings` or `models`. Raises ValueError where there is no telling what it says."""
    if failed := failure(status):
        return failed
    with shape():
        return _said(operation, body.decode(), streamed)


def _said(operation: str, text: str, streamed: bool) -> Said:
    if streamed:
        return _streamed(text)
    body = json.loads(text)
    if body.get("error"):
        return Said(kinds=ANY_OF_THE_PROVIDER)
    if operation == "embeddings":
        rows = sorted(body["data"], key=lambda row: row.get("index") or 0)
        return embedded([_vector(row["embedding"]) for row in rows], usage=_usage(body.get("usage")))
    if operation == "models":
        return Said(models=[row["id"] for row in body["data"]])
    return _whole(body)


def _whole(body: dict[str, Any]) -> Said:
    choice = body["choices"][0]
    if choice.get("error"):
        return Said(kinds=ANY_OF_THE_PROVIDER)
    if "message" not in choice:
        return Said(kinds={"content_filter" if choice["finish_reason"] == "content_filter" else "malformed"})
    message = choice["message"]
    called = message.get("tool_calls") or []
    if any("function" not in call for call in called):
        return Said(kinds={"malformed", "unsupported"})  # a custom tool's, which the contract has no word for
    functions = [call["function"] for call in called]
    if (message.get("function_call") or {}).get("name"):
        functions.append(message["function_call"])
    calls = [(f["name"], f.get("arguments")) for f in functions]
    return with_calls(
        Said(
            text=_text(message.get("content")),
            finish=FINISH.get(choice.get("finish_reason"), "unknown"),
            usage=_usage(body.get("usage")),
            refusal=message.get("refusal") or "",
            reasoning=_reasoning(message),
            model=body.get("model") or "",
            id=body.get("id") or "",
            odd=_is_odd(message) or _is_odd_end(choice) or any(not call.get("id") for call in called),
        ),
        calls,
    )


def _streamed(body: str) -> Said:
    """The first choice of all chunks, added up."""
    so_far, ended = Said(), False
    calls: list[dict[str, Any]] = []
    for data in events(body):
        if data == "[DONE]":
            so_far.odd |= not ended  # nothing but that said that the answer is whole
            ended = True
            break
        chunk = json.loads(data)
        if chunk.get("error"):
            so_far.kinds = ANY_OF_THE_PROVIDER
            return so_far
        so_far.model, so_far.id = so_far.model or chunk.get("model") or "", so_far.id or chunk.get("id") or ""
        so_far.usage = _usage(chunk.get("usage")) or so_far.usage
        for choice in chunk.get("choices") or []:
            if choice.get("index", 0) != 0:
                continue
            if choice.get("error"):
                so_far.kinds = ANY_OF_THE_PROVIDER
                return so_far
            if choice.get("finish_reason"):
                so_far.finish, ended = FINISH.get(choice["finish_reason"], "unknown"), True
                so_far.odd |= _is_odd_end(choice)
            delta = choice.get("delta") or {}
            so_far.odd |= _is_odd(delta)
            so_far.text += _text(delta.get("content"))
            so_far.refusal += delta.get("refusal") or ""
            so_far.reasoning += _reasoning(delta)
            for piece in delta.get("tool_calls") or []:
                so_far.odd |= _add(calls, piece)
    if not ended:
        so_far.kinds = CUT
        return so_far
    return with_calls(so_far, [(call["name"], call["arguments"]) for call in calls])


def _add(calls: list[dict[str, Any]], piece: dict[str, Any]) -> bool:
    """A piece of a call; whether it is told oddly. A new id is a new call, even where servers count none of them."""
    function, id, index = piece["function"], piece.get("id"), piece.get("index")
    call = next((c for c in reversed(calls) if c["index"] == index), None)
    another = call is not None and bool(call["id"]) and bool(id) and id != call["id"]
    if call is None or another:
        call = {"index": index, "id": id, "name": "", "arguments": ""}
        calls.append(call)
    odd = index is None or another or (bool(call["name"]) and bool(function.get("name")))
    call["name"] = call["name"] or function.get("name") or ""
    arguments = function.get("arguments") or ""
    call["arguments"] = arguments if isinstance(arguments, dict) else call["arguments"] + arguments
    return odd


def _is_odd(message: dict[str, Any]) -> bool:
    """Told in a way that not every adapter has to know."""
    called = [call.get("function") or {} for call in message.get("tool_calls") or []]
    texts = [message.get("content"), *(function.get("arguments") for function in called)]
    return bool(message.get("function_call")) or not all(isinstance(text, str | None) for text in texts)


def _is_odd_end(choice: dict[str, Any]) -> bool:
    reason = choice.get("finish_reason") or "stop"
    return FINISH.get(reason, reason) != reason


def _text(content: Any) -> str:
    if isinstance(content, list):
        return "".join(part.get("text", "") for part in content if part["type"] == "text")
    if isinstance(content, dict):
        return json.dumps(content, ensure_ascii=False)
    return content or ""


def _reasoning(message: dict[str, Any]) -> str:
    told: str = message.get("reasoning_content") or message.get("reasoning") or ""
    if not told and isinstance(message.get("content"), list):
        told = "".join(_text(part["thinking"]) for part in message["content"] if part["type"] == "thinking")
    if not told:
        told = "".join(detail.get("text") or "" for detail in message.get("reasoning_details") or [])
    return told


def _usage(told: Any) -> tuple[Any, Any, Any] | None:
    if not isinstance(told, dict):
        return None
    return told.get("prompt_tokens"), told.get("completion_tokens"), told.get("total_tokens")


def _vector(told: Any) -> list[float]:
    if isinstance(told, str):
        raw = base64.b64decode(told)
        return list(struct.unpack(f"<{len(raw) // 4}f", raw))
    return list(map(float, told))
