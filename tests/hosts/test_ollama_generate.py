"""An adapter that asks /api/generate is recognised, and judged by what that route can say."""

from __future__ import annotations

import pytest

from conformance import catalogue
from conformance.bench import Bench
from conformance.examination import Exam, Examination
from conformance.provider import resolve
from conformance.verdict import Result, Verdict
from tests.hosts.judging import careless

SPEC = "tests.hosts.ollama_generate:OllamaGenerate"


def judged(every: bool) -> dict[str, tuple[Exam, Verdict]]:
    with careless(), Bench() as bench:
        examination = Examination(resolve([SPEC], {})[0], bench, catalogue.load())
        assert examination.examiner.spoken.dialect.name == "ollama-generate"
        first = {e.requirement.id: e for e in reversed(examination.exams)}
        exams = examination.exams if every else list(first.values())
        examination.expect(exams)
        return {e.id: (e, examination.verdict(e)) for e in exams}


@pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.proof)])
def test_it_is_conformant(every: bool) -> None:
    found = judged(every)
    wrong = {exam.requirement.id: v.headline for exam, v in found.values() if v.result is Result.FAIL}
    assert wrong == {"CFG-011": "the adapter tried to reach 127.0.0.1:11434"}  # of the reference adapter too, advice
    assert {v.result for _, v in found.values()} == {Result.PASS, Result.UNSUPPORTED, Result.FAIL}
    assert sum(v.result is Result.PASS for _, v in found.values()) > 200
    reasons = {v.reason for _, v in found.values()}
    assert "dialect ollama-generate: there is one prompt, and no history" in reasons
