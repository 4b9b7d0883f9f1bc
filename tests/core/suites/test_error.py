"""Which error must come, and what it carries."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from conformance.drivers.failures import failure
from conformance.trace import Outcome
from tests.core.suites.evidence import HUNG, STREAM, WHOLE, error, events, fails, judged, passes

WANT_ERROR = {"error": {"kind": ["server", "network"]}}
KINDS = "an error of kind server or network"


@pytest.mark.parametrize("kind", ["server", "network"])
def test_every_listed_kind_is_right(kind: str) -> None:
    passes(WANT_ERROR, Outcome(error=error(kind)))


def test_error() -> None:
    got = "ProviderError('acme: 500: out') kind=auth"
    fails(WANT_ERROR, "the error is of kind auth, not server or network", KINDS, got, Outcome(error=error("auth")))
    reply = "reply text='Hi' finish_reason='stop', no error"
    fails(WANT_ERROR, "a failure was returned as an answer", KINDS, reply)
    fails(WANT_ERROR, "a broken stream was returned as an answer", KINDS, reply, case=STREAM)
    ended = "a stream that ended without a final event, text 'The'"
    told = ("a broken stream ended without an error", KINDS, ended)
    fails(WANT_ERROR, *told, Outcome(events=events("The")), case=STREAM)
    fails(WANT_ERROR, "the call hung", KINDS, HUNG.text, Outcome(error=HUNG))


def test_an_error_that_is_not_the_hosts() -> None:
    try:
        [].pop()
    except IndexError as exc:
        escaped = failure(exc)
    (violation,) = judged(WANT_ERROR, Outcome(error=escaped))[0]
    assert violation.headline == "IndexError escaped in place of a provider error"
    assert violation.got.startswith("IndexError('pop from empty list') (at test_error.py:")


def test_where_it_was_in_the_adapter_and_no_deeper() -> None:
    def generate() -> None:
        read("{")

    def read(text: str) -> None:
        json.loads(text)

    with pytest.raises(ValueError, match="Expecting") as caught:
        generate()
    assert re.fullmatch(r"test_error\.py:\d+ in read", failure(caught.value).where)


def test_an_error_after_the_final_event() -> None:
    outcome = Outcome(events=events("The", "done"), reply=WHOLE, error=error())
    told = "after text 'The', ProviderError('acme: 500: out') kind=server"
    fails(
        WANT_ERROR,
        "a final event came, and the error after it",
        f"{KINDS}, and no final event",
        told,
        outcome,
        case=STREAM,
    )


@pytest.mark.parametrize(
    ("wish", "right", "wrong", "told"),
    [
        ({"status": 429}, {"status": 429}, {}, ("the error does not carry the status", "status=429", "status=None")),
        ({"code": "x"}, {"code": "x"}, {"code": "y"}, ("the error does not carry the code", "code='x'", "code='y'")),
        (
            {"retry_after": 7},
            {"retry_after": 6.95},
            {"retry_after": 70.0},
            ("the wait that the provider asked for is wrong", "retry_after=7", "retry_after=70.0"),
        ),
        (
            {"retry_after": 0},
            {"retry_after": 0},
            {},
            ("the wait that the provider asked for is lost", "retry_after=0", "retry_after=None"),
        ),
        (
            {"retry_after": None},
            {},
            {"retry_after": 60.0},
            ("a wait was made up", "retry_after=None", "retry_after=60"),
        ),
        ({"cause": True}, {"chained": True}, {}, ("the error hides its cause", "an exception with a __cause__", "…")),
        ({"says": ["out"]}, {}, {"text": "x"}, ("the provider's own message is lost", "a text with 'out'", "…")),
        (
            {"at_most": 20},
            {},
            {"text": "x" * 21},
            ("a whole page became the error's text", "at most 20 characters", f"21 characters, beginning {'x' * 21!r}"),
        ),
        (
            {"provider": True},
            {"provider": "acme"},
            {"provider": "other"},
            ("the error does not name its provider", "provider='acme'", "provider='other'"),
        ),
    ],
)
def test_what_an_error_carries(
    wish: dict[str, Any], right: dict[str, Any], wrong: dict[str, Any], told: tuple[str, str, str]
) -> None:
    want = {"error": {"kind": ["server"], **wish}}
    passes(want, Outcome(error=error(**right), provider="acme"))
    ((violation,), _) = judged(want, Outcome(error=replace(error(), **wrong), provider="acme"))
    assert (violation.headline, violation.expected) == told[:2]
    assert told[2] in ("…", violation.got)


def test_what_is_not_asked_of_an_error() -> None:
    passes({"error": {"kind": ["server"]}}, Outcome(error=error(status=1, code="x", retry_after=9.0)))
    passes({"error": {"kind": ["server"], "retry_after": None}}, Outcome(error=error(retry_after=0)))
