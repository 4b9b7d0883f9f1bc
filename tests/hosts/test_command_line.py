"""Adapters that run a program: the reference passes, and each fault is found by the case that is about it."""

from __future__ import annotations

import gc
from unittest import SkipTest

import pytest

from conformance import command_line
from conformance.command_line import Nonconforming, ProgramCase
from tests.hosts import executables
from tests.hosts.executables import FAULTS

CASES = {str(case): case for case in command_line.cases()}


@pytest.mark.parametrize("case", CASES.values(), ids=str)
def test_the_reference_is_right(case: ProgramCase) -> None:
    command_line.check(case, "conformance.reference.executable:Executable", program="kit-llm")


@pytest.mark.filterwarnings("ignore")  # of what a faulty adapter leaves open
@pytest.mark.parametrize(("fault", "case", "says"), FAULTS, ids=lambda v: getattr(v, "__name__", None))
def test_a_fault_is_found(fault: type, case: str, says: str) -> None:
    with pytest.raises(Nonconforming, match=says):
        command_line.check(CASES[case], f"{executables.__name__}:{fault.__name__}", program="kit-llm")
    gc.collect()


def test_advice_is_no_failure() -> None:
    spec = f"{executables.__name__}:AnswersWithNothing"
    with pytest.raises(SkipTest, match="CLI-009: a failure was returned as an answer"):
        command_line.check(CASES["CLI-009-nothing"], spec, program="kit-llm")


def test_a_program_by_its_path_and_in_a_form_of_its_own() -> None:
    spec, name = "conformance.reference.executable:Executable", "other-llm"
    how = {"path_as": "program", "written": lambda text: f" {text}\n"}
    command_line.check(CASES["CLI-001-warnings"], spec, program=name, **how)


def test_every_requirement_has_a_case_and_every_case_a_requirement() -> None:
    assert {case.proves for case in CASES.values()} == set(command_line.requirements())
