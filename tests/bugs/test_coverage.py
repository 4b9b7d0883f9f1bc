"""Every class of bug and every report is caught by a requirement that has a mutant, or it is told why none could."""

from __future__ import annotations

import re

import pytest

from conformance import catalogue
from tests.bugs.reports import (
    ABSENT,
    AREAS_TO_COME,
    Covered,
    Report,
    ask_of,
    cases,
    classes,
    coverage,
    reports,
    told_in,
    wire_of,
)
from tests.bugs.table import PAGE, page
from tests.mutants import everything

TOLD = coverage()
EVERYTHING: dict[str, Covered] = {**TOLD.instances, **TOLD.classes}
REPORTS = [pytest.param(r, id=r.id) for r in reports()]
there = pytest.mark.skipif(not REPORTS, reason=ABSENT)


# --- what is said, whether the reports are there or not ----------------------------------------


def test_every_requirement_that_is_named_exists_and_has_a_mutant() -> None:
    named = {id for told in EVERYTHING.values() for id in told.requirements}
    assert sorted(named - set(catalogue.load().requirements)) == []
    assert sorted(named - {m.kills for m in everything()}) == []


def test_every_case_that_is_named_exists() -> None:
    named = {name for told in EVERYTHING.values() for name in told.by}
    assert sorted(name for name in named if not cases(name)) == []


def test_what_is_to_come_is_an_area_that_somebody_writes() -> None:
    told = {area for t in EVERYTHING.values() for area in [*t.expected, *([t.later] if t.later else [])]}
    assert sorted(told - AREAS_TO_COME) == []


def test_names_are_ours_and_unlike() -> None:
    names = [i.name for i in TOLD.instances.values()]
    assert sorted({n for n in names if names.count(n) > 1}) == []


def test_the_page_is_true() -> None:
    assert PAGE.read_text("utf-8") == page(), "run python -m tests.bugs.table"


# --- what the reports say ----------------------------------------------------------------------


@there
def test_every_report_is_there_and_no_other() -> None:
    assert sorted(TOLD.instances) == sorted(r.id for r in reports())


@there
def test_every_class_is_there_and_no_other() -> None:
    assert sorted(TOLD.classes) == sorted(classes())
    assert {r.bug_class for r in reports()} <= set(TOLD.classes)


@there
@pytest.mark.parametrize("report", REPORTS)
def test_what_catches_it_is_asked_in_its_dialect(report: Report) -> None:
    by = TOLD.instances[report.id].by
    if by:
        assert told_in(report.spoken, by), f"{by} say nothing in {report.spoken.name}"


@there
@pytest.mark.parametrize("report", [p for p in REPORTS if TOLD.instances[str(p.id)].wire])
def test_the_wire_of_a_case_has_the_trigger(report: Report) -> None:
    instance = TOLD.instances[report.id]
    shape = re.compile(instance.wire or "", re.S | re.M)
    seen = [text for case in told_in(report.spoken, instance.by) for text in wire_of(case, report.spoken)]
    assert any(shape.search(text) for text in seen), f"{instance.by}: no wire of theirs has {instance.wire}"


@there
@pytest.mark.parametrize("report", [p for p in REPORTS if TOLD.instances[str(p.id)].ask])
def test_what_a_case_asks_has_the_trigger(report: Report) -> None:
    instance = TOLD.instances[report.id]
    asked = [ask_of(case) for case in told_in(report.spoken, instance.by)]
    assert any(re.search(instance.ask or "", text) for text in asked), (
        f"{instance.by}: none asks {instance.ask}: {asked}"
    )
