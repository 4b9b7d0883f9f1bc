"""RAT: who waits, how long, and for what. Sleeps are virtual: what was asked for is what counts."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from conformance.suites.evidence import Evidence
from conformance.then import Then
from conformance.verdict import Violation


def waits(then: Then, evidence: Evidence) -> Iterator[Violation]:
    slept = sum(evidence.trace.sleeps)
    if evidence.hung:
        yield Violation("the call hung", "an answer or an error", evidence.result())
    elif then.waits_at_most is not None and slept > then.waits_at_most:
        yield Violation(
            "the adapter slept, where waiting is the host's business",
            f"at most {then.waits_at_most:g} s",
            f"{slept:g} s in {len(evidence.trace.sleeps)} sleeps",
        )


def again(then: Then, evidence: Evidence) -> Iterator[Violation]:
    """What was slept between two requests, and what went by: not every way of waiting can be skipped."""
    assert then.again is not None
    wanted, times = then.again, [e.at for e in evidence.asked]
    least = wanted.waits_at_least
    for n, (before, after) in enumerate(pairwise(times), 2):
        waited = _slept(evidence, before, after) + after - before
        if least is not None and waited < least - wanted.within:
            yield Violation(
                "it was asked again before the time that the provider told",
                f"a wait of {least:g} s before request {n}",
                f"{waited:.3g} s",
            )
            break
    if wanted.ends_awake and times and (slept := _slept(evidence, times[-1])):
        yield Violation("the adapter slept after its last attempt", "the error at once", f"{slept:g} s")


def _slept(evidence: Evidence, since: float, until: float = float("inf")) -> float:
    return sum(pause for pause in evidence.trace.sleeps if since <= getattr(pause, "at", since) <= until)
