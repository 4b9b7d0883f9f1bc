"""ERR, RAT and the bad half of MAL: what went wrong reaches the host as the right kind of error."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.profile import OWN_FAULTS
from conformance.suites.evidence import Evidence
from conformance.then import ErrorThen, Then
from conformance.trace import Failure
from conformance.verdict import Violation


def error(then: Then, evidence: Evidence) -> Iterator[Violation]:
    assert then.error is not None
    wanted, got, profile = then.error, evidence.error, evidence.profile
    kinds = profile.words(wanted.kind)
    expected = "an error" if profile.errors == "any" else f"an error of kind {' or '.join(kinds)}"
    if got is None:
        yield Violation(_taken_for_an_answer(evidence), expected, evidence.result())
    elif evidence.hung:
        yield Violation("the call hung", expected, got.text)
    elif profile.errors != "typed" and _slipped(got):
        name = got.type.rpartition(".")[2]
        yield Violation(f"{name} escaped: a fault of the adapter's own", expected, evidence.result())
    elif profile.errors == "any":
        yield from _details(wanted, got, evidence)
    elif not got.typed:
        name = got.type.rpartition(".")[2]
        yield Violation(f"{name} escaped in place of a provider error", expected, evidence.result())
    elif got.kind not in kinds:
        yield Violation(f"the error is of kind {got.kind}, not {' or '.join(kinds)}", expected, evidence.result())
    elif any(e.kind == "done" for e in evidence.trace.outcome.events):
        yield Violation(
            "a final event came, and the error after it", f"{expected}, and no final event", evidence.result()
        )
    else:
        yield from _details(wanted, got, evidence)


def sound(_: Then, evidence: Evidence) -> Iterator[Violation]:
    """Whatever came: no exception but the host's own, no answer that is none, and an end."""
    got, profile = evidence.error, evidence.profile
    expected = "an answer, or an error of the host's kinds"
    if evidence.hung:
        yield Violation("the call hung", expected, evidence.result())
    elif evidence.trace.outcome.nonsense:
        yield Violation("the answer is none", expected, evidence.result())
    elif got is not None and (not got.typed if profile.errors == "typed" else _slipped(got)):
        yield Violation(f"{got.type.rpartition('.')[2]} escaped", expected, evidence.result())


def _slipped(got: Failure) -> bool:
    """Python raised it, and not the adapter with a sentence."""
    return got.type in OWN_FAULTS and not got.deliberate


def _taken_for_an_answer(evidence: Evidence) -> str:
    out = evidence.trace.outcome
    if out.events and not any(e.kind == "done" for e in out.events):
        return "a broken stream ended without an error"
    if evidence.case.ask.op == "stream":
        return "a broken stream was returned as an answer"
    return "a failure was returned as an answer"


def _details(wanted: ErrorThen, got: Failure, evidence: Evidence) -> Iterator[Violation]:
    told = wanted.model_fields_set - set(evidence.profile.untold.error)
    for name in ("status", "code"):
        if name in told and getattr(got, name) != getattr(wanted, name):
            expected, actual = getattr(wanted, name), getattr(got, name)
            yield Violation(f"the error does not carry the {name}", f"{name}={expected!r}", f"{name}={actual!r}")
    if "retry_after" in told:
        yield from _retry_after(wanted, got.retry_after)
    for text in wanted.says:
        if text not in got.text:
            yield Violation("the provider's own message is lost", f"a text with {text!r}", evidence.result())
    if wanted.provider and "provider" in told:
        yield from _provider(got, evidence.trace.outcome.provider)
    if wanted.cause and not got.chained:
        yield Violation("the error hides its cause", "an exception with a __cause__", evidence.result())
    if wanted.at_most is not None and len(got.text) > wanted.at_most:
        yield Violation(
            "a whole page became the error's text",
            f"at most {wanted.at_most} characters",
            f"{len(got.text)} characters, beginning {got.text[:60]!r}",
        )


def _provider(got: Failure, name: str) -> Iterator[Violation]:
    """The adapter's own name; where it has none, any."""
    if not got.provider or (name and got.provider != name):
        yield Violation("the error does not name its provider", f"provider={name!r}", f"provider={got.provider!r}")


def _retry_after(wanted: ErrorThen, got: float | None) -> Iterator[Violation]:
    seconds = wanted.retry_after
    if seconds is None and got not in (None, 0):
        yield Violation("a wait was made up", "retry_after=None", f"retry_after={got:g}")
    elif seconds is not None and (got is None or abs(got - seconds) > wanted.within):
        told = "is lost" if got is None else "is wrong"
        yield Violation(
            f"the wait that the provider asked for {told}", f"retry_after={seconds:g}", f"retry_after={got}"
        )
