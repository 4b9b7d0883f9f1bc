"""BED: a signature is that of the request which bears it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from urllib.parse import urlsplit

from conformance.dialects.aws_signature import canonical, shown, signature, signed
from conformance.suites.evidence import Evidence
from conformance.then import Then
from conformance.trace import Exchange
from conformance.verdict import Violation

FREE = ("UNSIGNED-PAYLOAD", "STREAMING-")  # in place of the body's digest
EXPECTED = "the signature of this request, with the secret key that the adapter is configured with"


def right(_: Then, evidence: Evidence) -> Iterator[Violation]:
    for exchange in evidence.asked:
        found = signed(exchange)
        if found is None:
            continue  # `sent.key` says whether it bears a key in another way
        told = exchange.header("x-amz-content-sha256")
        if told and told != hashlib.sha256(exchange.body).hexdigest() and not told.startswith(FREE):
            yield Violation("the signature is wrong", "the body's own digest in x-amz-content-sha256", told[:80])
            return
        ways = [canonical(exchange, path, found.names) for path in _paths(exchange, evidence)]
        signatures = {signature(exchange, way, found.scope, s) for way in ways for s in evidence.secrets}
        if found.signature not in signatures:
            yield Violation("the signature is wrong", EXPECTED, f"that of another; this one reads:\n{shown(ways[0])}")
            return


def _paths(exchange: Exchange, evidence: Evidence) -> list[str]:
    """With the prefix of the kit's own server, and without it where the adapter was called at its own address."""
    scene = urlsplit(evidence.trace.base_url.strip()).path.split("/")[1:2]
    return [f"/{scene[0]}{exchange.path}", exchange.path] if scene and scene[0] else [exchange.path]
