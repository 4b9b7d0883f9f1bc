"""TIM: a host that leaves, or cancels, is rid of the call, and so is the provider."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.suites.evidence import Evidence
from conformance.then import Then
from conformance.verdict import Violation


def cancelled(then: Then, evidence: Evidence) -> Iterator[Violation]:
    assert then.cancelled_within is not None
    out = evidence.trace.outcome
    expected = f"CancelledError within {then.cancelled_within:g} s"
    if out.left_at is None:
        yield _too_early(evidence)
    elif out.ended_at is None:
        yield Violation("a cancelled call goes on", expected, out.cancelled)
    elif out.cancelled != "cancelled":
        yield Violation("the cancellation was swallowed", expected, out.cancelled)
    elif out.ended_at - out.left_at > then.cancelled_within:
        yield Violation("a cancelled call goes on", expected, f"after {out.ended_at - out.left_at:.1f} s")


def _too_early(evidence: Evidence) -> Violation:
    return Violation("the call ended before it was cancelled", "a call that waits for its answer", evidence.result())


def hangs_up(then: Then, evidence: Evidence) -> Iterator[Violation]:
    limit, left = then.hangs_up_within, evidence.trace.outcome.left_at
    assert limit is not None
    what = "a cancelled call" if evidence.case.ask.cancel else "an abandoned stream"
    if left is None and evidence.case.ask.cancel:
        yield _too_early(evidence)
        return
    if left is None:
        yield Violation("the stream could not be left", "aclose() that ends it", evidence.result())
        return
    for exchange in evidence.asked:
        took = None if exchange.closed_at is None else exchange.closed_at - left
        if exchange.at <= left and (took is None or took > limit):
            yield Violation(
                f"{what} goes on upstream: the connection stays open",
                f"closed within {limit:g} s after the host left",
                f"the server was still sending ({exchange.ended or 'in progress'})",
            )
