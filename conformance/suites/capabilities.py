"""CAP: what is not declared is refused, before anything is sent; what is declared is not."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.suites import errors
from conformance.suites.evidence import Evidence
from conformance.then import ErrorThen, Then
from conformance.verdict import Violation

REFUSAL = Then(error=ErrorThen(kind=["unsupported", "invalid_request"]))


def refused(then: Then, evidence: Evidence) -> Iterator[Violation]:
    what, expected = then.refused, "an error of kind unsupported, before anything is sent"
    if evidence.error is None:
        yield Violation(f"{what}: asked for, not declared, and not refused", expected, evidence.result())
    elif broken := list(errors.error(REFUSAL, evidence)):
        yield from broken
    elif evidence.asked:
        yield Violation(f"{what}: refused after a request, which is paid for", expected, evidence.result())


def taken(then: Then, evidence: Evidence) -> Iterator[Violation]:
    """Whether it comes about well is told by other requirements."""
    if evidence.error is not None and not evidence.hung and not evidence.asked:
        yield Violation(f"{then.taken}: declared, and refused", "a request", evidence.result())
