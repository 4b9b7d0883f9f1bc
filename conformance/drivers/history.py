"""A reply as a turn of the conversation, as a host keeps it."""

from __future__ import annotations

import json
from dataclasses import replace

from conformance.contract import Message, Reply, Request, ToolCall


def going_on(request: Request, reply: Reply, told: str) -> Request:
    """The question again, with the reply and, after it, `told`: the result of each call, or else what the user says.
    Raises ValueError where what is opaque cannot be stored."""
    try:
        opaque = json.loads(json.dumps(reply.opaque))
    except (TypeError, ValueError):
        raise ValueError(f"what is opaque in a reply must be a JSON value, got {reply.opaque!r}"[:300]) from None
    given = reply.tool_calls if isinstance(reply.tool_calls, list | tuple) else ()
    calls = [call for call in given if isinstance(call, ToolCall)]
    turn = Message("assistant", reply.text or "", calls, opaque=opaque)
    results = [Message("tool", told, tool_call_id=call.id) for call in calls]
    return replace(request, messages=[*request.messages, turn, *(results or [Message("user", told)])])
