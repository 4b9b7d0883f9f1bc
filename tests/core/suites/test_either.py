"""One of several legal ways."""

from __future__ import annotations

from conformance.contract import Reply
from conformance.trace import Outcome
from tests.core.suites.evidence import error, fails, headlines, judged, passes

EITHER = {"either": [{"reply": {"text": "Hi"}}, {"error": {"kind": ["content_filter"]}}]}


def test_one_of_the_legal_ways_is_enough() -> None:
    passes(EITHER, Outcome(reply=Reply("Hi")))
    passes(EITHER, Outcome(error=error("content_filter")))
    assert judged(EITHER, Outcome(reply=Reply("Hi")))[1] == 1


def test_none_of_the_legal_ways() -> None:
    expected = "text='Hi'\nor an error of kind content_filter"
    fails(EITHER, "the reply's text is wrong", expected, "text='Ho'", Outcome(reply=Reply("Ho")))


def test_what_stands_beside_either_must_hold_too() -> None:
    want = {**EITHER, "unchanged": True}
    assert judged(want, Outcome(reply=Reply("Hi")))[1] == 2
    assert headlines(want, Outcome(reply=Reply("Hi"), mutated="x")) == ["the host's request was changed"]
