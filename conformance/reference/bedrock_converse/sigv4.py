"""Signatures of AWS, version 4, of requests with a body in memory.

AWS documentation: Create a signed AWS API request.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Generator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote

import httpx

ALGORITHM = "AWS4-HMAC-SHA256"
SIGNED = ("content-type", "host", "x-amz-date", "x-amz-security-token")


@dataclass(frozen=True)
class SigV4(httpx.Auth):
    """Signs every request that the client sends."""

    access_key: str
    secret_key: str = field(repr=False)
    region: str
    session_token: str | None = field(default=None, repr=False)
    service: str = "bedrock"

    requires_request_body = True

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        self.sign(request, datetime.now(UTC))
        yield request

    def sign(self, request: httpx.Request, now: datetime) -> None:
        request.headers["x-amz-date"] = f"{now:%Y%m%dT%H%M%SZ}"
        if self.session_token:
            request.headers["x-amz-security-token"] = self.session_token
        names = [name for name in SIGNED if name in request.headers]
        scope = f"{now:%Y%m%d}/{self.region}/{self.service}/aws4_request"
        told = "\n".join((ALGORITHM, request.headers["x-amz-date"], scope, self.digest(self.canonical(request, names))))
        signature = hmac.new(self.signing_key(f"{now:%Y%m%d}"), told.encode(), hashlib.sha256).hexdigest()
        request.headers["authorization"] = (
            f"{ALGORITHM} Credential={self.access_key}/{scope}, SignedHeaders={';'.join(names)}, Signature={signature}"
        )

    def canonical(self, request: httpx.Request, names: list[str]) -> str:
        path, _, query = request.url.raw_path.decode().partition("?")
        lines = [f"{name}:{request.headers[name].strip()}" for name in names]
        twice = quote(path, safe="/-_.~")  # what the URL has escaped is escaped again
        return "\n".join(
            (request.method, twice, query, *lines, "", ";".join(names), self.digest(request.content.decode("latin-1")))
        )

    def signing_key(self, date: str) -> bytes:
        key = f"AWS4{self.secret_key}".encode()
        for part in (date, self.region, self.service, "aws4_request"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        return key

    def digest(self, text: str) -> str:
        return hashlib.sha256(text.encode("latin-1")).hexdigest()
