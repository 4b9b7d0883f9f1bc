"""STR: how the answer came while it came."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.suites.evidence import Evidence
from conformance.then import Then
from conformance.verdict import Violation


def stream(then: Then, evidence: Evidence) -> Iterator[Violation]:
    assert then.stream is not None
    wanted, out = then.stream, evidence.trace.outcome
    said = "".join(e.text for e in out.events if e.kind == "text")
    if wanted.delivered is not None and said != wanted.delivered:
        yield Violation(
            "the text delivered is not the text sent",
            f"deltas {wanted.delivered!r}",
            f"deltas {said!r}{_then(evidence)}",
        )
    thought = "".join(e.text for e in out.events if e.kind == "reasoning")
    if wanted.reasoned is not None and "reasoning" not in evidence.untold and thought != wanted.reasoned:
        yield Violation(
            "the reasoning delivered is not the reasoning sent",
            f"reasoning deltas {wanted.reasoned!r}",
            f"reasoning deltas {thought!r}{_then(evidence)}",
        )
    if wanted.prefix_of is not None and not wanted.prefix_of.startswith(said):
        yield Violation("text was invented or repeated", f"a beginning of {wanted.prefix_of!r}", f"deltas {said!r}")
    if wanted.at_least is not None and not said.startswith(wanted.at_least):
        yield Violation(
            "text that had come was not delivered",
            f"deltas that begin {wanted.at_least!r}",
            f"deltas {said!r}{_then(evidence)}",
        )
    if wanted.one_end and "one_end" not in evidence.untold:
        yield from _one_end(evidence)
    if wanted.incremental:
        yield from _incremental(evidence)


def _one_end(evidence: Evidence) -> Iterator[Violation]:
    kinds = [e.kind for e in evidence.trace.outcome.events]
    ends = kinds.count("done")
    if ends != 1 or kinds[-1] != "done":
        many = "no" if ends == 0 else "more than one" if ends > 1 else "something after the"
        yield Violation(f"{many} final event", "exactly one, the last", f"events {kinds}{_then(evidence)}")
    elif evidence.error:
        yield Violation("an error after the final event", "exactly one, the last", f"events {kinds}{_then(evidence)}")


def _incremental(evidence: Evidence) -> Iterator[Violation]:
    held = next((e for e in evidence.asked if e.held_at is not None), None)
    if held is None or held.released_at is None:
        yield Violation(
            "the stream is buffered: nothing was delivered until all had come",
            "the first text while the server holds the rest back",
            "no event until the server went on by itself" if held else "the server never came to hold anything back",
        )


def _then(evidence: Evidence) -> str:
    return f", then {evidence.result()}" if evidence.error else ""
