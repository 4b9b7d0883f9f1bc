"""CON and LIF: what several calls leave behind, and whether they get in each other's way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from conformance.case import How
from conformance.imports import BROKEN
from conformance.profile import OWN_FAULTS
from conformance.suites.evidence import Evidence
from conformance.then import Then
from conformance.verdict import Violation

HOW: Mapping[How, str] = {
    "in_turn": "in turn",
    "together": "at once",
    "loops": "in event loops of their own",
    "threads": "in threads of their own",
    "while_open": "while the first, a stream, is open",
}


def leaves(then: Then, evidence: Evidence) -> Iterator[Violation]:
    wanted, trace = then.leaves, evidence.trace
    calls, kinds = len(trace.parts), len(evidence.case.several.of) if evidence.case.several else 1
    for name in wanted.no_more:
        before, after = (getattr(held, name) for held in (trace.held[0], trace.held[-1]))
        # By half of the calls: what an adapter keeps for all of them is no leak.
        if after - before >= max(2, (calls - 3) // (2 * kinds)):
            yield Violation(
                f"{name} are left open by calls",
                f"no more {name} after {calls} calls than after 3",
                f"{before}, then {after}",
            )
    if wanted.connections is not None and trace.connections > wanted.connections:
        yield Violation(
            "every call makes a connection of its own",
            f"at most {wanted.connections} for {calls} calls",
            f"{trace.connections}",
        )
    if wanted.closed:
        yield from _closed(evidence)
    if wanted.loop_goes_on and any(e.held_at and e.released_at is None for part in trace.parts for e in part.exchanges):
        yield Violation(
            "the event loop stands still while an answer is waited for",
            "other tasks go on",
            "none did until the answer came",
        )


def _closed(evidence: Evidence) -> Iterator[Violation]:
    trace = evidence.trace
    if trace.closing is not None:
        yield Violation("closing it raised", "no error", f"{trace.closing.type}({trace.closing.text!r})"[:300])
    elif trace.closed and trace.closed.connections:
        yield Violation("connections are open after it was closed", "none", f"{trace.closed.connections}")


def printable(then: Then, evidence: Evidence) -> Iterator[Violation]:
    said = [*evidence.trace.outcome.unprintable, *(evidence.error.unprintable if evidence.error else ())]
    yield from (Violation(line, "a text", "none") for line in said)


def imports(then: Then, evidence: Evidence) -> Iterator[Violation]:
    found = evidence.trace.imports
    if then.imports == "needed" and (idle := [name for name in found.own if name not in found.used]):
        yield Violation("its import loads packages that a call does not use", "none", ", ".join(idle))
    if then.imports == "absent":
        for name, error in found.absent.items():
            if error.get("type") in {*OWN_FAULTS, "NameError"} and not _names(name, error["text"]):
                yield Violation(
                    f"{error['type']} escaped where {name} is not installed",
                    f"an error that names {name}",
                    error["text"][:300],
                )
    if then.imports == "broken":
        for name, error in found.broken.items():
            if _names(name, error.get("text", "")) and BROKEN not in error["everything"]:
                yield Violation(
                    f"the reason why {name} cannot be loaded is lost",
                    f"an error, or its cause, with {BROKEN!r}",
                    error["text"][:300],
                )


def _names(package: str, text: str) -> bool:
    """Whether the error speaks of it: google.genai is installed as google-genai."""
    return package.replace(".", "-") in text.lower().replace("_", "-").replace(".", "-")
