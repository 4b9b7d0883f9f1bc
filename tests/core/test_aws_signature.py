"""Signatures of AWS, as the service checks them."""

from __future__ import annotations

import hashlib

import pytest

from conformance.dialects.aws_signature import canonical, shown, signature, signed
from conformance.trace import Exchange

SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"  # AWS documentation's own
SCOPE = "20150830/us-east-1/iam/aws4_request"
NAMES = "content-type;host;x-amz-date"
SIGNATURE = "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
AUTHORIZATION = f"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/{SCOPE}, SignedHeaders={NAMES}, Signature={SIGNATURE}"
HEADERS = [
    ("authorization", AUTHORIZATION),
    ("content-type", "application/x-www-form-urlencoded; charset=utf-8"),
    ("host", "iam.amazonaws.com"),
    ("x-amz-date", "20150830T123600Z"),
]


def asked(
    path: str = "/", query: str = "Action=ListUsers&Version=2010-05-08", body: bytes = b"", **more: str
) -> Exchange:
    headers = [*HEADERS, *((name.replace("_", "-"), value) for name, value in more.items())]
    return Exchange("GET", path, query, headers, body, connection=1, at=0.0)


def test_the_example_of_the_documentation() -> None:
    exchange = asked()
    found = signed(exchange)
    assert found is not None
    assert (found.scope, found.names, found.signature) == (SCOPE, tuple(NAMES.split(";")), SIGNATURE)
    written = canonical(exchange, "/", found.names)
    assert hashlib.sha256(written.encode()).hexdigest() == (
        "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59"
    )
    assert signature(exchange, written, found.scope, SECRET) == SIGNATURE
    assert signature(exchange, written, found.scope, "another") != SIGNATURE


def test_what_is_escaped_is_escaped_again_and_parameters_are_in_order() -> None:
    exchange = asked("/model/a%3A0/converse", "b=2&a=x%20y&a=%2F&c")
    lines = canonical(exchange, exchange.path, ("host",)).split("\n")
    assert lines[:4] == ["GET", "/model/a%253A0/converse", "a=%2F&a=x%20y&b=2&c=", "host:iam.amazonaws.com"]


def test_values_are_trimmed_and_a_digest_that_is_told_is_taken() -> None:
    exchange = asked(x_amz_content_sha256="UNSIGNED-PAYLOAD", x_note="  a   b ")
    lines = canonical(exchange, "/", ("x-note",)).split("\n")
    assert lines[-4:] == ["x-note:a b", "", "x-note", "UNSIGNED-PAYLOAD"]


def test_a_session_token_is_not_shown() -> None:
    exchange = asked(x_amz_security_token="very-secret")
    written = canonical(exchange, "/", ("host", "x-amz-security-token"))
    assert "very-secret" in written
    assert "x-amz-security-token:***" in shown(written)
    assert "very-secret" not in shown(written)
    assert "host:iam.amazonaws.com" in shown(written)


@pytest.mark.parametrize("header", ["Bearer key", "", AUTHORIZATION[:-1], AUTHORIZATION.replace("aws4_request", "x")])
def test_what_is_no_signature(header: str) -> None:
    exchange = Exchange("GET", "/", "", [("authorization", header)], b"", connection=1, at=0.0)
    assert signed(exchange) is None
