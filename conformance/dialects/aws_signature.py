"""Signatures of AWS, version 4, as the service checks them: it signs what came, and compares.

Source: AWS documentation, Create a signed AWS API request. Not for S3, which escapes a path once.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from urllib.parse import quote, unquote_plus

from conformance.trace import Exchange

_FORM = re.compile(
    r"AWS4-HMAC-SHA256 +Credential=(?P<key>[^,]+?)/(?P<scope>(?P<date>\d{8})/[^/,]+/[^/,]+/aws4_request), *"
    r"SignedHeaders=(?P<names>[^,]+), *Signature=(?P<signature>[0-9a-f]{64})"
)
_UNRESERVED = "-_.~"
_SECRET_HEADERS = {"authorization", "x-amz-security-token"}


@dataclass(frozen=True)
class Signed:
    """What an `Authorization` header says of itself."""

    scope: str  # 20261121/us-east-1/bedrock/aws4_request
    names: tuple[str, ...]  # of the headers that are signed
    signature: str


def signed(exchange: Exchange) -> Signed | None:
    """None where the request bears no such signature."""
    found = _FORM.fullmatch(exchange.header("authorization") or "")
    return Signed(found["scope"], tuple(found["names"].split(";")), found["signature"]) if found else None


def canonical(exchange: Exchange, path: str, names: tuple[str, ...]) -> str:
    """The request as both sides write it down. `path` is the whole one, as it was sent: its escapes are escaped."""
    headers = [f"{name}:{_value(exchange, name)}" for name in names]
    content = exchange.header("x-amz-content-sha256") or hashlib.sha256(exchange.body).hexdigest()
    uri = quote(path, safe=f"/{_UNRESERVED}") or "/"
    return "\n".join([exchange.method, uri, _query(exchange.query), *headers, "", ";".join(names), content])


def signature(exchange: Exchange, written: str, scope: str, secret: str) -> str:
    """Of a canonical request, with this secret key."""
    at = exchange.header("x-amz-date") or ""
    digest = hashlib.sha256(written.encode("latin-1", "replace")).hexdigest()
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, f"AWS4-HMAC-SHA256\n{at}\n{scope}\n{digest}".encode(), hashlib.sha256).hexdigest()


def shown(written: str) -> str:
    """A canonical request without what is secret in it."""
    lines = (line.partition(":") for line in written.split("\n"))
    return "\n".join(f"{n}:***" if colon and n in _SECRET_HEADERS else n + colon + v for n, colon, v in lines)


def _value(exchange: Exchange, name: str) -> str:
    """All of that name in one, and white space as one blank."""
    return ",".join(" ".join(value.split()) for key, value in exchange.headers if key == name)


def _query(query: str) -> str:
    pairs = (part.partition("=") for part in query.split("&") if part)
    told = sorted((_escaped(name), _escaped(value)) for name, _, value in pairs)
    return "&".join(f"{name}={value}" for name, value in told)


def _escaped(text: str) -> str:
    return quote(unquote_plus(text), safe=_UNRESERVED)
