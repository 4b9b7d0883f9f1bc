"""The other routes, bodies that are none, and where the key stands."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.dialects import recognise
from conformance.trace import Exchange
from tests.core.openai_chat.bodies import DIALECT, body, exchange, said


@pytest.mark.parametrize(
    "request_body",
    [
        {"model": "m", "input": "one"},
        {"model": "m", "input": ["one", "two"]},
        {"model": "m", "input": [1, 2]},
        {"model": "m", "input": [[1, 2], [3]]},
        {"model": "m", "input": ["one"], "encoding_format": "base64", "dimensions": 8, "user": "u"},
        {"model": "m", "input": ["one"], "encoding_format": None, "input_type": "query", "truncation": True},
    ],
)
def test_legal_embeddings(request_body: dict[str, Any]) -> None:
    assert said(request_body, "embeddings") == []


@pytest.mark.parametrize(
    ("request_body", "complaint"),
    [
        ({"input": ["one"]}, "$: 'model'"),
        ({"model": "", "input": ["one"]}, "$.model:"),
        ({"model": "m"}, "$: 'input'"),
        ({"model": "m", "texts": ["one"]}, "$: 'input'"),
        ({"model": "m", "input": ""}, "$.input:"),
        ({"model": "m", "input": []}, "$.input:"),
        ({"model": "m", "input": None}, "$.input:"),
        ({"model": "m", "input": ["one"] * 2049}, "$.input:"),
        ({"model": "m", "input": ["one", ""]}, "$.input[1]:"),
        ({"model": "m", "input": [{"text": "one"}]}, "$.input[0]:"),
        ({"model": "m", "input": [[1, "x"]]}, "$.input[0][1]:"),
        ({"model": "m", "input": ["one"], "encoding_format": "floats"}, "$.encoding_format:"),
        ({"model": "m", "input": ["one"], "dimensions": 0}, "$.dimensions:"),
        ({"model": "m", "input": ["one"], "user": 1}, "$.user:"),
    ],
)
def test_illegal_embeddings(request_body: dict[str, Any], complaint: str) -> None:
    problems = said(request_body, "embeddings")
    assert any(p.startswith(complaint) for p in problems), problems


def test_a_get_has_no_body() -> None:
    assert DIALECT.judge(exchange(b"", "models", "GET")) == []
    assert DIALECT.judge(exchange({}, "models", "GET")) == ["a GET request has no body"]
    assert DIALECT.unknown(exchange(b"", "models", "GET")) == []


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"null", b"\xff", b"model=m&messages=Hi"])
def test_a_body_that_is_no_object(raw: bytes) -> None:
    (problem,) = DIALECT.judge(exchange(raw))
    assert problem.startswith("the body is not a JSON object: ")
    assert DIALECT.unknown(exchange(raw)) == []
    with pytest.raises(ValueError, match="not a JSON object"):
        DIALECT.read(exchange(raw))


def test_unknown_fields_are_listed() -> None:
    assert DIALECT.unknown(exchange(body(conversation_id="x", top_k=1, host={}))) == ["conversation_id", "host"]
    assert DIALECT.unknown(exchange({"model": "m", "input": "x", "top_k": 1}, "embeddings")) == ["top_k"]


def test_recognition() -> None:
    for path, before in {"/v1/chat/completions": "/v1", "/embeddings": "", "/a/v1/v1/embeddings": "/a/v1/v1"}.items():
        found = recognise(Exchange("POST", path, "", [], b"", 1, 0.0))
        assert found == (DIALECT, before)
    assert recognise(Exchange("GET", "/v1/chat/completions", "", [], b"", 1, 0.0)) is None
    assert recognise(Exchange("POST", "/v1/parrots", "", [], b"", 1, 0.0)) is None


def test_the_key_is_in_the_authorization_header() -> None:
    (place,) = DIALECT.facts.key
    sent = exchange(body())
    assert not place.holds(sent, "x")
    sent.headers.append(("authorization", "Bearer x"))
    assert place.holds(sent, "x")
    assert not place.holds(sent, ".")
    sent.headers.append(("authorization", "Bearer x"))
    assert not place.holds(sent, "x")
