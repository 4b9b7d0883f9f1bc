"""What the hosts do about errors: the oracles, asked without a host."""

from __future__ import annotations

import asyncio
from typing import get_args

import pytest

from conformance import profile
from conformance.contract import ERROR_KINDS
from conformance.drivers.council_errors import _WORDS
from conformance.drivers.failures import deciding, failure
from conformance.failover import oracles
from conformance.failover.oracles import openclaw_guide
from conformance.failover.oracles.laios import CircuitBreaker, CircuitBreakerError
from conformance.then import Action
from conformance.trace import Decision, Failure


def decided(host: str, **told: object) -> tuple[str, float | None]:
    oracle = oracles.of(host)
    assert oracle is not None
    shown = {"type": "ProviderError", "text": "", "typed": True, **told}
    got = oracle(None, Failure(**shown))  # type: ignore[arg-type]
    assert got.does in get_args(Action)
    assert got.reason
    assert got.by
    return got.does, got.wait


@pytest.mark.parametrize("kind", ERROR_KINDS)
def test_the_native_host_knows_every_kind(kind: str) -> None:
    does, wait = decided("native", kind=kind, retry_after=7.0)
    assert wait == (7.0 if does == "wait" else None)
    assert decided("native", kind=None) == ("stop", None)


def test_laios_goes_on_after_any_exception_and_no_other() -> None:
    oracle = oracles.of("laios")
    assert oracle is not None
    seen = Failure("x", "", typed=False)
    assert [oracle(exc, seen).does for exc in (ValueError(), SystemExit(), asyncio.CancelledError())] == [
        "next",
        "stop",
        "stop",
    ]


@pytest.mark.parametrize("kind", _WORDS)
def test_council_acts_on_the_words(kind: str) -> None:
    leaves_out = kind in ("empty_response", "billing", "auth", "model_unavailable")
    assert decided("llm-council", text=_WORDS[kind][0]) == (("skip", None) if leaves_out else ("wait", 1.0))


def test_council_tries_once_more_what_it_has_no_word_for() -> None:
    assert decided("llm-council", text="Slow down, please.") == ("retry", 1.0)


@pytest.mark.parametrize(
    ("told", "does"),
    [
        ({"status": 401}, ("skip", 1800.0)),
        ({"status": 402}, ("skip", 300.0)),
        ({"status": 429}, ("next", None)),
        ({"status": 503}, ("next", None)),
        ({"status": 529}, ("stop", None)),
        ({"status": 400}, ("stop", None)),
        ({"text": "connect ECONNREFUSED 127.0.0.1:1"}, ("next", None)),
        ({"text": "unable to reach the provider"}, ("stop", None)),
        ({"text": "it answered 502"}, ("next", None)),
    ],
)
def test_agentos_has_a_list(told: dict[str, object], does: tuple[str, float | None]) -> None:
    assert decided("agentos", **told) == does


@pytest.mark.parametrize(
    ("told", "does"),
    [
        ({"kind": "auth"}, ("skip", None)),
        ({"kind": "billing"}, ("skip", None)),
        ({"kind": "rate_limit", "text": "429 slow down; Retry-After: 7 seconds"}, ("wait", 7.0)),
        ({"kind": "rate_limit", "retry_after": 61.0}, ("next", None)),
        ({"status": 529}, ("retry", None)),
        ({"status": 500}, ("retry", None)),
        ({"status": 400}, ("stop", None)),
        ({"kind": "context_overflow"}, ("stop", None)),
        ({"kind": "model_not_found"}, ("next", None)),
        ({}, ("next", None)),
    ],
)
def test_openclaw_waits_a_minute_at_most(told: dict[str, object], does: tuple[str, float | None]) -> None:
    assert decided("openclaw", **told) == does


def test_the_guide_of_openclaw_has_triggers() -> None:
    limited, refused = Failure("x", "429 rate_limit_error", typed=True), Failure("x", "401", typed=True)
    first = openclaw_guide.AS_SHOWN[:1]
    assert [openclaw_guide.taken_over(f, first).does for f in (limited, refused)] == ["next", "stop"]
    reasons = [openclaw_guide.taken_over(f, openclaw_guide.AS_SHOWN).reason for f in (limited, refused)]
    assert reasons == ["rate_limit_error: openai/gpt-4o", "all: ollama/llama3.1:70b"]


def test_a_circuit_opens_after_five_and_is_tried_after_thirty_seconds() -> None:
    now = 0.0
    breaker = CircuitBreaker(clock=lambda: now)

    def fails() -> None:
        raise ConnectionError

    for _ in range(5):
        assert breaker.state == "CLOSED"
        with pytest.raises(ConnectionError):
            breaker.call(fails)
    with pytest.raises(CircuitBreakerError):
        breaker.call(fails)
    now = 30.0
    assert breaker.state == "HALF_OPEN"
    with pytest.raises(ConnectionError):
        breaker.call(fails)
    assert breaker.state == "OPEN"
    now = 60.0
    breaker.call(lambda: None)
    assert breaker.state == "CLOSED"


def test_an_exception_that_breaks_when_looked_at_is_decided_too() -> None:
    class Broken(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    with deciding(oracles.of("native")):
        got = failure(Broken())
    assert got.decided is not None
    assert got.decided.does == "stop"
    assert failure(Broken()).decided is None


def test_an_oracle_that_fails_is_no_fault_of_the_adapter() -> None:
    def broken(exc: BaseException | None, seen: Failure) -> Decision:
        raise AttributeError("_is_cooldown_required")

    with deciding(broken):
        got = failure(ValueError()).decided
    assert got is not None
    assert (got.does, got.reason) == ("", "AttributeError: _is_cooldown_required")


@pytest.mark.parametrize("host", ["laios", "llm-council", "native"])
def test_profiles_name_actions(host: str) -> None:
    assert set(profile.load(host).does(get_args(Action))) <= set(get_args(Action))
