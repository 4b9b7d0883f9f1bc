"""Adapters that can be asked in two ways: awaited, and plainly. No package of a host is needed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from conformance import catalogue, dialects, drivers
from conformance.ask import Ask
from conformance.bench import Bench
from conformance.config import ProviderConfig
from conformance.drivers import Call, calling, failures
from conformance.drivers.ways import at_once, each
from conformance.examination import Examination
from conformance.provider import resolve
from conformance.refusal import BadProvider
from conformance.suites.evidence import Evidence
from conformance.suites.ways import ends_as
from conformance.then import Then
from conformance.trace import Outcome, Trace
from conformance.verdict import Result, Verdict
from tests.hosts.two_ways import OpenAIBothWays, TwoWays

SPEC = "tests.hosts.two_ways:OpenAIBothWays"


def judged(host: str) -> list[Verdict]:
    with Bench() as bench:
        subject = resolve([SPEC], {SPEC: ProviderConfig(host=host)})[0]
        examination = Examination(subject, bench, catalogue.load())
        return [examination.verdict(e) for e in examination.exams if e.requirement.id == "LAW-009"]


def test_the_reference_adapter_ends_alike_in_both_ways() -> None:
    verdicts = judged("tests.hosts.two_ways:TwoWays")
    assert {v.result for v in verdicts} == {Result.PASS}
    assert min(v.checks for v in verdicts) >= 9


def test_a_host_with_one_way_is_not_asked_in_another() -> None:
    assert {(v.result, v.reason) for v in judged("native")} == {(Result.UNSUPPORTED, "its host asks in one way")}


@pytest.mark.parametrize(
    ("host", "says"), [("no.such:Driver", "ModuleNotFoundError"), ("conformance:X", "AttributeErr")]
)
def test_a_driver_that_cannot_be_loaded_is_told(host: str, says: str) -> None:
    with pytest.raises(BadProvider, match=f"host '{host}', whose driver raised {says}"):
        resolve([SPEC], {SPEC: ProviderConfig(host=host)})


def test_a_call_that_hangs_plainly_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    class Hangs(OpenAIBothWays):
        def generate_now(self, request: Any) -> Any:
            time.sleep(5.0)

    monkeypatch.setattr(calling, "LATE", 0.05)
    outcome = TwoWays().call(Call(lambda: Hangs(base_url="http://localhost"), Ask(way="other"), 0.05))
    assert outcome.error is not None
    assert outcome.error.type == "hung"


class Chat:
    """A chat model of LangChain's form that tells by its answer how it was asked."""

    def answer(self, text: str) -> Any:
        return SimpleNamespace(
            content=text, tool_calls=[], response_metadata={}, additional_kwargs={}, usage_metadata=None, id=None
        )

    def invoke(self, asked: Any) -> Any:
        with pytest.raises(RuntimeError):
            asyncio.get_running_loop()
        return self.answer("plainly")

    async def ainvoke(self, asked: Any) -> Any:
        return self.answer("awaited")

    def stream(self, asked: Any) -> Iterator[Any]:
        yield self.invoke(asked)

    async def astream(self, asked: Any) -> AsyncIterator[Any]:
        yield self.answer("awaited")


@pytest.mark.parametrize("op", ["generate", "stream"])
@pytest.mark.parametrize(("way", "text"), [("usual", "awaited"), ("other", "plainly")])
def test_langchain_is_asked_in_either_way(op: Any, way: Any, text: str) -> None:
    outcome = drivers.load("langchain").call(Call(Chat, Ask(op=op, way=way), 5.0))
    assert outcome.reply.text == text
    assert [e.text for e in outcome.events] == ([text] if op == "stream" else [])


def test_an_iterator_of_both_kinds_is_taken_as_it_was_asked_for() -> None:
    class Both:
        def __iter__(self) -> Iterator[str]:
            return iter(["plainly"])

        def __aiter__(self) -> Any:
            raise RuntimeError("no running event loop")

    async def read() -> None:
        seen.extend([item async for item in each(Both(), plain=True)])

    seen: list[str] = []
    at_once(read())
    assert seen == ["plainly"]


def test_what_waits_was_not_asked_plainly() -> None:
    with pytest.raises(RuntimeError, match="waits for an event loop"):
        at_once(asyncio.sleep(0))


def test_what_says_that_it_has_one_way_is_not_accused() -> None:
    failed = Outcome(error=failures.failure(NotImplementedError("await it")))
    case = catalogue.load().of("LAW-009")[0]
    evidence = Evidence(Trace(failed), case, dialects.load("openai-chat"), "/v1", "", "key")
    assert not list(ends_as(Then(ends_as={"text": "a"}), evidence))
    other = replace(evidence, trace=Trace(Outcome(error=failures.failure(ValueError("no")))))
    assert [v.headline for v in ends_as(Then(ends_as={"text": "a"}), other)] == ["asked plainly, an answer is an error"]
