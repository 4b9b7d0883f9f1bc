"""What a recorded answer of the Responses API says, read with nothing but `json`: an opinion that owes no adapter
anything. Errors, embeddings and models are said as beside chat completions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from conformance.dialects import Said, openai_chat_said
from conformance.dialects.openai_chat_said import ANY_OF_THE_PROVIDER

CUT: dict[Any, str] = {"max_output_tokens": "length", "content_filter": "content_filter"}
NEVER = ("failed", "cancelled", "queued", "in_progress")
ENDS = ("response.completed", "response.incomplete")


def said(operation: str, status: int, body: bytes, streamed: bool) -> Said:
    """Of an answer to `chat`, `embeddings` or `models`. Raises ValueError where there is no telling what it says."""
    if status != 200 or operation != "chat":
        return openai_chat_said.said(operation, status, body, streamed)
    try:
        return _streamed(body.decode()) if streamed else _answered(json.loads(body.decode()))
    except (KeyError, IndexError, TypeError, AttributeError) as exc:
        raise ValueError(f"it is not of a shape that is known: {exc!r}") from None


def _streamed(body: str) -> Said:
    """The last event has the answer; where that has no output, its items were told one by one."""
    items = []
    for event in _events(body):
        if event.get("type") == "response.output_item.done":
            items.append(event["item"])
        if event.get("type") in ENDS:
            answer = event["response"]
            told = _answered({**answer, "output": answer.get("output") or items})
            told.odd |= not answer.get("output") and bool(items)
            return told
        if event.get("type") in ("response.failed", "error") or event.get("error"):
            return Said(kinds=ANY_OF_THE_PROVIDER)
    return Said(kinds={"network", "malformed"})


def _events(body: str) -> Iterator[dict[str, Any]]:
    for line in body.replace("\r\n", "\n").split("\n"):
        if line.startswith("data:") and (data := line.removeprefix("data:").strip()) != "[DONE]":
            yield json.loads(data)


def _answered(body: dict[str, Any]) -> Said:
    if body.get("error") or body.get("status") in NEVER:
        return Said(kinds=ANY_OF_THE_PROVIDER)
    if any(i["type"] == "custom_tool_call" for i in body["output"]):
        return Said(kinds={"malformed", "unsupported"})  # which the contract has no word for
    items = body["output"]
    parts = [p for i in items if i["type"] == "message" for p in i["content"]]
    thoughts = [p for i in items if i["type"] == "reasoning" for p in i.get("summary") or i.get("content") or ()]
    called = [i for i in items if i["type"] == "function_call"]
    reason = (body.get("incomplete_details") or {}).get("reason")
    whole = "tool_calls" if called else "stop"
    answer = Said(
        text="".join(p.get("text") or "" for p in parts if p["type"] == "output_text"),
        finish=whole if body.get("status") == "completed" else CUT.get(reason, "unknown"),
        usage=_usage(body.get("usage")),
        refusal="".join(p.get("refusal") or "" for p in parts if p["type"] == "refusal"),
        reasoning="".join(p.get("text") or "" for p in thoughts),
        model=body.get("model") or "",
        id=body.get("id") or "",
        odd="status" not in body or any(not call.get("call_id") for call in called),
    )
    return _with_calls(answer, called)


def _usage(told: Any) -> tuple[Any, Any, Any] | None:
    return (told.get("input_tokens"), told.get("output_tokens"), told.get("total_tokens")) if told else None


def _with_calls(answer: Said, called: list[dict[str, Any]]) -> Said:
    for call in called:
        try:
            arguments = json.loads(call["arguments"] or "{}")
        except ValueError:
            arguments = None
        if not isinstance(arguments, dict):
            answer.kinds = {"malformed"}
        answer.calls.append((call["name"], arguments))
    return answer
