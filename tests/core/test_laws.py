"""Laws: examples are the same in every run, small, and can be played again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance import catalogue, laws
from conformance.bench import Bench
from conformance.case import Case
from conformance.examination import Exam, Examination
from conformance.laws import words
from conformance.laws.search import Search, written
from conformance.provider import resolve
from conformance.verdict import Result
from tests.mutants.laws import SortsTheHistory, TakesTextForHTML

LAWS = [case for case in catalogue.load().cases if case.law]


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with Bench() as made:
        yield made


def examined(spec: str, bench: Bench, requirement: str) -> tuple[Examination, list[Exam]]:
    examination = Examination(resolve([spec], {})[0], bench, catalogue.load())
    return examination, [e for e in examination.exams if e.requirement.id == requirement]


def mutant(adapter: type) -> str:
    return f"{adapter.__module__}:{adapter.__name__}"


@pytest.mark.parametrize("case", LAWS, ids=lambda c: f"{c.proves}/{c.case}")
def test_each_can_be_loaded_and_has_no_expectation_but_its_own(case: Case) -> None:
    assert laws.load(case.law or "")
    assert case.then.model_fields_set <= {"reply"}


def test_the_smallest_example_is_shown_and_breaks_the_law_again(bench: Bench) -> None:
    examination, exams = examined(mutant(SortsTheHistory), bench, "LAW-006")
    verdict = examination.verdict(exams[0])
    assert verdict.result is Result.FAIL
    example = json.loads(verdict.example)
    assert example == {"results": ["a", "a", "a"], "more": "a"}
    again, exams = examined(mutant(SortsTheHistory), bench, "LAW-006")
    again.example = example
    played = again.verdict(exams[0])
    assert (played.headline, played.example) == (verdict.headline, verdict.example)


def test_another_example_says_nothing_wrong(bench: Bench) -> None:
    examination, exams = examined(mutant(TakesTextForHTML), bench, "LAW-007")
    examination.example = {"system": "a", "user": "b", "pieces": ["no entity"]}
    assert [examination.verdict(e).result for e in exams] == [Result.PASS] * 2
    examination.example = {"system": "a", "user": "b", "pieces": ["&lt;"]}
    assert [examination.verdict(e).result for e in exams] == [Result.FAIL] * 2


def test_the_same_examples_in_every_run() -> None:
    assert drawn(1) == drawn(1) != drawn(2)


def drawn(seed: int) -> list[str]:
    seen: list[str] = []
    strategy = words.pieces().map(lambda pieces: {"pieces": pieces})
    found = Search(lambda example: seen.append(written(example)), lambda: True).run(strategy, 20, str(seed))
    assert found is None
    assert len(seen) > 10
    return seen


def test_what_is_not_worth_it_is_not_made_small() -> None:
    def tried(example: laws.Example) -> str | None:
        calls.append(example)
        return "wrong" if len("".join(example["pieces"])) > 3 else None

    strategy = words.pieces().map(lambda pieces: {"pieces": pieces})
    calls: list[laws.Example] = []
    small = Search(tried, lambda: True).run(strategy, 20, "a")
    many = len(calls)
    calls.clear()
    assert small is not None
    assert len("".join(small[0]["pieces"])) == 4
    assert Search(tried, lambda: False).run(strategy, 20, "a") is not None
    assert len(calls) < many


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    drawn(3)
    assert list(tmp_path.iterdir()) == []
