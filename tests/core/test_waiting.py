"""Cases that only wait do so side by side, and the verdicts are those of cases that ran alone."""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

import pytest

from conformance import catalogue
from conformance.bench import Bench
from conformance.case import Case
from conformance.contract import ProviderError, Reply, Request
from conformance.examination import Examination
from conformance.provider import resolve
from conformance.reference import OpenAIChat
from conformance.verdict import Result

REFERENCE = "conformance.reference:OpenAIChat"
WAITING = [case for case in catalogue.load().cases if case.waits]


def way(case: Case) -> tuple[object, ...]:
    """How it waits: alone, one case of each way takes long enough."""
    wire = case.answers[0]
    return bool(case.ask.cancel), wire.fault, wire.close, wire.again


ONE_OF_EACH = {(case.proves, case.case) for case in {way(case): case for case in reversed(WAITING)}.values()}


class Sleeps(OpenAIChat):
    """Nobody could tell whose sleep it was."""

    async def generate(self, request: Request) -> Reply:
        try:
            return await super().generate(request)
        except ProviderError:
            await asyncio.sleep(0.5)
            raise


class OneAtATime(OpenAIChat):
    """No two calls of this class may overlap: all but one would fail."""

    busy: ClassVar[int] = 0

    async def generate(self, request: Request) -> Reply:
        OneAtATime.busy += 1
        try:
            if OneAtATime.busy > 1:
                raise ProviderError("busy", kind="overloaded", provider=self.name)
            return await super().generate(request)
        finally:
            OneAtATime.busy -= 1


class Reaches(OpenAIChat):
    """Tries another host when the first is silent."""

    async def generate(self, request: Request) -> Reply:
        try:
            return await super().generate(request)
        except ProviderError:
            self.base_url = "https://fallback.example/v1"
            return await super().generate(request)


class Hangs(OpenAIChat):
    """Takes a timeout, and does not use it."""

    def __init__(self, timeout: float = 1.0, **more: Any) -> None:
        super().__init__(timeout=60.0, **more)


class FromEnvironment(OpenAIChat):
    """Its address is a variable of the process, of which there is one."""

    def __init__(self, api_key: str, model: str, timeout: float = 60.0) -> None:
        from os import environ  # noqa: PLC0415

        super().__init__(api_key, environ.get("OPENAI_BASE_URL", ""), model, timeout)


instance = OpenAIChat(api_key="", model="m")


def judged(spec: str, *, together: bool) -> tuple[dict[str, Result], int]:
    """The verdicts on a case of each way to wait, and how many of them were taken from the company of others."""
    with Bench() as bench:
        examination = Examination(resolve([spec], {})[0], bench, catalogue.load())
        exams = [e for e in examination.exams if (e.case.proves, e.case.case) in ONE_OF_EACH]
        if together:
            examination.expect(exams)
        return {e.id: examination.verdict(e).result for e in exams}, len(examination._waited)


def test_there_are_cases_that_wait() -> None:
    assert len(WAITING) > 3
    assert not [case.case for case in WAITING if case.adapter.timeout > 0.6 and not case.ask.cancel]


@pytest.mark.parametrize(
    ("spec", "shared"),
    [
        (REFERENCE, len(ONE_OF_EACH)),
        ("tests.core.test_waiting:Sleeps", 0),
        ("tests.core.test_waiting:Reaches", 0),
        ("tests.core.test_waiting:FromEnvironment", 0),
        ("tests.core.test_waiting:instance", 0),
        ("tests.core.test_waiting:OneAtATime", None),  # as many as came first
    ],
)
def test_the_verdicts_are_the_same(spec: str, shared: int | None) -> None:
    alone, none = judged(spec, together=False)
    together, some = judged(spec, together=True)
    assert together == alone
    assert none == 0
    assert shared in (None, some) or some > shared / 2 > 0  # a busy machine may have a few of them judged alone


def test_what_fails_beside_others_is_judged_again_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    with Bench() as bench:
        examination = Examination(resolve(["tests.core.test_waiting:Hangs"], {})[0], bench, catalogue.load())
        exams = [e for e in examination.exams if e.case.waits and e.case.ask.op == "generate"][:2]
        examination.expect(exams)
        alone = []
        trace = examination.examiner.trace
        monkeypatch.setattr(examination.examiner, "trace", lambda case: alone.append(case) or trace(case))  # type: ignore[func-returns-value]
        verdict = examination.verdict(exams[0])
    assert (verdict.result, verdict.headline) == (Result.FAIL, "the call hung")
    assert alone[0] == exams[0].case
