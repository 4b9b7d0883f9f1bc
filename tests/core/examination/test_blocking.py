"""One root cause and the rest blocked, in any order."""

from __future__ import annotations

import random

import pytest

from conformance.bench import Bench
from conformance.case import Case
from conformance.catalogue import Catalogue
from conformance.examination import Examination
from conformance.verdict import Result, Verdict
from tests.core.examination.adapters import RaisesItsClientsErrors, SendsAPrompt, Shouts, Small
from tests.core.examination.small import CASES, RULES, examined, told, verdicts


def test_one_root_cause_and_the_rest_blocked(bench: Bench) -> None:
    found = verdicts(examined(SendsAPrompt, bench))
    assert found["REQ-001/question"].result is Result.FAIL
    assert found["REQ-010/tools"].result is Result.UNSUPPORTED
    blocked = {name for name, verdict in found.items() if verdict.result is Result.BLOCKED}
    assert blocked == set(found) - {"REQ-001/question", "REQ-010/tools"} - passed(found)
    assert found["RSP-001/answer"].reason == "blocked by REQ-001: a good answer was turned into an error"
    assert not found["RSP-001/answer"].violations


def test_what_still_passes_is_not_blocked(bench: Bench) -> None:
    found = verdicts(examined(RaisesItsClientsErrors, bench))
    assert {"RSP-001/answer", "RSP-002/again"} <= passed(found)
    assert found["ERR-001/server"].result is Result.FAIL
    assert found["ERR-001/server"].headline == "RuntimeError escaped in place of a provider error"
    for later in ("ERR-002/key", "MAL-001/limit"):  # the second by way of the first
        assert found[later].result is Result.BLOCKED
        assert found[later].reason.startswith("blocked by ERR-001: RuntimeError escaped")


def test_what_is_only_advised_blocks_nothing(bench: Bench) -> None:
    """Else a run would not be conformant, and nothing would say why."""
    subject = examined(Shouts, bench).subject
    lowered = [r.model_copy(update={"level": "SHOULD"}) if r.id[:3] in ("RSP", "MAL") else r for r in RULES]
    found = verdicts(Examination(subject, bench, Catalogue(lowered, [Case.model_validate(c) for c in CASES])))
    assert found["RSP-001/answer"].result is found["RSP-002/again"].result is Result.FAIL
    assert verdicts(examined(Shouts, bench))["RSP-002/again"].result is Result.BLOCKED


def passed(found: dict[str, Verdict]) -> set[str]:
    return {name for name, verdict in found.items() if verdict.result is Result.PASS}


@pytest.mark.parametrize("adapter", [SendsAPrompt, RaisesItsClientsErrors, Shouts, Small])
def test_the_order_of_execution_changes_nothing(bench: Bench, adapter: type) -> None:
    expected = [told(v) for v in verdicts(examined(adapter, bench)).values()]
    for seed in range(3):
        examination = examined(adapter, bench)
        order = list(range(len(examination.exams)))
        random.Random(seed).shuffle(order)
        found = {i: told(examination.verdict(examination.exams[i])) for i in order}
        assert [found[i] for i in sorted(found)] == expected


def test_a_case_alone_has_the_same_verdict(bench: Bench) -> None:
    whole = verdicts(examined(RaisesItsClientsErrors, bench))
    for i in range(len(CASES)):
        examination = examined(RaisesItsClientsErrors, bench)
        verdict = examination.verdict(examination.exams[i])
        assert told(verdict) == told(list(whole.values())[i])
