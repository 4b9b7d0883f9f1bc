"""What a recording says, as the dialect's own reading has it, which owes no adapter anything."""

from __future__ import annotations

import json

from conformance.dialects import OPERATION, Said, load
from tests.corpus.exchanges import Recording

__all__ = ["Said", "said", "words"]


def said(recording: Recording) -> Said:
    assert recording.operation
    operation = OPERATION[recording.operation]
    return load(recording.protocol).said(operation, recording.status, recording.body, recording.is_event_stream)


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
