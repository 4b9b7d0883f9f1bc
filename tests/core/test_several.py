"""Several calls in one case: whose request is whose, what is counted, and what is said of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from conformance import catalogue
from conformance.bench import Bench
from conformance.canary import CANARY, key_of
from conformance.case import Case
from conformance.catalogue import Catalogue
from conformance.config import ProviderConfig
from conformance.contract import Reply, ToolCall
from conformance.dialects import load
from conformance.examination import Examination
from conformance.provider import resolve
from conformance.reference import OpenAIChatRetrying
from conformance.replay.clock import Pause
from conformance.requirement import Requirement
from conformance.suites import judge
from conformance.suites.evidence import Evidence
from conformance.suites.lifecycle import HOW
from conformance.trace import Exchange, Failure, Held, Imports, Outcome, Trace
from conformance.verdict import Result, Verdict

RULE = Requirement(id="CON-001", level="MUST", text="t", why="w", sources=["s"])
RIVERS = "The Nile, the Amazon and the Yangtze."
ONE = {
    "ask": {"messages": [{"role": "user", "content": "one"}]},
    "wire": {"cassette": "replies/three-rivers"},
    "then": {"reply": {"text": RIVERS}},
}
OTHER = {
    "ask": {"messages": [{"role": "user", "content": "other"}]},
    "wire": {"cassette": "replies/length"},
    "then": {"reply": {"text": "The Nile, the Ama"}},
}
STREAM = {
    "ask": {"op": "stream", "messages": [{"role": "user", "content": "one"}]},
    "wire": {"cassette": "streams/without-usage", "transform": "by-event", "hold_after": "The Nile"},
    "then": {"reply": {"text": RIVERS}},
}
DIALECT = load("openai-chat")


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with Bench() as made:
        yield made


def verdict(bench: Bench, several: dict[str, Any], then: dict[str, Any], spec: str = "OpenAIChat") -> Verdict:
    case = Case.model_validate({"case": "made", "proves": "CON-001", "several": several, "then": then})
    subject = resolve([f"conformance.reference:{spec}"], {})[0]
    examination = Examination(subject, bench, Catalogue([RULE], [case]))
    (exam,) = examination.exams
    return examination.verdict(exam)


@pytest.mark.parametrize("how", [how for how in HOW if how != "while_open"])
@pytest.mark.parametrize("spec", ["OpenAIChat", "CouncilOpenAI", "LaiosOpenAI"])
def test_each_call_gets_its_own_answer(bench: Bench, how: str, spec: str) -> None:
    adapters = "each" if how == "threads" else "one"
    made = verdict(bench, {"how": how, "adapters": adapters, "of": [ONE, OTHER], "times": 1}, {}, spec)
    assert (made.result, made.checks) == (Result.PASS, 2)


@pytest.mark.parametrize("spec", ["OpenAIChat", "LaiosOpenAI"])
def test_one_is_asked_while_a_stream_is_open(bench: Bench, spec: str) -> None:
    made = verdict(bench, {"how": "while_open", "of": [STREAM, OTHER]}, {}, spec)
    assert (made.result, made.checks) == (Result.PASS, 2)


def test_it_is_asked_where_the_driver_can(bench: Bench) -> None:
    made = verdict(bench, {"how": "while_open", "of": [STREAM, OTHER]}, {}, "CouncilOpenAI")
    assert (made.result, made.reason[:22]) == (Result.UNSUPPORTED, "not testable here: wha")


def test_the_first_call_that_went_wrong_is_named(bench: Bench) -> None:
    wrong = {**OTHER, "then": {"reply": {"text": "Danube"}}}
    made = verdict(bench, {"of": [ONE, wrong], "times": 2}, {})
    assert made.headline == "call 2 of 4 in turn: the reply's text is wrong"
    assert made.asked == "4 times, in turn: generate"


def test_each_adapter_has_a_key_of_its_own(bench: Bench) -> None:
    parts = [{**part, "then": {"sent": {"key": True}}} for part in (ONE, OTHER)]
    assert verdict(bench, {"how": "together", "adapters": "each", "of": parts}, {}).result is Result.PASS
    assert key_of(0) == CANARY
    assert len({key_of(n) for n in range(4)}) == 4


def test_a_row_without_a_call_looks_at_closing_only(bench: Bench) -> None:
    made = verdict(bench, {"of": []}, {"leaves": {"closed": True}})
    assert (made.result, made.checks) == (Result.PASS, 1)


def test_what_is_asked_at_once_can_be_told_apart() -> None:
    for case in catalogue.load().cases:
        if case.several and case.several.how in ("together", "threads", "while_open"):
            said = [str(part.ask.messages[-1].content) for part in case.parts]
            assert not any(a in b for n, a in enumerate(said) for m, b in enumerate(said) if n != m), case.case


# --- the clauses ---------------------------------------------------------------------------------


def said(then: dict[str, Any], **trace: Any) -> list[tuple[str, str]]:
    several = {"of": [{}], "times": 7} if "leaves" in then else None
    case = Case.model_validate({"case": "made", "proves": "CON-001", "then": then, "several": several})
    seen = Trace(Outcome(reply=object()), **{"exchanges": [exchange(0)], **trace})
    seen.parts = [Trace(Outcome(), [exchange(0)]) for _ in case.parts]
    found, checks = judge(case, Evidence(seen, case, DIALECT, mount="/v1", added="", key=CANARY))
    assert checks
    return [(v.headline, v.got) for v in found]


def exchange(at: float) -> Exchange:
    return Exchange("POST", "/v1/chat/completions", "", [], b"{}", 1, at, operation="chat")


def pause(seconds: float, at: float) -> Pause:
    made = Pause(seconds)
    made.at = at
    return made


def held(connections: int = 1, descriptors: int | None = 20, tasks: int = 1) -> Held:
    return Held(connections, descriptors, 3, tasks)


def test_what_grows_with_every_call_is_a_leak() -> None:
    wish = {"leaves": {"no_more": ["connections", "descriptors", "tasks"]}}
    assert said(wish, held=[held(), held(2, 21, 2)]) == []
    assert said(wish, held=[held(), held(5, 20, 1)]) == [("connections are left open by calls", "1, then 5")]
    assert said(wish, held=[held(), held(1, 24, 1)]) == [("descriptors are left open by calls", "20, then 24")]


def test_connections_of_all_calls() -> None:
    assert said({"leaves": {"connections": 2}}, connections=2) == []
    assert said({"leaves": {"connections": 2}}, connections=7) == [("every call makes a connection of its own", "7")]


def test_ids_that_were_made_up() -> None:
    def told(*ids: str | None) -> list[tuple[str, str]]:
        case = Case.model_validate({"case": "made", "proves": "CON-001", "then": {"ids_differ": True}})
        replies = [Reply("", tool_calls=[ToolCall(id, "now", {})]) for id in ids]  # type: ignore[arg-type]
        seen = Trace(Outcome(reply=object()), exchanges=[exchange(0)], parts=[Trace(Outcome(reply=r)) for r in replies])
        return [(v.headline, v.got) for v in judge(case, Evidence(seen, case, DIALECT, "/v1", "", CANARY))[0]]

    assert told("call_0", "call_1") == told(None, None) == told("", "") == []
    assert told("a", "a") == [("tool calls of two replies have one id", "'a', of 2 calls: ['a', 'a']")]


def test_closing() -> None:
    broken = Failure(type="RuntimeError", text="no", typed=False)
    assert said({"leaves": {"closed": True}}, closed=held(0)) == []
    assert said({"leaves": {"closed": True}}, closed=held(1)) == [("connections are open after it was closed", "1")]
    raised = said({"leaves": {"closed": True}}, closed=held(0), closing=broken)
    assert raised == [("closing it raised", "RuntimeError('no')")]


def test_the_wait_before_each_further_request() -> None:
    again = {"again": {"waits_at_least": 7, "ends_awake": True}}
    two = [exchange(0.0), exchange(1.0)]
    assert said(again, exchanges=two, sleeps=[pause(6.0, 0.5)]) == []  # a second went by besides
    early = "it was asked again before the time that the provider told"
    assert said(again, exchanges=two, sleeps=[pause(5.0, 0.5)]) == [(early, "6 s")]
    assert said(again, exchanges=two, sleeps=[pause(9.0, 1.5)]) == [
        (early, "1 s"),
        ("the adapter slept after its last attempt", "9 s"),
    ]


def test_optional_packages() -> None:
    needed, absent, broken = ({"imports": what} for what in ("needed", "absent", "broken"))
    assert said(needed, imports=Imports(own=["openai"], used=["openai"])) == []
    loads = "its import loads packages that a call does not use"
    assert said(needed, imports=Imports(own=["openai", "torch"], used=["openai"])) == [(loads, "torch")]
    none = {"type": "AttributeError", "text": "'NoneType' has no Client", "everything": ""}
    named = {"type": "ImportError", "text": "pip install google-genai", "everything": "pip install google-genai"}
    assert said(absent, imports=Imports(used=["google.genai"], absent={"google.genai": named})) == []
    assert said(absent, imports=Imports(used=["openai"], absent={"openai": {}})) == []
    assert said(absent, imports=Imports(used=["openai"], absent={"openai": none})) == [
        ("AttributeError escaped where openai is not installed", none["text"])
    ]
    assert said(broken, imports=Imports(used=["google.genai"], broken={"google.genai": none})) == []
    lost = "the reason why google.genai cannot be loaded is lost"
    assert said(broken, imports=Imports(used=["google.genai"], broken={"google.genai": named})) == [
        (lost, named["text"])
    ]


# --- those that ask again themselves -------------------------------------------------------------


def test_an_adapter_that_owns_its_retries_is_not_accused(bench: Bench) -> None:
    config = ProviderConfig(provider="conformance.reference:OpenAIChatRetrying", retries="own")
    examination = Examination(resolve(["own"], {"own": config})[0], bench, catalogue.load())
    exams = [e for e in examination.exams if e.requirement.id.startswith(("RAT-", "VEN-"))]
    found = {e.id: examination.verdict(e) for e in exams}
    assert [id for id, made in found.items() if made.result not in (Result.PASS, Result.UNSUPPORTED)] == []
    asked = {e.requirement.id for e in exams if found[e.id].result is Result.PASS}
    assert {"RAT-013", "RAT-014", "RAT-015", "RAT-016", "RAT-017", "RAT-018"} <= asked
    assert not {"RAT-007", "RAT-008", "RAT-011"} & asked


def test_it_waits_for_what_it_was_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(_: float) -> None:
        raise AssertionError

    monkeypatch.setattr(asyncio, "sleep", never)
    adapter: Any = OpenAIChatRetrying()
    limit = adapter.error(429, {"retry-after": "7"}, b"{}")
    assert [adapter.wait(limit, attempt) for attempt in (1, 2, 3)] == [7, 7, None]
    assert adapter.wait(adapter.error(429, {"retry-after": "259200"}, b"{}"), 1) is None
    assert adapter.wait(adapter.error(401, {"retry-after": "1"}, b"{}"), 1) is None
