"""What a recorded answer of Gemini says; of a stream, whether it was told as events or as an array."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from conformance.dialects import Said
from conformance.dialects.answers import ANY_OF_THE_PROVIDER, CUT, embedded, events, failure, shape, with_calls

FINISH: dict[Any, str] = {"STOP": "stop", "MAX_TOKENS": "length", 1: "stop", 2: "length", 3: "content_filter"}
FILTERS = ("SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY", "MODEL_ARMOR", 4)
FINISH |= dict.fromkeys(FILTERS, "content_filter")
NO_ANSWER = ("MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL")
FAILED = ANY_OF_THE_PROVIDER | {"timeout"}
COUNTS = ("promptTokenCount", "candidatesTokenCount", "totalTokenCount")


def said(operation: str, status: int, body: bytes, streamed: bool) -> Said:
    """Of an answer to `chat`, `embeddings` or `models`. Raises ValueError where there is no telling what it says."""
    if failed := failure(status):
        return failed
    with shape():
        text = body.decode()
        return _streamed(text) if streamed else _said(operation, json.loads(text))


def _said(operation: str, body: Any) -> Said:
    """An error may come as the only element of a list."""
    (body,) = body if isinstance(body, list) else [body]
    if body.get("error"):
        return Said(kinds=FAILED)
    if operation == "embeddings":
        rows = body["embeddings"] if "embeddings" in body else [body["embedding"]]
        return embedded([row["values"] for row in rows])
    if operation == "models":
        names = [row["name"].removeprefix("models/") for row in body.get("models") or ()]
        return Said(models=names, more=bool(body.get("nextPageToken")))
    return _added_up([body], whole=True)


def _streamed(body: str) -> Said:
    if not body.lstrip().startswith("["):
        stray = any(line.startswith(("{", "[")) for line in body.split("\n"))  # an error that is no event
        return Said(kinds=FAILED) if stray else _added_up(map(json.loads, events(body)))
    try:
        return _added_up(json.loads(body))
    except json.JSONDecodeError:
        return Said(kinds=CUT)


def _added_up(answers: Iterable[dict[str, Any]], *, whole: bool = False) -> Said:
    """The first candidate of all answers."""
    told, calls, reason, candidates = Said(), list[tuple[str, Any]](), None, 0
    for answer in answers:
        if answer.get("error"):
            return Said(kinds=FAILED)
        told.usage = _usage(answer.get("usageMetadata")) or told.usage  # each has all counts so far
        told.model = told.model or answer.get("modelVersion") or ""
        told.id = told.id or answer.get("responseId") or ""
        if not answer.get("candidates") and (answer.get("promptFeedback") or {}).get("blockReason"):
            return Said(kinds={"content_filter"})
        for candidate in answer.get("candidates") or ():
            if candidate.get("index"):
                continue
            candidates += 1
            reason = candidate.get("finishReason") or reason
            for part in (candidate.get("content") or {}).get("parts") or ():
                _add(told, calls, part)
    if whole and not candidates:
        return Said(kinds={"malformed", "content_filter"})
    if not whole and not reason:
        return Said(kinds=CUT)
    if reason in NO_ANSWER and not calls:
        return Said(kinds={"malformed"})
    told.finish = FINISH.get(reason, "unknown")
    told.finish = "tool_calls" if told.finish == "stop" and calls else told.finish
    told.odd = isinstance(reason, int)
    return with_calls(told, calls)


def _add(told: Said, calls: list[tuple[str, Any]], part: dict[str, Any]) -> None:
    """Parts of other kinds say nothing in the contract's words."""
    if part.get("thought"):
        told.reasoning += part.get("text") or ""
    else:
        told.text += part.get("text") or ""
    if "functionCall" in part:
        calls.append((part["functionCall"]["name"], part["functionCall"].get("args")))


def _usage(told: Any) -> tuple[Any, Any, Any] | None:
    return (told.get(COUNTS[0]), told.get(COUNTS[1]), told.get(COUNTS[2])) if told else None
