"""Adapters that run a program: judged with a program of the kit in its place.

    @pytest.mark.parametrize("case", command_line.cases(), ids=str)
    def test_codex(case):
        command_line.check(case, "mypkg:CodexProvider", program="codex")

The program is found on PATH, or by the path that the adapter is given as `path_as` (`cli_path`, say). Where its
answers are no plain text, `written` makes its output of a text. docs/command-line.md tells more.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from unittest import SkipTest

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from conformance import dialects, profile
from conformance.ask import Ask
from conformance.asked import GRACE
from conformance.bench import Bench
from conformance.canary import CANARY
from conformance.case import Case
from conformance.config import ProviderConfig
from conformance.drivers import Call
from conformance.drivers.fake_program import FakeProgram
from conformance.environment import environment
from conformance.paths import FIXTURES
from conformance.provider import resolve
from conformance.requirement import Requirement
from conformance.subject import Subject
from conformance.suites import judge_then
from conformance.suites.evidence import Evidence
from conformance.then import Then
from conformance.trace import Outcome, Trace
from conformance.verdict import Violation

TIMEOUT = 1.0  # seconds that the adapter is given where the program hangs
LONG = 20.0  # and where it does not
TO_END = 2.0  # seconds that an ended program may take to be gone


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Part(_Data):
    """What the program does, in this order."""

    prints: str = ""
    complains: str = Field("", description="on stderr")
    times: int = 1
    hangs: bool = False
    killed: bool = False
    exit: int = 0


class ProgramCase(_Data):
    case: str
    proves: str
    program: Part | None = Field(description="null: it is not installed")
    ask: Ask = Ask()
    then: Then

    def __str__(self) -> str:
        return f"{self.proves}-{self.case}"


class Nonconforming(AssertionError):
    """The adapter is not right."""


def requirements() -> dict[str, Requirement]:
    return {r.id: r for r in TypeAdapter(list[Requirement]).validate_python(_rows("command-line.yaml"))}


def cases() -> list[ProgramCase]:
    return TypeAdapter(list[ProgramCase]).validate_python(_rows("command-line-cases.yaml"))


def _rows(name: str) -> Any:
    return yaml.safe_load((FIXTURES / name).read_text("utf-8"))


def check(case: ProgramCase, provider: str, program: str, **how: Any) -> None:
    """Raises `Nonconforming`, which tells all, or SkipTest where the case says nothing. `how`: see `violations`."""
    found, rule = list(violations(case, provider, program, **how)), requirements()[case.proves]
    if found and rule.level == "MUST":
        told = "\n".join(f"{v.headline}\n  expected  {v.expected}\n  got       {v.got}" for v in found)
        raise Nonconforming(f"{rule.id}: {told}\n  rule      {rule.text} ({rule.level})".replace(CANARY, "<the key>"))
    if found:
        raise SkipTest(f"{rule.id}: {found[0].headline} ({rule.level}: {rule.text})")


def violations(
    case: ProgramCase,
    provider: str,
    program: str,
    *,
    kwargs: Mapping[str, Any] | None = None,
    path_as: str | None = None,
    written: Callable[[str], str] = str,
) -> Iterator[Violation]:
    """What is wrong."""
    with tempfile.TemporaryDirectory(prefix="conformance-") as place, Bench() as bench:
        folder = Path(place)
        here = folder / program
        given = {**(kwargs or {}), **({path_as: str(here)} if path_as else {})}
        settings = ProviderConfig(provider=provider, kwargs=given)
        (subject,) = resolve([program], {program: settings})
        if case.program and case.program.hangs and (why := subject.cannot("timeout")):
            raise SkipTest(f"{case.proves}: {why}")
        fake = _fake(case.program, folder, program, written)
        try:
            with environment({"PATH": f"{folder}{os.pathsep}{_others()}"}), bench.guard.watch() as breaches:
                trace = _trace(subject, case, folder)
            trace.breaches = breaches
            yield from _judged(case, subject, trace, fake)
        finally:
            if fake:
                fake.end()


def _fake(part: Part | None, folder: Path, program: str, written: Callable[[str], str]) -> FakeProgram | None:
    if part is None:
        return None
    told = part.model_dump()
    told["prints"] = written(part.prints * part.times) if part.prints else ""
    told["complains"], told["times"] = part.complains * part.times, 1
    return FakeProgram(folder, program, told)


def _others() -> str:
    """No real program of that name must be found; an interpreter may be needed all the same."""
    return os.defpath


def _trace(subject: Subject, case: ProgramCase, folder: Path) -> Trace:
    timeout = TIMEOUT if case.program and case.program.hangs else LONG
    trace = Trace(Outcome(), started=time.monotonic())

    def build() -> Any:
        return subject.recipe.build(base_url="http://127.0.0.1:9", api_key=CANARY, model="kit-model", timeout=timeout)

    before = Path.cwd()
    os.chdir(folder)  # what a shell makes of the prompt is found here
    try:
        trace.outcome = subject.driver.call(Call(build, case.ask, timeout + GRACE, timeout=timeout))
    finally:
        os.chdir(before)
    return trace


def _judged(case: ProgramCase, subject: Subject, trace: Trace, fake: FakeProgram | None) -> Iterator[Violation]:
    program = subject.spec
    as_case = Case(case=case.case, proves=case.proves, ask=case.ask, then=_named(case.then, program))
    dialect = dialects.load(dialects.names()[0])
    evidence = Evidence(trace, as_case, dialect, "", "", CANARY, profile.load(subject.driver.host))
    if trace.breaches:
        yield Violation("the adapter tried to reach a host", "the program alone", ", ".join(trace.breaches))
    elif fake and not fake.ran:
        yield Violation(f"{program} was not run", f"{program}, which is first on PATH", evidence.result())
    else:
        yield from judge_then(as_case.then, evidence)[0]
        if fake:
            yield from _called(case, fake)


def _called(case: ProgramCase, fake: FakeProgram) -> Iterator[Violation]:
    """What is told of the call by the program itself."""
    asked = case.ask.messages[-1].content
    if case.proves == "CLI-004" and not _gone(fake):
        yield Violation("the program still runs after the timeout", "it was ended", f"process running {fake.path.name}")
    if case.proves == "CLI-006" and (fake.folder / "ran").exists():
        yield Violation("a shell ran what the prompt says", "the prompt as one text", "a command in it was run")
    elif case.proves == "CLI-006" and not any(str(asked) in text for text in (*fake.arguments, fake.input)):
        yield Violation("the prompt did not reach the program as it is", str(asked), f"{fake.arguments} {fake.input!r}")
    if case.proves == "CLI-007" and any(CANARY in text for text in fake.arguments):
        yield Violation(
            "the key is among the program's arguments", "it is given in the environment", str(fake.arguments)
        )


def _gone(fake: FakeProgram) -> bool:
    end = time.monotonic() + TO_END
    while fake.still_runs and time.monotonic() < end:
        time.sleep(0.02)
    return not fake.still_runs


def _named(then: Then, program: str) -> Then:
    if then.error is None:
        return then
    says = [text.replace("{program}", program) for text in then.error.says]
    return then.model_copy(update={"error": then.error.model_copy(update={"says": says})})
