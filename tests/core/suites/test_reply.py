"""What the reply must be, and every spelling of nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from conformance.contract import ToolCall, Usage
from conformance.trace import Outcome
from tests.core.suites.evidence import WHOLE, error, fails, headlines, passes


@pytest.mark.parametrize(
    ("wanted", "changed", "headline", "expected", "got"),
    [
        ({"text": "Hi"}, {"text": "Hi "}, "the reply's text is wrong", "text='Hi'", "text='Hi '"),
        ({"text": ""}, {"text": "x"}, "the reply's text is wrong", "text=''", "text='x'"),
        (
            {"finish_reason": ["stop", "unknown"]},
            {"finish_reason": "length"},
            "the finish reason is wrong",
            "finish_reason='stop' or 'unknown'",
            "finish_reason='length'",
        ),
        (
            {"tool_calls": [{"id": "call_1", "name": "now", "arguments": {"zone": "CET"}}]},
            {"tool_calls": [ToolCall("call_1", "now", {})]},
            "the tool calls are not those of the wire: the list is wrong",
            "tool_calls=[now({'zone': 'CET'}) id='call_1']",
            "tool_calls=[now({}) id='call_1']",
        ),
        ({"refusal": "No."}, {"refusal": None}, "the refusal is wrong", "refusal='No.'", "refusal=None"),
        ({"reasoning": "Hm."}, {"reasoning": ""}, "the reasoning is wrong", "reasoning='Hm.'", "reasoning=''"),
        (
            {"usage": {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}},
            {"usage": None},
            "the token usage is wrong",
            "usage={'input_tokens': 1, 'output_tokens': 2, 'total_tokens': 3}",
            "usage=None",
        ),
        ({"model": "m-2"}, {"model": "m"}, "the model's name is wrong", "model='m-2'", "model='m'"),
        ({"id": "gen-1"}, {"id": None}, "the reply's id is wrong", "id='gen-1'", "id=None"),
    ],
)
def test_reply(wanted: dict[str, Any], changed: dict[str, Any], headline: str, expected: str, got: str) -> None:
    reply = replace(WHOLE, text="") if wanted.get("text") == "" else WHOLE
    passes({"reply": wanted}, Outcome(reply=reply))
    fails({"reply": wanted}, headline, expected, got, Outcome(reply=replace(WHOLE, **changed)))


@pytest.mark.parametrize(
    ("wanted", "changed"),
    [
        ({"text": ""}, {"text": None}),
        ({"tool_calls": []}, {"tool_calls": None}),
        ({"tool_calls": []}, {"tool_calls": ()}),
        ({"tool_calls": [{"name": "now"}]}, {"tool_calls": (ToolCall("any", "now"),)}),
        ({"usage": None}, {"usage": None}),
        ({"usage": None}, {"usage": Usage()}),
        ({"usage": {"input_tokens": None, "total_tokens": 3}}, {"usage": Usage(None, 2, 3)}),
        ({"refusal": None}, {"refusal": ""}),
    ],
)
def test_spellings_of_nothing(wanted: dict[str, Any], changed: dict[str, Any]) -> None:
    passes({"reply": wanted}, Outcome(reply=replace(WHOLE, **changed)))


@pytest.mark.parametrize(
    ("wanted", "changed"),
    [
        ({"tool_calls": []}, {"tool_calls": [ToolCall("a", "now")]}),
        ({"tool_calls": [{"name": "now"}]}, {"tool_calls": []}),
        ({"tool_calls": [{"name": "now"}]}, {"tool_calls": [ToolCall("", "now")]}),
        ({"tool_calls": [{"name": "now"}]}, {"tool_calls": [{"name": "now"}]}),
        ({"tool_calls": [{"name": "now"}]}, {"tool_calls": 7}),
        ({"tool_calls": [{"name": "a"}, {"name": "b"}]}, {"tool_calls": [ToolCall("1", "b"), ToolCall("2", "a")]}),
        ({"usage": None}, {"usage": Usage(0, 0, 0)}),
        ({"usage": {"input_tokens": 1}}, {"usage": {"input_tokens": 1}}),
        ({"finish_reason": ["unknown"]}, {"finish_reason": None}),
    ],
)
def test_what_is_not_the_same(wanted: dict[str, Any], changed: dict[str, Any]) -> None:
    assert len(headlines({"reply": wanted}, Outcome(reply=replace(WHOLE, **changed)))) == 1


def test_no_reply() -> None:
    want = {"reply": {"text": "Hi"}}
    fails(want, "there is no reply", "a reply with text='Hi'", "nothing", Outcome())
    fails(want, "there is no reply", "a reply with text='Hi'", "a dict", Outcome(nonsense="a dict"))
    got = "ProviderError('acme: 500: out') kind=server status=500"
    fails(
        want, "a good answer was turned into an error", "a reply with text='Hi'", got, Outcome(error=error(status=500))
    )
    assert headlines(want, Outcome(reply=WHOLE, error=error())) == ["a good answer was turned into an error"]


def test_an_empty_wish_still_wants_a_reply() -> None:
    passes({"reply": {}})
    assert headlines({"reply": {}}, Outcome()) == ["there is no reply"]


@pytest.mark.parametrize("given", [2.0, True, "2"])
def test_exact_numbers(given: Any) -> None:
    def wanted(exact: bool, number: Any) -> dict[str, Any]:
        return {"reply": {"tool_calls": [{"name": "now", "arguments": {"n": [number]}, "exact": exact}]}}

    got = Outcome(reply=replace(WHOLE, tool_calls=[ToolCall("call_1", "now", {"n": [given]})]))
    passes(wanted(True, given), got)
    if given != "2":
        passes(wanted(False, int(given)), got)
    assert headlines(wanted(True, int(given)), got) == ["the tool calls are not those of the wire: the list is wrong"]
