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
    if recording.is_of_responses:
        return response(recording)
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


def response(recording: Recording) -> Said:
    """Of a stream the last event that has the answer; where that has no output, the items as each was told whole."""
    if not recording.is_event_stream:
        return answered(json.loads(recording.body))
    told = [json.loads(data) for data in events(recording.body.decode()) if data != "[DONE]"]
    last = next((e["response"] for e in told if e["type"] in ("response.completed", "response.incomplete")), None)
    if last is None:
        return Said(kinds=ANY_OF_THE_PROVIDER | {"network", "malformed"})
    items = [e["item"] for e in told if e["type"] == "response.output_item.done"]
    return answered({**last, "output": last.get("output") or items})


def answered(body: dict[str, Any]) -> Said:
    """An answer of the Responses API."""
    if body.get("error") or "output" not in body:
        return Said(kinds=ANY_OF_THE_PROVIDER)
    items = body["output"]
    parts = [p for i in items if i["type"] == "message" for p in i["content"]]
    thoughts = [p for i in items if i["type"] == "reasoning" for p in i.get("summary") or i.get("content") or ()]
    calls = [(i["name"], i["arguments"]) for i in items if i["type"] == "function_call"]
    reason = (body.get("incomplete_details") or {}).get("reason")
    complete = "tool_calls" if calls else "stop"
    cut = {"max_output_tokens": "length", "content_filter": "content_filter"}.get(reason, "unknown")
    names = ("input_tokens", "output_tokens", "total_tokens")
    counts: Any = tuple(map(body["usage"].get, names)) if body.get("usage") else None
    return finished(
        Said(
            text="".join(p.get("text") or "" for p in parts),
            finish=complete if body.get("status") == "completed" else cut,
            usage=counts,
            refusal="".join(p.get("refusal") or "" for p in parts),
            reasoning="".join(p["text"] for p in thoughts),
            model=body.get("model") or "",
            id=body.get("id") or "",
        ),
        calls,
    )


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
