"""FLO: what the host does about the error as the adapter raised it. Its oracle has decided; this compares."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.suites.evidence import Evidence
from conformance.then import Then
from conformance.trace import Decision
from conformance.verdict import Violation

_DOES = {
    "skip": "leaves this provider out",
    "wait": "waits and asks it again",
    "retry": "asks it once more",
    "next": "goes to the next provider",
    "stop": "gives up",
}


def failover(then: Then, evidence: Evidence) -> Iterator[Violation]:
    assert then.failover is not None
    wanted, got = then.failover, evidence.error
    right = evidence.profile.does(wanted.does)
    expected = f"the host {' or '.join(_DOES[does] for does in right)}"
    if got is None:
        yield Violation("a failure was returned as an answer: the host goes nowhere", expected, evidence.result())
    elif evidence.hung:
        yield Violation("the call hung: the host goes nowhere", expected, got.text)
    elif got.decided is None or not got.decided.does:
        raise LookupError(f"what the host does is not known: {got.decided.reason if got.decided else 'nobody asked'}")
    elif got.decided.does not in right:
        does = _DOES[got.decided.does]
        yield Violation(f"the host {does}, where it {_DOES[right[0]]}", expected, _told(got.decided, evidence))
    elif wanted.waits_at_least is not None and "retry_after" not in evidence.profile.untold.error:
        wait, least = got.decided.wait, wanted.waits_at_least
        if got.decided.does in ("wait", "retry") and (wait is None or wait < least - wanted.within):
            told = "as soon as it likes" if wait is None else f"after {wait:g} s"
            yield Violation(
                "the host asks again before the time that the provider told",
                f"not before {least:g} s",
                f"{told}: {_told(got.decided, evidence)}",
            )


def _told(decided: Decision, evidence: Evidence) -> str:
    return f"{evidence.result()}; the host takes it for {decided.reason!r} ({decided.by})"
