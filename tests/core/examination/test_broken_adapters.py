"""Adapters that do not come back, or come back wrong."""

from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace
from typing import Any

import pytest

from conformance import asked
from conformance.bench import Bench
from conformance.verdict import Result
from tests.core.examination.adapters import (
    AsksWithRequests,
    Hangs,
    Logs,
    Picky,
    Raises,
    Retries,
    Small,
    SmallError,
    Talks,
)
from tests.core.examination.small import ANSWER, GOOD, QUESTION, RIVERS, examined, one, verdicts


def test_a_hanging_call_is_given_up_and_the_next_is_unharmed(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asked, "GRACE", 0.2)
    hang = {"messages": [{"role": "user", "content": "hang"}]}
    cases = [ANSWER | {"ask": hang, "adapter": {"timeout": 0.3}, "case": "hangs"}, ANSWER]
    examination = examined(Hangs, bench, *cases)
    first, second = examination.exams
    started = time.monotonic()
    verdict = examination.verdict(first)
    assert time.monotonic() - started < 5
    assert verdict.result is Result.FAIL
    assert "the call was given up" in verdict.violations[0].got
    assert examination.verdict(second).result is Result.PASS


REPLY = SimpleNamespace(text="x")


@pytest.mark.parametrize(
    ("op", "result", "got"),
    [
        ("generate", {"text": "x"}, "a reply must have a text, got {'text': 'x'}"),
        ("generate", "x", "a reply must have a text, got 'x'"),
        ("generate", None, "a reply must have a text, got None"),
        ("generate", SimpleNamespace(text=b"x"), "a reply must have a text, got namespace(text=b'x')"),
        ("stream", ["x", None, 7], "a stream that ended without a final event, text ''"),
        ("stream", [SimpleNamespace(reply=None)], "a reply must have a text, got None"),
        ("stream", [SimpleNamespace(text=7)], "a stream that ended without a final event, text ''"),
        ("stream", [], "nothing"),
        ("embed", [[0.0]], "embeddings must have vectors of numbers, got [[0.0]]"),
        ("embed", SimpleNamespace(vectors=[["x"]]), "embeddings must have vectors of numbers, got namespace("),
        ("embed", None, "embeddings must have vectors of numbers, got None"),
        ("list_models", None, "models must be a list of ids, got None"),
        ("list_models", "m", "models must be a list of ids, got 'm'"),
        ("list_models", [1], "models must be a list of ids, got [1]"),
        ("list_models", 7, "models must be a list of ids, got 7"),
        ("health", True, "health ok=None ''"),
    ],
)
def test_nonsense(bench: Bench, monkeypatch: pytest.MonkeyPatch, op: str, result: Any, got: str) -> None:
    monkeypatch.setattr(Talks, "result", result)
    models = {"cassette": "replies/models"}
    wire = {"embed": {"cassette": "replies/embeddings"}, "list_models": models, "health": models}.get(op, GOOD)
    then = {"embed": {"vectors": [[0.5]]}, "list_models": {"models": ["m"]}, "health": {"healthy": True}}
    verdict = one(Talks, bench, {**ANSWER, "ask": {"op": op}, "wire": wire, "then": then.get(op, {"reply": {}})})
    assert verdict.result is Result.FAIL
    assert verdict.violations[0].got.startswith(got)


@pytest.mark.parametrize("result", [None, 7, REPLY])
def test_a_stream_that_is_none(bench: Bench, monkeypatch: pytest.MonkeyPatch, result: Any) -> None:
    monkeypatch.setattr(Talks, "result", result)
    verdict = one(Talks, bench, {**ANSWER, "ask": {"op": "stream"}})
    assert verdict.result is Result.FAIL
    assert verdict.headline == "no request reached the server"
    assert "async for" in verdict.violations[0].got


EMPTY_KEY: dict[str, Any] = {
    "case": "empty",
    "proves": "AUT-001",
    "adapter": {"api_key": ""},
    "wire": GOOD,
    "then": {"either": [{"reply": {"text": RIVERS}}, {"error": {"kind": ["auth"]}, "sent": {"requests": 0}}]},
}


def test_a_constructor_that_refuses_one_case(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    found = verdicts(examined(Picky, bench, EMPTY_KEY, ANSWER))
    assert found["RSP-001/answer"].result is Result.PASS
    refused = found["AUT-001/empty"]
    assert refused.result is Result.FAIL
    assert "ValueError('no key')" in refused.violations[0].got
    monkeypatch.setattr(Picky, "error", SmallError("no key", "auth"))
    assert one(Picky, bench, EMPTY_KEY).result is Result.PASS


@pytest.mark.parametrize("error", [SystemExit(3), asyncio.CancelledError()], ids=repr)
def test_what_is_no_exception_does_not_end_the_run(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    monkeypatch.setattr(Raises, "error", error)
    examination = examined(Raises, bench, {**ANSWER, "then": {"error": {"kind": ["server"]}}}, QUESTION)
    verdict = examination.verdict(examination.exams[0])
    assert verdict.result is Result.FAIL
    assert verdict.headline == f"{type(error).__name__} escaped in place of a provider error"
    assert examination.verdict(examination.exams[1]).result is Result.PASS


def test_pauses_are_counted_and_nobody_waits(bench: Bench) -> None:
    started = time.monotonic()
    verdict = one(Retries, bench, {**QUESTION, "wire": {"error": "server"}, "then": {"waits_at_most": 0.05}})
    assert time.monotonic() - started < 5
    assert verdict.violations[0].got == "7 s in 3 sleeps"


def test_logs_are_watched_at_a_closed_door_too(bench: Bench) -> None:
    case = {**QUESTION, "wire": {"fault": "refuse"}, "then": {"secret_not_in": ["logs"]}}
    assert one(Logs, bench, case).headline == "the API key is in the log"
    assert one(Small, bench, case).result is Result.PASS


@pytest.mark.parametrize(("verify", "headlines"), [(True, []), (False, ["an untrusted certificate was trusted"])])
def test_requests_without_verification_are_seen(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, verify: bool, headlines: list[str]
) -> None:
    """Its library takes a bundle that the environment names for leave to verify after all."""
    pytest.importorskip("requests", reason="the requests library is not installed")
    monkeypatch.setattr(AsksWithRequests, "verify", verify)
    untrusted = {"wire": {"fault": "bad_tls"}, "then": {"error": {"kind": ["network"]}}}
    verdict = one(AsksWithRequests, bench, ANSWER | untrusted)
    assert [v.headline for v in verdict.violations] == headlines
    assert one(AsksWithRequests, bench, ANSWER).result is Result.PASS
