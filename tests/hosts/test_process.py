"""Adapters in a process of their own: what goes wrong with it costs one case, and is told."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import jsonschema
import pytest

from conformance import catalogue
from conformance.bench import Bench
from conformance.config import ProviderConfig
from conformance.demands import is_exact, looked_at
from conformance.drivers.process import _read
from conformance.drivers.protocol import Decided, Error
from conformance.drivers.remote import Remote, question
from conformance.drivers.remote import _failure as seen
from conformance.environment import environment
from conformance.examination import Examination
from conformance.paths import FIXTURES
from conformance.provider import resolve
from conformance.refusal import BadProvider
from conformance.subject import Command
from conformance.trace import Decision
from conformance.verdict import Result, Verdict

SHIM = Path(__file__).with_name("process_shim.py")


def command(how: str = "") -> Command:
    return Command(f"{sys.executable} {SHIM} {how}")


@contextmanager
def examined(how: str) -> Iterator[Examination]:
    with Bench() as bench:
        (subject,) = resolve([command(how)], {})
        try:
            yield Examination(subject, bench, catalogue.load())
        finally:
            subject.close()


def verdict(examination: Examination, name: str) -> Verdict:
    return examination.verdict(next(e for e in examination.exams if f"{e.requirement.id}/{e.case.case}" == name))


def starts(examination: Examination) -> int:
    driver = examination.subject.driver
    assert isinstance(driver, Remote)
    return driver.process.starts


def test_one_process_serves_many_cases() -> None:
    with examined("") as examination:
        for name in ("REQ-001/plain-question", "REQ-006/temperature", "REQ-006/temperature-zero"):
            verdict(examination, name)
        assert verdict(examination, "REQ-001/plain-question").result is Result.PASS
        assert starts(examination) == 1


def test_a_reply_is_fed_back_to_it() -> None:
    with examined("keeps-thoughts") as examination:
        exam = next(e for e in examination.exams if e.case.case == "content-and-call")
        told = examination._judged(exam)
        assert told.headline == "what came with the turn is not sent back as it came"
        assert sum("> POST" in line for line in told.wire) == 2
    with examined("") as examination:
        assert {examination.verdict(e).result for e in examination.exams if e.requirement.id == "RSN-012"} == {
            Result.UNSUPPORTED
        }


@pytest.mark.parametrize(
    ("how", "says", "got"),
    [
        ("crashes", "the adapter's process ended in the middle of the call", "exit code 1; on its stderr: about to"),
        ("prints", "the adapter's process said what is not of the protocol", "debug: here I am"),
    ],
)
def test_what_happens_to_it_costs_one_case(how: str, says: str, got: str) -> None:
    with examined(how) as examination:
        assert verdict(examination, "REQ-001/plain-question").result is Result.PASS
        broken = examination._judged(next(e for e in examination.exams if e.requirement.id == "STR-001"))
        assert broken.headline == says
        assert got in broken.violations[0].got
        assert verdict(examination, "REQ-001/plain-question").result is Result.PASS
        assert starts(examination) == 2


def test_one_that_hangs_is_given_up() -> None:
    with examined("hangs") as examination:
        silent = next(e for e in examination.exams if e.case.waits and e.case.ask.op == "stream")
        assert "the call was given up" in examination._judged(silent).violations[0].got
        assert verdict(examination, "REQ-001/plain-question").result is Result.PASS
        assert starts(examination) == 2


def test_variables_of_a_case_reach_it() -> None:
    with examined("") as examination:
        verdict(examination, "REQ-001/plain-question")
        with environment({"KIT_TEST": "1"}):
            verdict(examination, "REQ-001/plain-question")
        assert starts(examination) == 2


def test_the_name_of_the_test_is_no_reason_to_start_anew() -> None:
    with examined("") as examination:
        for name in ("one", "another"):
            with environment({"PYTEST_CURRENT_TEST": name}):
                verdict(examination, "REQ-001/plain-question")
        assert starts(examination) == 1


def test_a_call_that_cannot_be_cancelled_there_is_not_passed() -> None:
    with examined("") as examination:
        assert verdict(examination, "TIM-009/in-the-body").result is Result.UNSUPPORTED


@pytest.mark.parametrize(("told", "read"), [("1.2e+21", int), ("1.5", float), ("1.0", float), ("1e999", float)])
def test_large_whole_numbers_as_javascript_writes_them(told: str, read: type) -> None:
    answer = _read(f'{{"n": {told}}}'.encode())
    assert answer is not None
    assert type(answer["n"]) is read


def test_it_ends_with_the_run() -> None:
    with examined("") as examination:
        driver = examination.subject.driver
        assert isinstance(driver, Remote)
        child = driver.process._child
        assert child is not None
    assert child.poll() is not None
    assert not Path(f"/proc/{child.pid}").exists() or os.name != "posix"


def test_what_is_not_seen_there_is_not_passed() -> None:
    with examined("") as examination:
        for exam in examination.exams:
            places = {*looked_at(exam.case.then)} & {"repr", "files", "environment", "unchanged", "waits_at_most"}
            if places:
                assert verdict(examination, f"{exam.requirement.id}/{exam.case.case}").result is Result.UNSUPPORTED


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ("silent", "it did not greet: the process ended: exit code 1; on its stderr: no such module: acme"),
        ("of-no-host", "is of the host 'nobody'; there are native"),
        ("of-the-future", "hello.protocol: Input should be 1, got 2"),
    ],
)
def test_one_that_cannot_be_judged(how: str, says: str) -> None:
    with pytest.raises(BadProvider, match=says.replace("(", r"\(")):
        resolve([command(how)], {})


def test_no_such_program() -> None:
    with pytest.raises(BadProvider, match="there is no program 'no-such-program'"):
        resolve([Command("no-such-program shim.mjs")], {})


def test_no_command_line() -> None:
    with pytest.raises(BadProvider, match="is no command line: No closing quotation"):
        resolve([Command("node 'shim.mjs")], {})


def test_a_provider_and_a_command() -> None:
    config = ProviderConfig(provider="acme:Acme", command="acme")
    with pytest.raises(BadProvider, match="it can have one of them"):
        resolve(["acme"], {"acme": config})


def test_the_questions_are_what_the_schema_says() -> None:
    schema = json.loads((FIXTURES / "schemas" / "process-from-kit.json").read_text("utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    for case in catalogue.load().cases:
        validator.validate({"id": 1, "ask": question(case.ask, 10.0), "adapter": 1})


def test_numbers_that_only_some_languages_tell_apart() -> None:
    exact = {c.proves for c in catalogue.load().cases if is_exact(c)}
    assert exact == {"TOL-009", "TOL-010", "TOL-012"}


def test_a_decision_that_the_process_tells_is_taken() -> None:
    """It has the host's own code, which this process has not."""
    told = Error(message="no", decided=Decided(does="skip", reason="its breaker opens", wait=1800.0, by="the host"))
    assert seen(told).decided == Decision("skip", "its breaker opens", 1800.0, "the host")
    assert seen(Error(message="no")).decided is None
