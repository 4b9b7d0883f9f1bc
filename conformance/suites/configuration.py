"""CFG and SEC: what an adapter does with what it is given, and to the process around it."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.profile import OWN_FAULTS
from conformance.suites.evidence import Evidence
from conformance.then import Then
from conformance.verdict import Violation


def rejected(then: Then, evidence: Evidence) -> Iterator[Violation]:
    """An error before any request: a provider's, or whatever a constructor raises on purpose."""
    error, expected = evidence.error, "a clear error before any request"
    if evidence.trace.exchanges or error is None or evidence.hung:
        yield Violation("it was neither used nor refused", expected, evidence.result())
        return
    name = error.type.rpartition(".")[2]
    told = error.deliberate or (error.typed and evidence.profile.errors == "typed")
    by_mistake = error.type in OWN_FAULTS and not told
    if by_mistake or (evidence.trace.built and evidence.profile.errors == "typed" and not error.typed):
        yield Violation(f"{name} escaped in place of a clear error", expected, evidence.result())


def untouched(then: Then, evidence: Evidence) -> Iterator[Violation]:
    trace = evidence.trace
    found = {
        "network_at_build": (trace.reached_at_build, "building it already reaches for the network"),
        "environment": (list(trace.environment), "environment variables were changed"),
        "processes": (trace.processes, "a process was started"),
        "process": (trace.changed, "what belongs to the whole process was changed"),
    }
    for place in then.untouched:
        names, headline = found[place]
        if names:
            yield Violation(headline, "none", ", ".join(dict.fromkeys(names)))
