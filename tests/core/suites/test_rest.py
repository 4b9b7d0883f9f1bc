"""What is changed, waited for, rejected and touched."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.trace import Exchange, Failure, Outcome
from tests.core.suites.evidence import HUNG, WHOLE, error, fails, headlines, passes


def test_unchanged() -> None:
    passes({"unchanged": True})
    told = ("the host's request was changed", "the same request after the call", "a became b")
    fails({"unchanged": True}, *told, Outcome(mutated="a became b"))


def test_waits_at_most() -> None:
    passes({"waits_at_most": 0.05}, sleeps=[0.02, 0.02])
    headline = "the adapter slept, where waiting is the host's business"
    fails({"waits_at_most": 0.05}, headline, "at most 0.05 s", "5.04 s in 2 sleeps", sleeps=[5.0, 0.04])
    assert headlines({"waits_at_most": 0.0}, sleeps=[0.02]) == [headline]
    fails(
        {"waits_at_most": 0.05}, "the call hung", "an answer or an error", f"hung({HUNG.text!r})", Outcome(error=HUNG)
    )


@pytest.mark.parametrize(
    ("built", "failure"),
    [
        (True, error("auth")),
        (False, error("auth")),
        (False, Failure(type="ValueError", text="no scheme", typed=False)),
        (False, Failure(type="acme.ConfigError", text="no key", typed=False)),
    ],
)
def test_a_refusal_is_of_a_kind_or_comes_from_the_constructor(built: bool, failure: Failure) -> None:
    passes({"rejected": True}, Outcome(error=failure), [], built=built)


@pytest.mark.parametrize(
    ("headline", "outcome", "exchanges", "built"),
    [
        ("it was neither used nor refused", Outcome(reply=WHOLE), [], True),
        ("it was neither used nor refused", Outcome(error=HUNG), [], True),
        ("it was neither used nor refused", Outcome(error=error("not_found")), None, True),
        ("KeyError escaped", Outcome(error=Failure(type="KeyError", text="'KEY'", typed=False)), [], False),
        ("ValueError escaped", Outcome(error=Failure(type="ValueError", text="no", typed=False)), [], True),
    ],
)
def test_what_is_no_refusal(headline: str, outcome: Outcome, exchanges: list[Exchange] | None, built: bool) -> None:
    (said,) = headlines({"rejected": True}, outcome, exchanges, built=built)
    assert said.startswith(headline)


@pytest.mark.parametrize(
    ("place", "headline", "trace"),
    [
        ("network_at_build", "building it already reaches for the network", {"reached_at_build": ["a", "a"]}),
        ("environment", "environment variables were changed", {"environment": {"a": "1"}}),
        ("processes", "a process was started", {"processes": ["a"]}),
    ],
)
def test_what_is_touched(place: str, headline: str, trace: dict[str, Any]) -> None:
    passes({"untouched": [place]})
    fails({"untouched": [place]}, headline, "none", "a", **trace)
