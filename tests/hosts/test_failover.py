"""conformance.failover: chains of the reference adapters in an outage, and what the page says of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from conformance.failover import Outage, play
from conformance.reference import AnthropicMessages, CouncilOpenAI, LaiosOpenAI, Ollama, OpenAIChat

PAGE = Path(__file__).parents[2] / "docs/failover.md"
CLOUD = AnthropicMessages


def test_what_the_page_shows_is_true() -> None:
    said: dict[str, Any] = {}
    exec(re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.S)[0], said)
    tests = [f for name, f in said.items() if name.startswith("test_")]
    assert len(tests) == 2
    for test in tests:
        test()


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("local", [Ollama, OpenAIChat, LaiosOpenAI])
def test_a_local_model_that_is_not_there_holds_nobody_up(local: Any, stream: bool) -> None:
    played = play({"local": local, "cloud": CLOUD}, [Outage("local", "refuse")], stream=stream)
    assert played.who == [["local", "cloud"]]
    assert played.answered == ["cloud"]
    assert played.asked[1].at < 1
    assert "local  " in str(played).splitlines()[0]


def test_a_wrong_key_is_asked_once() -> None:
    played = play({"a": OpenAIChat, "b": CLOUD}, [Outage("a", "auth")], questions=3, every=60)
    assert played.who == [["a", "b"], ["b"], ["b"]]


def test_a_wrong_request_goes_to_the_caller() -> None:
    played = play({"a": OpenAIChat, "b": CLOUD}, [Outage("a", "invalid_request", until=1)], questions=2, every=10)
    assert (played.who, played.answered) == ([["a"], ["a"]], [None, "a"])


def test_a_limit_is_waited_for_where_there_is_nobody_else_and_patience() -> None:
    limit = Outage("a", {"error": "rate_limit", "headers": {"retry-after": "25"}}, until=20)
    played = play({"a": OpenAIChat}, [limit], patience=30)
    assert played.answered == ["a"]
    assert 25 <= played.asked[1].at < 26
    assert play({"a": OpenAIChat}, [limit], patience=20).answered == [None]


def test_a_circuit_is_broken_and_closed_again() -> None:
    played = play({"a": LaiosOpenAI, "b": CLOUD}, [Outage("a", "server", until=45)], questions=10, every=10)
    asked = [int(a.at / 10) for a in played.of("a")]
    assert asked == [0, 1, 2, 3, 4, 8, 9]
    assert played.answered[7:] == ["b", "a", "a"]


def test_council_asks_once_more_what_it_has_no_word_for() -> None:
    wrong = Outage("a", "invalid_request")
    assert play({"a": CouncilOpenAI, "b": CLOUD}, [wrong]).who == [["a", "a", "b"]]


def test_whoever_sleeps_is_seen_to() -> None:
    played = play({"a": "tests.mutants.failover:WaitsForAServerToStart", "b": CLOUD}, [Outage("a", "refuse")])
    assert 3 <= played.asked[1].at < 4


def test_what_there_is_not_is_said_before_anything_is_asked() -> None:
    with pytest.raises(ValueError, match="nobody in the chain is called b; there are a"):
        play({"a": OpenAIChat}, [Outage("b", "refuse")])
    with pytest.raises(ValueError, match="there is no failure 'sulk'"):
        play({"a": OpenAIChat}, [Outage("a", "sulk")])
