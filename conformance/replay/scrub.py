"""Takes the secrets out of a recording, and finds those that are left.

`scrub` knows where secrets stand (headers, query parameters) and what they look like (keys, Bearer tokens, account
ids). `find_secrets` is the second pair of eyes: it reads a finished text and knows only what keys look like. Both see
one text at a time: a key that a model spells out over several stream events is not found.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import accumulate, pairwise
from typing import TypeVar

from conformance.cassettes import Interaction

SCRUBBED = "SCRUBBED"

_COOKIES = {"cookie", "set-cookie"}
_SECRET_HEADERS = {
    "anthropic-organization-id",
    "api-key",
    "authorization",
    "cf-ray",
    "openai-organization",
    "openai-project",
    "proxy-authorization",
    "x-amz-security-token",
    "x-amzn-trace-id",
    "x-api-key",
    "x-cloud-trace-context",
    "x-goog-api-key",
    "x-goog-user-project",
}
_SECRET_ENDINGS = ("request-id", "requestid")

# A key begins where a word begins; the letter of an escape (JSON's \n and \u0022, a URL's %3D) is not part of a word.
_START = r"(?:(?<![A-Za-z0-9])|(?<=\\[bfnrt])|(?<=\\u[0-9A-Fa-f]{4})|(?<=%[0-9A-Fa-f]{2}))"

_KEYS = {
    "an sk-ant- key": r"sk-ant-[\w-]{4,}",
    "an sk- key": r"sk-(?!ant-)[\w-]{4,}",
    "a gsk_ key": r"gsk_[A-Za-z0-9]{8,}",
    "an AIza key": r"AIza[\w-]{16,}",
    "an xai- key": r"xai-[A-Za-z0-9]{16,}",
    "an hf_ token": r"hf_[A-Za-z0-9]{16,}",
    "a pplx- key": r"pplx-[A-Za-z0-9]{16,}",
    "an nvapi- key": r"nvapi-[\w-]{16,}",
    "an AWS access key": r"(?:AKIA|ASIA)[0-9A-Z]{16}",
    "a GitHub token": r"(?:gh[opsu]_|github_pat_)\w{16,}",
    "a JSON web token": r"eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]*",
    # Documentation says "Bearer YOUR_KEY" and "Bearer authentication": a real token is long or holds a digit.
    "a Bearer token": r"(?i:Bearer)\s+(?:(?=[^\s\"']*[0-9])[\w.~+/=-]{8,}|[\w.~+/=-]{20,})",
}
_KEY_RULES = {kind: re.compile(_START + rule, re.ASCII) for kind, rule in _KEYS.items()}

_RULES = [
    (re.compile(r"((?i:Bearer)\s+)(?:(?=[^\s\"']*[0-9])[\w.~+/=-]{8,}|[\w.~+/=-]{20,})", re.ASCII), rf"\1{SCRUBBED}"),
    *((rule, SCRUBBED) for rule in _KEY_RULES.values()),
    # Providers mask the key that they complain about, and show its ends.
    (re.compile(_START + r"sk-[\w-]*\*[\w*-]*", re.ASCII), SCRUBBED),
    (
        re.compile(_START + r"(org-|proj_|user-)(?:(?=[A-Za-z]*[0-9])[A-Za-z0-9]{6,}|[A-Za-z0-9]{16,})"),
        rf"\1{SCRUBBED}",
    ),
    (
        re.compile(
            r"([?&](?:key|api[-_]?key|access[-_]token|token|sig|signature|x-amz-(?:credential|security-token|signature))=)"
            rf"(?!{SCRUBBED})[^&#\s\"'\\]+",
            re.IGNORECASE,
        ),
        rf"\1{SCRUBBED}",
    ),
    # Not a secret, but it would differ with every recording: the port of a server on loopback.
    (re.compile(r"(https?://(?:127\.0\.0\.1|localhost|\[::1\])):[0-9]+"), r"\1"),
]

_Recording = TypeVar("_Recording", bound=Interaction)


class LeakedSecret(ValueError):
    """A text that was about to be written holds a secret; says what kind and where, never the secret."""


def find_secrets(text: str) -> list[str]:
    """What in `text` looks like a key, as "kind at line n, column n"."""
    found = []
    for kind, rule in _KEY_RULES.items():
        for match in rule.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            column = match.start() - text.rfind("\n", 0, match.start())
            found.append((line, column, kind))
    return [f"{kind} at line {line}, column {column}" for line, column, kind in sorted(found)]


def scrub(interaction: _Recording) -> _Recording:
    """A copy without secrets. The body's chunks keep their boundaries, also where a replacement has another length."""
    (request_body,) = _scrub_chunks((interaction.request_body,)) or (b"",)
    chunks = _scrub_chunks(interaction.chunks)
    shorter = sum(map(len, interaction.chunks)) - sum(map(len, chunks))
    return replace(
        interaction,
        uri=_scrub_text(interaction.uri),
        request_headers=_scrub_headers(interaction.request_headers, len(interaction.request_body) - len(request_body)),
        request_body=request_body,
        headers=_scrub_headers(interaction.headers, shorter),
        chunks=chunks,
    )


def _scrub_headers(headers: tuple[tuple[str, str], ...], shorter: int) -> tuple[tuple[str, str], ...]:
    """The headers of a message whose body became so many bytes shorter."""
    clean = []
    for name, value in headers:
        lower = name.lower()
        if lower in _COOKIES:
            continue
        if lower in _SECRET_HEADERS or lower.endswith(_SECRET_ENDINGS):
            clean.append((name, SCRUBBED))
        elif lower == "content-length" and shorter:
            clean.append((name, str(int(value) - shorter)))
        else:
            clean.append((name, _scrub_text(value)))
    return tuple(clean)


def _scrub_text(text: str) -> str:
    for rule, new in _RULES:
        text = rule.sub(new, text)
    return text


def _scrub_chunks(chunks: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """Scrubs the whole body, so that a secret is found on both sides of a boundary, and cuts it again."""
    text = b"".join(chunks).decode("latin-1")  # one character for each byte, whatever the body is
    cuts = list(accumulate(map(len, chunks), initial=0))
    for rule, new in _RULES:
        edits = [(m.start(), m.end(), m.expand(new)) for m in rule.finditer(text)]
        if edits:
            text, cuts = rule.sub(new, text), [_moved(cut, edits) for cut in cuts]
    # A chunk that lay wholly inside a secret is gone: an empty chunk would end the body.
    return tuple(text[a:b].encode("latin-1") for a, b in pairwise(cuts) if b > a)


def _moved(cut: int, edits: list[tuple[int, int, str]]) -> int:
    """Where a boundary lies after the edits; one inside a replaced piece moves to the end of the replacement."""
    shift = 0
    for start, end, new in edits:
        if cut <= start:
            break
        if cut < end:
            return start + shift + len(new)
        shift += len(new) - (end - start)
    return cut + shift
