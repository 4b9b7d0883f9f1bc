"""What a recorded answer of the Responses API says. Errors, embeddings and models are as beside chat completions."""

from __future__ import annotations

import json
from typing import Any

from conformance.dialects import Said, openai_chat_said
from conformance.dialects.answers import ANY_OF_THE_PROVIDER, CUT, events, shape, with_calls

INCOMPLETE: dict[Any, str] = {"max_output_tokens": "length", "content_filter": "content_filter"}
NEVER = ("failed", "cancelled", "queued", "in_progress")
ENDS = ("response.completed", "response.incomplete")


def said(operation: str, status: int, body: bytes, streamed: bool) -> Said:
    """Of an answer to `chat`, `embeddings` or `models`. Raises ValueError where there is no telling what it says."""
    if status != 200 or operation != "chat":
        return openai_chat_said.said(operation, status, body, streamed)
    with shape():
        return _streamed(body.decode()) if streamed else _answered(json.loads(body.decode()))


def _streamed(body: str) -> Said:
    """The last event has the answer; where that has no output, its items were told one by one."""
    items, odd = [], False
    for event in (json.loads(data) for data in events(body) if data != "[DONE]"):
        if event.get("type") == "response.output_item.done":
            items.append(event["item"])
        odd |= str(event.get("type")).endswith("text.delta") and not isinstance(event["delta"], str)
        if event.get("type") in ENDS:
            answer = event["response"]
            told = _answered({**answer, "output": answer.get("output") or items})
            told.odd |= odd or (not answer.get("output") and bool(items))
            return told
        if event.get("type") in ("response.failed", "error") or event.get("error"):
            return Said(kinds=ANY_OF_THE_PROVIDER)
    return Said(kinds=CUT)


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
        finish=whole if body.get("status") == "completed" else INCOMPLETE.get(reason, "unknown"),
        usage=_usage(body.get("usage")),
        refusal="".join(p.get("refusal") or "" for p in parts if p["type"] == "refusal"),
        reasoning="".join(p.get("text") or "" for p in thoughts),
        model=body.get("model") or "",
        id=body.get("id") or "",
        odd="status" not in body or any(not call.get("call_id") for call in called),
    )
    return with_calls(answer, [(call["name"], call["arguments"]) for call in called])


def _usage(told: Any) -> tuple[Any, Any, Any] | None:
    return (told.get("input_tokens"), told.get("output_tokens"), told.get("total_tokens")) if told else None
