"""What is opaque in a reply goes back with its turn, as it came, and each of its calls is told from all others."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from conformance.suites.evidence import Evidence
from conformance.suites.requests import at
from conformance.then import Then
from conformance.verdict import Violation


def sent_back(then: Then, evidence: Evidence) -> Iterator[Violation]:
    """In the request that has the reply in its history."""
    if len(evidence.asked) < 2:
        yield Violation("the conversation does not go on", "a second request", evidence.result())
        return
    body = evidence.dialect.body(evidence.asked[-1])
    for path, wanted in then.sent_back.items():
        if not holds_all(actual := at(body, path), wanted):
            yield Violation(
                "what came with the turn is not sent back as it came",
                f"{path}: {json.dumps(wanted, ensure_ascii=False)}",
                f"{path}: {json.dumps(actual, ensure_ascii=False)}",
            )


def once(_: Then, evidence: Evidence) -> Iterator[Violation]:
    """What was answered, and what the host said to it, is told once."""
    if len(evidence.asked) < 2:
        yield Violation("the conversation does not go on", "a second request", evidence.result())
        return
    try:
        told = evidence.dialect.read(evidence.asked[-1]).request.messages
    except (ValueError, KeyError, TypeError, AttributeError):
        yield Violation("the request cannot be read", "a request of the dialect", f"{evidence.asked[-1].body[:80]!r}")
        return
    turns = [m for m in told if m.role == "assistant"]
    counted: dict[str, Counter[str | None]] = {
        "call": Counter(call.id for m in turns for call in m.tool_calls),
        "result": Counter(m.tool_call_id for m in told if m.role == "tool"),
        "turn": Counter(str(m.content) for m in turns if m.content),
    }
    for what, times in counted.items():
        for which, n in times.items():
            if n > 1:
                yield Violation(f"a {what} goes back {n} times", "the conversation as it was", f"{which}, {n} times")


def ids_differ(_: Then, evidence: Evidence) -> Iterator[Violation]:
    """Replies that can be turns of one history."""
    ids = ids_of(evidence)
    if twice := [id for id, n in Counter(ids).items() if n > 1]:
        expected = "an id of its own for each call of a history"
        yield Violation("tool calls of two replies have one id", expected, f"{twice[0]!r}, of {len(ids)} calls: {ids}")


def ids_of(evidence: Evidence) -> list[str]:
    """Of all tool calls of several replies; that each has one is another requirement."""
    told = (getattr(part.outcome.reply, "tool_calls", None) for part in evidence.trace.parts)
    ids = (getattr(call, "id", None) for calls in told if isinstance(calls, list | tuple) for call in calls)
    return [str(id) for id in ids if id]


def holds_all(actual: Any, wanted: Any) -> bool:
    """Fields of an object beside those wanted are no matter, nor are items of a list between them."""
    if isinstance(wanted, dict):
        return isinstance(actual, dict) and all(holds_all(actual.get(name), v) for name, v in wanted.items())
    if isinstance(wanted, list):
        left: Iterator[Any] = iter(actual if isinstance(actual, list) else ())
        return all(any(holds_all(item, v) for item in left) for v in wanted)
    return bool(actual == wanted)
