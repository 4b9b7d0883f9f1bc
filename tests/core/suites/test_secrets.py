"""Where the key and the prompt must not be."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.contract import Health
from conformance.trace import Outcome
from tests.core.suites.evidence import (
    HEADERS,
    HUNG,
    KEY,
    WHOLE,
    error,
    fails,
    headlines,
    judged,
    passes,
    replace_exchange,
    request,
)

ELSEWHERE = [("host", "there:1"), ("x-leak", f"key={KEY}!")]


@pytest.mark.parametrize(
    ("place", "headline", "outcome", "trace"),
    [
        ("error", "the API key is in the exception", Outcome(error=error(everything=f"a\nkey={KEY}!")), {}),
        ("logs", "the API key is in the log", None, {"logs": f"a\nkey={KEY}!"}),
        ("repr", "the API key is in the adapter's repr", Outcome(repr=f"a\nkey={KEY}!"), {}),
        ("url", "the API key is in the URL", None, {"exchanges": [replace_exchange(query=f"key={KEY}!")]}),
        ("body", "the API key is in the request's body", None, {"exchanges": [request(f"a\nkey={KEY}!".encode())]}),
        ("health", "the API key is in what the health check tells", Outcome(error=error(everything=f"key={KEY}!")), {}),
        ("error_itself", "the API key is in the exception", Outcome(error=error(itself=f"a\nkey={KEY}!")), {}),
        ("output", "the API key is in what was printed or warned of", None, {"output": f"a\nkey={KEY}!"}),
        ("files", "the API key is in a file", None, {"files": [("a.log", b"a"), ("b.log", f"key={KEY}!".encode())]}),
        ("environment", "the API key is in the environment", None, {"environment": {"A": "", "key": f"{KEY}!"}}),
        (
            "elsewhere",
            "the API key is in a request to another origin",
            None,
            {"exchanges": [replace_exchange(), replace_exchange(headers=ELSEWHERE)], "base_url": "http://HERE:1/v1"},
        ),
    ],
)
def test_secrets(place: str, headline: str, outcome: Outcome | None, trace: dict[str, Any]) -> None:
    here = [replace_exchange(headers=[*HEADERS, ("host", "here:1")])]
    harmless = Outcome(error=error(everything="ProviderError()"), repr="Acme()")
    passes({"secret_not_in": [place]}, harmless, here, logs="x", base_url="http://u:p@HERE:1/v1")
    ((violation,), _) = judged({"secret_not_in": [place]}, outcome, **trace)
    assert (violation.headline, violation.expected) == (headline, "no key there")
    assert violation.got.endswith("key=<the key>!")


def test_a_key_in_what_the_health_check_tells() -> None:
    told = Outcome(health=Health(ok=False, detail=f"no such key: {KEY}"))
    assert headlines({"secret_not_in": ["health"]}, told) == ["the API key is in what the health check tells"]


def test_a_password_of_the_base_url_is_called_so() -> None:
    case = {"adapter": {"url": "http://kit:{key}@127.0.0.1:{port}{path}"}}
    outcome = Outcome(repr=f"Acme({KEY})")
    assert headlines({"secret_not_in": ["repr"]}, outcome, case=case) == ["the password is in the adapter's repr"]


def test_a_prompt_that_leaks() -> None:
    passes({"prompt_not_in": ["output", "url", "files"]}, output="Name two rivers.")
    told = ("the prompt is in what was printed or warned of", "no prompt there", "asked: Name three rivers. <the key>")
    fails({"prompt_not_in": ["output"]}, *told, output=f"asked: Name three rivers. {KEY}")


@pytest.mark.parametrize("outcome", [Outcome(reply=WHOLE), Outcome(error=HUNG)], ids=["none", "hung"])
def test_a_key_is_not_looked_for_in_an_error_that_is_none(outcome: Outcome) -> None:
    assert headlines({"secret_not_in": ["error"]}, outcome) == ["there is no error to look into"]


@pytest.mark.parametrize("host", ["here", "HERE", "here:1"])
def test_a_host_without_its_port_is_no_other_origin(host: str) -> None:
    asked = replace_exchange(headers=[*HEADERS, ("host", host)])
    passes({"secret_not_in": ["elsewhere"]}, Outcome(reply=WHOLE), [asked], base_url="http://here:1/v1")
