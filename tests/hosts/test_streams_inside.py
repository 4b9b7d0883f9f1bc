"""An adapter that streams inside gets its answers as streams; to ask for one and read none is a fault."""

from __future__ import annotations

import pytest

from conformance import catalogue
from conformance.bench import Bench
from conformance.examination import Examination
from conformance.provider import resolve
from conformance.verdict import Result, Verdict
from tests.hosts.judging import careless

LOOKED_AT = {
    "RSP-001",
    "RSP-004",
    "ERR-001",
    "MAL-005",
    "REQ-015",
    "CON-001",
    "CON-007",
    "VEN-002",
    "VEN-020",
}


def judged(name: str) -> dict[str, list[Verdict]]:
    with careless(), Bench() as bench:
        examination = Examination(resolve([f"tests.hosts.streams_inside:{name}"], {})[0], bench, catalogue.load())
        found: dict[str, list[Verdict]] = {}
        for exam in examination.exams:
            if exam.requirement.id in LOOKED_AT:
                found.setdefault(exam.requirement.id, []).append(examination.verdict(exam))
        examination.subject.close()
    return found


@pytest.mark.parametrize("name", ["StreamsInside", "StreamsInsideToo"])
def test_it_is_right(name: str) -> None:
    found = judged(name)
    assert {v.result for verdicts in found.values() for v in verdicts} == {Result.PASS, Result.UNSUPPORTED}
    assert all(
        Result.PASS in {v.result for v in verdicts}
        for id, verdicts in found.items()
        if not id.startswith(("VEN", "MAL"))
    )
    assert {v.reason for v in found["REQ-015"] if v.result is Result.UNSUPPORTED} == {
        "not testable here: it asks for a stream inside, and reads it"
    }


def test_who_cannot_read_it_is_told() -> None:
    found = judged("AsksForAStreamAndReadsNone")
    assert {id for id, verdicts in found.items() if Result.FAIL in {v.result for v in verdicts}} == {"REQ-015"}
