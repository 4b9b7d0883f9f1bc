"""Which wishes of a case had anything to look at. A wish is one field of a clause: `reply.text`, `sent.legal`.

A check that looked at nothing is no check: what only looks at requests says nothing where there was none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from pydantic import BaseModel

from conformance.dialects.aws_signature import signed
from conformance.suites.evidence import Evidence
from conformance.suites.history import ids_of
from conformance.then import Then

_COUNTS = ("sent.requests", "sent.at_least", "sent.at_most")  # none is a number too
_AT_REQUESTS = {"url", "body"}


def wishes(then: Then) -> list[str]:
    """All that are set, those of alternatives apart."""
    return list(_wishes(then))


def _wishes(then: Then) -> Iterator[str]:
    for name in (n for n in type(then).model_fields if n in then.model_fields_set):
        value = getattr(then, name)
        if name == "either" or value == type(then).model_fields[name].default:
            continue
        if isinstance(value, BaseModel):
            yield from (f"{name}.{f}" for f in type(value).model_fields if _is_set(value, f))
            if name in ("reply", "error") and not any(_is_set(value, f) for f in type(value).model_fields):
                yield name  # that there is one
        else:
            yield name


def _is_set(group: BaseModel, name: str) -> bool:
    if name not in group.model_fields_set:
        return False
    default = type(group).model_fields[name].get_default(call_default_factory=True)
    return bool(default is None or default == "" or getattr(group, name) != default)


def without(then: Then, wish: str) -> Then:
    """The same wishes but this one."""
    clause, _, name = wish.partition(".")
    group = getattr(then, clause)
    if not name or (clause, name) in (("error", "kind"), ("failover", "does")):
        return then.model_copy(update={clause: Then.model_fields[clause].get_default(call_default_factory=True)})
    bare = type(group).model_fields[name].get_default(call_default_factory=True)
    made = group.model_copy(update={name: bare})
    made.__pydantic_fields_set__.discard(name)
    return then.model_copy(update={clause: made})


def idle(then: Then, evidence: Evidence) -> list[str]:
    """Those of its wishes that looked at nothing."""
    return [wish for wish in _wishes(then) if _is_idle(wish, then, evidence)]


def looked_at(then: Then, evidence: Evidence) -> int:
    """How many of its wishes had something to look at."""
    return sum(not _is_idle(wish, then, evidence) for wish in _wishes(then))


def _is_idle(wish: str, then: Then, evidence: Evidence) -> bool:
    clause, _, name = wish.partition(".")
    rule = _RULES.get(wish) or _RULES.get(clause)
    return bool(rule and rule(name, then, evidence))


def _reply(name: str, then: Then, evidence: Evidence) -> bool:
    return name in evidence.untold


def _error(name: str, then: Then, evidence: Evidence) -> bool:
    return name in evidence.profile.untold.error  # that there is an error at all is always looked at


def _waited(name: str, then: Then, evidence: Evidence) -> bool:
    return "retry_after" in evidence.profile.untold.error


def _sent(name: str, then: Then, evidence: Evidence) -> bool:
    return f"sent.{name}" not in _COUNTS and not evidence.asked


def _same(name: str, then: Then, evidence: Evidence) -> bool:
    told: Any = then.sent and then.sent.same
    return not evidence.asked or not set(told) - set(evidence.unasked)


def _absent(name: str, then: Then, evidence: Evidence) -> bool:
    told: Any = then.sent and then.sent.absent
    return not evidence.asked or not set(told) - set(evidence.dialect.facts.required)


def _untold(name: str, then: Then, evidence: Evidence) -> bool:
    return {"reasoned": "reasoning"}.get(name, name) in evidence.untold


def _asked(name: str, then: Then, evidence: Evidence) -> bool:
    return not evidence.asked


def _compared(name: str, then: Then, evidence: Evidence) -> bool:
    """The driver compares what it hands over; a model list is asked for with nothing."""
    return evidence.case.ask.op not in ("generate", "stream", "embed")


def _secret(name: str, then: Then, evidence: Evidence) -> bool:
    """Where all places are of requests, of the adapter's repr or of a health check, and there was none."""
    outcome = evidence.trace.outcome
    there = {
        **dict.fromkeys(_AT_REQUESTS, bool(evidence.trace.exchanges)),
        "repr": bool(outcome.repr),
        "health": bool(outcome.health_shown or outcome.error),
    }
    return not any(there.get(place, True) for place in (*then.secret_not_in, *then.prompt_not_in))


def _printable(name: str, then: Then, evidence: Evidence) -> bool:
    return not evidence.trace.outcome.repr and evidence.error is None


def _signed(name: str, then: Then, evidence: Evidence) -> bool:
    return not any(map(signed, evidence.asked))


def _ids(name: str, then: Then, evidence: Evidence) -> bool:
    return len(ids_of(evidence)) < 2


_RULES: dict[str, Callable[[str, Then, Evidence], bool]] = {
    "reply": _reply,
    "error": _error,
    "failover.waits_at_least": _waited,
    "sent": _sent,
    "sent.same": _same,
    "sent.absent": _absent,
    "stream.one_end": _untold,
    "stream.reasoned": _untold,
    "stream.hangs_up_within": _asked,
    "unchanged": _compared,
    "printable": _printable,
    "ids_differ": _ids,
    "signed": _signed,
    "secret_not_in": _secret,
    "prompt_not_in": _secret,
}
