"""LAW-009: how a call ends, compared with how the same one ended in the other way of asking."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.suites.evidence import Evidence
from conformance.then import Then
from conformance.trace import Outcome
from conformance.verdict import Violation

_NAMES = {"text": "the reply's text", "delivered": "the text of the stream", "reasoned": "the reasoning of the stream"}
_FIELDS = ("finish_reason", "refusal", "reasoning", "model")
_COUNTS = ("input_tokens", "output_tokens", "total_tokens")


def ended(outcome: Outcome) -> dict[str, Any]:
    """The kind of its error in the host's words, or else what came: without ids, which an adapter may make up. What was
    delivered before an error is not compared: how much had come then is luck, and LAW-003 demands all of it."""
    if outcome.error is not None:
        return {"error": outcome.error.kind or ("hung" if outcome.error.type == "hung" else "none of the host's")}
    if outcome.nonsense or outcome.reply is None:
        return {"no reply": outcome.nonsense}
    reply = outcome.reply
    return {
        "text": reply.text or "",
        "tool calls": [[call.name, call.arguments] for call in reply.tool_calls or ()],
        "usage": [getattr(reply.usage, name, None) for name in _COUNTS],
        **{name.replace("_", " "): getattr(reply, name) or None for name in _FIELDS},
        "delivered": "".join(e.text for e in outcome.events if e.kind == "text"),
        "reasoned": "".join(e.text for e in outcome.events if e.kind == "reasoning"),
    }


def ends_as(then: Then, evidence: Evidence) -> Iterator[Violation]:
    wanted, got = then.ends_as, ended(evidence.trace.outcome)
    if evidence.error is not None and evidence.error.type.rpartition(".")[2] == "NotImplementedError":
        return  # it says itself that it has one way
    if wanted.keys() != got.keys():
        yield Violation(f"asked plainly, {_end(wanted)} is {_end(got)}", _told(wanted), evidence.result())
        return
    for name in (name for name in wanted if wanted[name] != got[name]):
        title = _NAMES.get(name, f"the {name}")
        yield Violation(f"asked plainly, {title} changed", f"{title}: {wanted[name]!r}", f"{title}: {got[name]!r}")


def _end(end: dict[str, Any]) -> str:
    return next(
        (f"an {name}" if name == "error" else name for name in ("error", "no reply") if name in end), "an answer"
    )


def _told(end: dict[str, Any]) -> str:
    return " ".join(f"{name}={value!r}" for name, value in end.items() if value)
