"""What a recorded body says, read with nothing but `json`: an opinion that owes the adapter nothing."""

from __future__ import annotations

import base64
import json
import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.corpus.exchanges import Recording

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
    422: {"invalid_request"},
    429: {"rate_limit", "billing"},
    500: {"server"},
    501: {"server"},
    503: {"overloaded", "server"},
}
ANY_OF_THE_PROVIDER = set().union(*PLAUSIBLE.values())


@dataclass
class Said:
    """A chat answer; or, in `kinds`, the kinds of error of which one must come."""

    text: str = ""
    calls: list[tuple[str, Any]] = field(default_factory=list)  # name, arguments
    finish: str = "unknown"
    usage: tuple[Any, Any, Any] | None = None
    refusal: str = ""
    reasoning: str = ""
    model: str = ""
    id: str = ""
    vectors: list[list[float]] = field(default_factory=list)
    models: list[str] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)


def said(recording: Recording) -> Said:
    if recording.status != 200:
        return Said(kinds=PLAUSIBLE[recording.status])
    if recording.protocol == "ollama":
        return of_ollama(recording)
    if recording.is_event_stream:
        return streamed(recording.body.decode())
    body = json.loads(recording.body)
    if body.get("error"):
        return Said(kinds=ANY_OF_THE_PROVIDER)
    if recording.operation == "embed":
        vectors = [vector(row["embedding"]) for row in body["data"]]
        finite = all(math.isfinite(x) for v in vectors for x in v)
        return Said(vectors=vectors, usage=usage(body.get("usage")), kinds=set() if finite else {"malformed"})
    if recording.operation == "list_models":
        return Said(models=[row["id"] for row in body["data"]])
    return whole(body)


def of_ollama(recording: Recording) -> Said:
    """Lines or one object: what counts is added up, and the last one tells how it ended."""
    if recording.operation == "list_models":
        return Said(models=[row["name"] for row in json.loads(recording.body)["models"]])
    if recording.operation == "embed":
        return Said(vectors=json.loads(recording.body)["embeddings"])
    parts = recording.body.decode().split("\n") if recording.is_event_stream else [recording.body.decode()]
    rows = [json.loads(part) for part in parts if part.strip()]
    messages, last = [row["message"] for row in rows], rows[-1]
    functions = [call["function"] for m in messages for call in m.get("tool_calls") or []]
    counts = last.get("prompt_eval_count"), last.get("eval_count")
    whole = {"stop": "tool_calls"} if functions else {}
    return Said(
        text="".join(m["content"] for m in messages),
        calls=[(f["name"], f["arguments"]) for f in functions],
        finish=whole.get(last["done_reason"], last["done_reason"]),
        usage=(*counts, None if None in counts else sum(counts)),
        reasoning="".join(m.get("thinking") or "" for m in messages),
        model=last["model"],
        kinds=set() if last["done"] else {"network"},
    )


def words(recording: Recording) -> str:
    """The beginning of what an error says of itself."""
    told = recording.body.decode()
    try:
        body = json.loads(told)
    except ValueError:
        return told[:60]
    inner = body.get("error")
    told = inner if isinstance(inner, str) else (inner or body).get("message") or body["detail"]
    return told[:60]


def whole(body: dict[str, Any]) -> Said:
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
    return finished(
        Said(
            text=text(message.get("content")),
            finish=FINISH.get(choice.get("finish_reason"), "unknown"),
            usage=usage(body.get("usage")),
            refusal=message.get("refusal") or "",
            reasoning=reasoning(message),
            model=body.get("model") or "",
            id=body.get("id") or "",
        ),
        calls,
    )


def streamed(body: str) -> Said:
    """The first choice of all chunks, added up."""
    so_far, ended = Said(), False
    calls: dict[Any, list[Any]] = {}
    for data in events(body):
        if data == "[DONE]":
            ended = True
            break
        chunk = json.loads(data)
        if chunk.get("error"):
            so_far.kinds = ANY_OF_THE_PROVIDER
            return so_far
        so_far.model, so_far.id = so_far.model or chunk.get("model") or "", so_far.id or chunk.get("id") or ""
        so_far.usage = usage(chunk.get("usage")) or so_far.usage
        for choice in chunk.get("choices") or []:
            if choice.get("index", 0) != 0:
                continue
            if choice.get("finish_reason"):
                so_far.finish, ended = FINISH.get(choice["finish_reason"], "unknown"), True
            delta = choice.get("delta") or {}
            so_far.text += text(delta.get("content"))
            so_far.refusal += delta.get("refusal") or ""
            so_far.reasoning += reasoning(delta)
            for piece in delta.get("tool_calls") or []:
                call = calls.setdefault(piece.get("index", piece.get("id")), ["", ""])
                call[0] = call[0] or piece["function"].get("name") or ""
                call[1] += piece["function"].get("arguments") or ""
    if not ended:
        so_far.kinds = {"network", "malformed"}
        return so_far
    return finished(so_far, [(name, arguments) for name, arguments in calls.values()])


def events(body: str) -> Iterator[str]:
    for line in body.replace("\r\n", "\n").split("\n"):
        if line.startswith("data:"):
            yield line.removeprefix("data:").strip()


def finished(answer: Said, calls: list[tuple[str, Any]]) -> Said:
    for name, arguments in calls:
        try:
            parsed = json.loads(arguments or "{}") if isinstance(arguments, str) else arguments or {}
        except ValueError:
            parsed = None
        if not isinstance(parsed, dict):
            answer.kinds = {"malformed"}
        answer.calls.append((name, parsed))
    return answer


def text(content: Any) -> str:
    if isinstance(content, list):
        return "".join(part.get("text", "") for part in content if part["type"] == "text")
    if isinstance(content, dict):
        return json.dumps(content, ensure_ascii=False)
    return content or ""


def reasoning(message: dict[str, Any]) -> str:
    told = message.get("reasoning_content") or message.get("reasoning") or ""
    if not told and isinstance(message.get("content"), list):
        told = "".join(text(part["thinking"]) for part in message["content"] if part["type"] == "thinking")
    if not told:
        told = "".join(detail.get("text") or "" for detail in message.get("reasoning_details") or [])
    return told


def usage(told: Any) -> tuple[Any, Any, Any] | None:
    names = ("prompt_tokens", "completion_tokens", "total_tokens")
    return tuple(map(told.get, names)) if isinstance(told, dict) else None  # type: ignore[return-value]


def vector(told: Any) -> list[float]:
    if isinstance(told, str):
        raw = base64.b64decode(told)
        return list(struct.unpack(f"<{len(raw) // 4}f", raw))
    return list(map(float, told))
