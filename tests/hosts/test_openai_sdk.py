"""The kit tried on the official SDK: what it finds is true, and it finds nothing else."""

from __future__ import annotations

import pytest

from conformance import catalogue
from conformance.examination import Examination
from conformance.examiner import Bench
from conformance.provider import resolve
from conformance.verdict import Result

pytest.importorskip("openai", reason="the openai SDK is not installed")

TRUE_FAULTS = {
    "HLT-001": "says that it is healthy without asking anybody",
    "ERR-020": "takes an answer with an error object beside empty choices for an answer",
    "MAL-007": "hands a content that is a number on to the host, as the SDK does",
    "MAL-008": "takes a JSON list for the arguments of a call",
    "MAL-011": "hands a vector that is null on to the host, as the SDK does",
    "MAL-012": "says that there are no models where the answer has no list, as the SDK does",
    "RAT-002": "does not read Retry-After as a date",
    "STR-028": "forgets the refusal of a stream",
}
ADVICE = {
    "AUT-010": "hands a quoted key on",
    "ERR-015": "the SDK's text leaves a message out that is a bare string under `error`",
    "EMB-003": "fails where vectors have no index: None cannot be sorted",
    "EMB-006": "hands vectors of unequal length on, as the SDK does",
    "RAT-004": "does not read retry-after-ms",
    "RSP-007": "leaves a call without an id without one",
    "RSP-008": "does not read content as a list of parts",
    "RSP-018": "does not tell the reasoning",
    "STR-013": "gives every error inside a stream the kind server",
    "TOL-001": "joins the arguments of calls that all have index 0",
    "TOL-003": "joins an id that every piece repeats",
    "TOL-004": "joins a name that every piece repeats",
    "TOL-005": "reads arguments only as text",
}

BLOCKED = {  # behind ERR-020 and HLT-001
    "ERR-021",
    "HLT-002",
    "HLT-003",
    "HLT-004",
    "HLT-005",
    "HLT-006",
    "HLT-007",
    "HLT-008",
    "HLT-009",
}


def test_the_kit_finds_its_true_faults_and_accuses_it_of_nothing_else() -> None:
    with Bench() as bench:
        examination = Examination(resolve(["tests.hosts.openai_sdk:OnTheSDK"], {})[0], bench, catalogue.load())
        verdicts = [(e.requirement, examination.verdict(e).result) for e in examination.exams]
    failed = {rule.id: rule.level for rule, result in verdicts if result is Result.FAIL}
    assert {id for id, level in failed.items() if level == "MUST"} == set(TRUE_FAULTS)
    assert {id for id, level in failed.items() if level != "MUST"} == set(ADVICE)
    assert {rule.id for rule, result in verdicts if result is Result.BLOCKED} == BLOCKED
    others = {Result.UNSUPPORTED}  # requirements of other dialects
    assert {result for _, result in verdicts} - others == {Result.PASS, Result.FAIL, Result.BLOCKED}
