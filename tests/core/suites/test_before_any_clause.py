"""What is wrong before any clause is looked at: other hosts, and answers without a request."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.contract import Reply
from conformance.trace import Exchange, Outcome
from tests.core.suites.evidence import error, fails, headlines, models_request, passes, request


def test_a_breach_of_the_guard_comes_first() -> None:
    told = (
        "the adapter tried to reach api.openai.com:443",
        "requests to the given base URL only",
        "api.openai.com:443",
    )
    fails({"reply": {"text": "other"}}, *told, breaches=["api.openai.com:443"])
    fails({}, *told, None, [], breaches=["api.openai.com:443"])


ANY_THEN: list[dict[str, Any]] = [
    {"reply": {"text": "Hi"}},
    {"sent": {"legal": True}},
    {"sent": {"header": {"authorization": ".*"}}},
    {"unchanged": True},
    {"secret_not_in": ["logs", "url", "body", "repr"]},
    {"waits_at_most": 1},
    {"error": {"kind": ["server"]}},
    {"stream": {"prefix_of": "Hi"}},
    {},
]


@pytest.mark.parametrize("then", ANY_THEN, ids=str)
@pytest.mark.parametrize("on_the_way", [[], [models_request()]], ids=["nothing", "only the models"])
@pytest.mark.parametrize("outcome", [Outcome(reply=Reply("Hi")), Outcome(error=error())], ids=["answer", "error"])
def test_an_answer_without_a_request_is_none(
    then: dict[str, Any], on_the_way: list[Exchange], outcome: Outcome
) -> None:
    assert headlines(then, outcome, on_the_way) == ["no request reached the server"]


def test_a_request_elsewhere_on_the_server() -> None:
    told = ("the request went past the base URL", "a request below it", "POST /chat/completions")
    fails({"reply": {}}, *told, None, [], strays=["POST /chat/completions"])


def test_a_refusal_before_any_request_where_the_case_allows_it() -> None:
    refusal = {"error": {"kind": ["auth"]}, "sent": {"requests": 0}}
    answer = {"sent": {"no_header": ["authorization"]}, "reply": {"text": "Hi"}}
    want = {"either": [answer, refusal]}
    passes(want, Outcome(error=error("auth")), [])
    passes(want, Outcome(reply=Reply("Hi")), [request(headers=[])])
    # But an invented answer is not the other way.
    assert headlines(want, Outcome(reply=Reply("Hi")), []) == ["no request reached the server"]
    passes(refusal, Outcome(error=error("auth")), [])


@pytest.mark.parametrize("fault", ["refuse", "connect_timeout", "bad_tls"])
def test_no_request_comes_through_a_closed_door(fault: str) -> None:
    wire = {"wire": {"fault": fault}}
    passes({"error": {"kind": ["network"]}}, Outcome(error=error("network")), [], wire)
    assert headlines({"error": {"kind": ["network"]}}, None, [], wire) == ["a failure was returned as an answer"]


@pytest.mark.parametrize("fault", ["fin", "reset", "silence"])
def test_a_request_comes_before_the_other_faults(fault: str) -> None:
    want = {"error": {"kind": ["network"]}}
    assert headlines(want, Outcome(error=error("network")), [], {"wire": {"fault": fault}}) == [
        "no request reached the server"
    ]
