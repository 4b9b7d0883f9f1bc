"""What a recording says, as the dialect's own reading has it, which owes no adapter anything."""

from __future__ import annotations

import json

from conformance.dialects import Said
from conformance.dialects.openai_chat import DIALECT
from conformance.scene import OPERATION
from tests.corpus.exchanges import Recording

__all__ = ["Said", "said", "words"]


def said(recording: Recording) -> Said:
    assert recording.operation
    if recording.status == 200 and recording.protocol == "ollama":
        return of_ollama(recording)
    return DIALECT.said(OPERATION[recording.operation], recording.status, recording.body, recording.is_event_stream)


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
