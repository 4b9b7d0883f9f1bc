"""What a recorded answer of the OpenAI chat API says, read with nothing but `json`: an opinion that owes no adapter
anything."""

from __future__ import annotations

import base64
import json
import math
import struct
from collections.abc import Iterator
from typing import Any

from conformance.contract import ERROR_KINDS
from conformance.dialects import Said

FINISH = {
    "stop": "stop",
    "eos": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
}

PLAUSIBLE = {
    400: {"invalid_request", "context_length", "content_filter", "auth", "not_found", "billing"},
    401: {"auth"},
    402: {"billing"},
    403: {"permission", "auth"},
    404: {"not_found"},
    408: {"timeout"},
    413: {"invalid_request", "context_length"},
    422: {"invalid_request"},
    429: {"rate_limit", "billing"},
    500: {"server"},
    501: {"server"},
    503: {"overloaded", "server"},
    504: {"timeout", "server"},
    529: {"overloaded"},
}
ANY_OF_THE_PROVIDER = set().union(*PLAUSIBLE.values()) - {"timeout"}


def said(operation: str, status: int, body: bytes, streamed: bool) -> Said:
    """Of an answer to `chat`, `embeddings` or `models`. Raises ValueError where there is no telling what it says."""
    if status >= 400:
        return Said(kinds=PLAUSIBLE.get(status, {"server"} if status >= 500 else set(ERROR_KINDS)))
    if status != 200:
        raise ValueError(f"the status is {status}")
    try:
        return _said(operation, body.decode(), streamed)
    except (KeyError, IndexError, TypeError, AttributeError, struct.error) as exc:
        raise ValueError(f"it is not of a shape that is known: {exc!r}") from None


def _said(operation: str, text: str, streamed: bool) -> Said:
    if streamed:
        return _streamed(text)
    body = json.loads(text)
    if body.get("error"):
        return Said(kinds=ANY_OF_THE_PROVIDER)
    if operation == "embeddings":
        rows = sorted(body["data"], key=lambda row: row.get("index") or 0)
        vectors = [_vector(row["embedding"]) for row in rows]
        finite = all(math.isfinite(x) for v in vectors for x in v)
        return Said(vectors=vectors, usage=_usage(body.get("usage")), kinds=set() if finite else {"malformed"})
    if operation == "models":
        return Said(models=[row["id"] for row in body["data"]])
    return _whole(body)


def _whole(body: dict[str, Any]) -> Said:
    choice = body["choices"][0]
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
    return _finished(
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
    calls: dict[Any, list[Any]] = {}
    for data in _events(body):
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
            if choice.get("finish_reason"):
                so_far.finish, ended = FINISH.get(choice["finish_reason"], "unknown"), True
                so_far.odd |= _is_odd_end(choice)
            delta = choice.get("delta") or {}
            so_far.odd |= _is_odd(delta)
            so_far.text += _text(delta.get("content"))
            so_far.refusal += delta.get("refusal") or ""
            so_far.reasoning += _reasoning(delta)
            for piece in delta.get("tool_calls") or []:
                call = calls.setdefault(piece.get("index", piece.get("id")), ["", ""])
                so_far.odd |= "index" not in piece or (bool(call[0]) and bool(piece["function"].get("name")))
                call[0] = call[0] or piece["function"].get("name") or ""
                call[1] += piece["function"].get("arguments") or ""
    if not ended:
        so_far.kinds = {"network", "malformed"}
        return so_far
    return _finished(so_far, [(name, arguments) for name, arguments in calls.values()])


def _is_odd(message: dict[str, Any]) -> bool:
    """Told in a way that not every adapter has to know."""
    called = [call.get("function") or {} for call in message.get("tool_calls") or []]
    texts = [message.get("content"), *(function.get("arguments") for function in called)]
    return bool(message.get("function_call")) or not all(isinstance(text, str | None) for text in texts)


def _is_odd_end(choice: dict[str, Any]) -> bool:
    reason = choice.get("finish_reason") or "stop"
    return FINISH.get(reason, reason) != reason


def _events(body: str) -> Iterator[str]:
    for line in body.replace("\r\n", "\n").split("\n"):
        if line.startswith("data:"):
            yield line.removeprefix("data:").strip()


def _finished(answer: Said, calls: list[tuple[str, Any]]) -> Said:
    for name, arguments in calls:
        try:
            parsed = json.loads(arguments or "{}") if isinstance(arguments, str) else arguments or {}
        except ValueError:
            parsed = None
        if not isinstance(parsed, dict):
            answer.kinds = {"malformed"}
        answer.calls.append((name, parsed))
    return answer


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
