"""Takes the secrets out of a recording, and finds those that are left.

`scrub` knows where secrets stand (headers, query parameters, members of JSON) and what they look like (keys, Bearer
tokens, ids of accounts); `values_of` tells those of a recording, to be taken out wherever else they stand.
`find_secrets` reads a finished text and knows only what keys look like. Both see one text at a time: a key that a model
spells out over several events is not found. The second scan (`second_scan.py`) looks in ways of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from json import dumps
from typing import TypeVar
from urllib.parse import quote, unquote

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
_SECRET_NAMES = re.compile(
    r"(^|[-_])(api-?key|auth-?(key|token)|access-?token|secret|password|credentials?|csrf-?token|session-?(id|token))$"
    r"|(^|[-_])(organi[sz]ation|org|account|tenant|customer|project|subscription|workspace|team)([-_]|$)"
    r"|^(idempotency|x-idempotency)-key$",
    re.IGNORECASE,
)
_ABOUT_REQUESTS = (*_SECRET_ENDINGS, "cf-ray", "x-amzn-trace-id", "x-cloud-trace-context")  # nobody's name or key
_LONG = 8  # characters of a value below which it may stand in a text by chance

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

_PARAMETER = re.compile(
    r"([?&](?:key|api[-_]?key|access[-_]token|token|sig|signature|x-amz-(?:credential|security-token|signature)"
    r"|(?:organi[sz]ation|org|account|project|tenant|customer|workspace|subscription)(?:[-_]?id)?)=)"
    rf"(?!{SCRUBBED})[^&#\s\"'\\]+",
    re.IGNORECASE,
)

Headers = tuple[tuple[str, str], ...]
Rules = list[tuple[re.Pattern[str], str]]
# Not a secret, but it would differ with every recording: the port of a server on loopback.
_LOOPBACK = (re.compile(r"(https?://(?:127\.0\.0\.1|localhost|\[::1\])):[0-9]+"), r"\1")
_RULES: Rules = [
    (re.compile(r"((?i:Bearer)\s+)(?:(?=[^\s\"']*[0-9])[\w.~+/=-]{8,}|[\w.~+/=-]{20,})", re.ASCII), rf"\1{SCRUBBED}"),
    *((rule, SCRUBBED) for rule in _KEY_RULES.values()),
    # Providers mask the key that they complain about, and show its ends.
    (re.compile(_START + r"sk-[\w-]*\*[\w*-]*", re.ASCII), SCRUBBED),
    (re.compile(r"((?i:key provided): (?:<|\\u003c)?)[\w-]+\*[\w*-]*"), rf"\1{SCRUBBED}"),
    (
        re.compile(
            _START + r"((?:org|proj|acct|team|tenant|cus|wrkspc|account|organization|project)[-_]|user-)"
            r"(?:(?=[A-Za-z]*[0-9])[A-Za-z0-9]{6,}|[A-Za-z0-9]{16,})"
        ),
        rf"\1{SCRUBBED}",
    ),
    # Members of JSON, also where that is a text in JSON.
    (
        re.compile(
            r"(\\*\"[\w-]*?(?:api[-_]?key|(?:access|refresh|id|auth|session|security)[-_]?token|client[-_]?secret|password"
            r"|(?:secret|private|access)[-_]?(?:access[-_]?)?key|session[-_]?id|api[-_]?key[-_]?id|organi[sz]ation|user[-_]?email"
            r"|(?:organi[sz]ation|org|account|tenant|customer|project|subscription|workspace|team)[-_]?(?:id|uuid|number|name|email)"
            rf")\\*\"\s*:\s*\\*\")(?!{SCRUBBED})[^\"\\]+",
            re.IGNORECASE,
        ),
        rf"\1{SCRUBBED}",
    ),
    (re.compile(r"(arn(?::|%3A)aws[\w-]*(?:(?::|%3A)[\w-]*){2}(?::|%3A))[0-9]{12}", re.IGNORECASE), rf"\1{SCRUBBED}"),
    (re.compile(r"(\bprojects/)(?!SCRUBBED)[\w-]+(?=/locations)"), rf"\1{SCRUBBED}"),
    (
        re.compile(
            r"(\b(?:projects|accounts|organizations|orgs|workspaces|subscriptions|tenants)/)"
            r"(?:[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9]{6,})\b",
            re.IGNORECASE,
        ),
        rf"\1{SCRUBBED}",
    ),
    (
        re.compile(
            r"(?<=//)[\w-]+(?=\.(?:openai\.azure\.com|(?:services\.ai|cognitiveservices)\.azure\.com|snowflakecomputing\.com"
            r"|cloud\.databricks\.com|azuredatabricks\.net)\b)",
            re.IGNORECASE,
        ),
        SCRUBBED,
    ),
    (re.compile(r"(https?://)[^/\s:@\"'\\]+:[^/\s@\"'\\]+@"), r"\1"),
    (_PARAMETER, rf"\1{SCRUBBED}"),
    _LOOPBACK,
]

_Recording = TypeVar("_Recording", bound=Interaction)


class LeakedSecret(ValueError):
    """A text that was about to be written holds a secret; says what kind and where, never the secret."""


def find_secrets(text: str) -> list[str]:
    """What in `text` looks like a key, as "kind at line n, column n"."""
    return [f"{kind} at line {line}, column {column}" for line, column, kind in located(text)]


def located(text: str) -> list[tuple[int, int, str]]:
    """Line, column and kind of what in `text` looks like a key."""
    found = []
    for kind, rule in _KEY_RULES.items():
        for match in rule.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            column = match.start() - text.rfind("\n", 0, match.start())
            found.append((line, column, kind))
    return sorted(found)


def values_of(interactions: Iterable[Interaction]) -> tuple[str, ...]:
    """Keys, cookies and names of accounts in these exchanges, by where they stand, too long to be a chance."""
    found: dict[str, None] = {}
    for each in interactions:
        for name, value in (*each.request_headers, *each.headers):
            if name.lower() in _COOKIES:
                found |= dict.fromkeys(pair.partition("=")[2].strip() for pair in value.split(";"))
            elif _is_secret(name) and not name.lower().endswith(_ABOUT_REQUESTS):
                found |= dict.fromkeys([value.strip(), *value.split()])
        found |= dict.fromkeys(unquote(m[0].partition("=")[2]) for m in _PARAMETER.finditer(each.uri))
    return tuple(value for value in found if len(value) >= _LONG and not value.isalpha() and SCRUBBED not in value)


def scrub(interaction: _Recording, values: Sequence[str] = ()) -> _Recording:
    """A copy without secrets, and without these values. The body's chunks keep their boundaries, also where a
    replacement has another length."""
    rules = [*_of_values(values), *_RULES]
    (request_body,) = _scrub_chunks((interaction.request_body,), rules) or (b"",)
    chunks = _scrub_chunks(interaction.chunks, rules)
    shorter = sum(map(len, interaction.chunks)) - sum(map(len, chunks))
    sent = len(interaction.request_body) - len(request_body)
    return replace(
        interaction,
        uri=_scrub_text(interaction.uri, rules),
        request_headers=_scrub_headers(interaction.request_headers, sent, rules),
        request_body=request_body,
        headers=_scrub_headers(interaction.headers, shorter, rules),
        chunks=chunks,
    )


def scrubbed(before: Interaction, after: Interaction) -> list[str]:
    """Where something was taken out: "request header authorization", "address", "response body"."""
    pairs = (("request", before.request_headers, after.request_headers), ("response", before.headers, after.headers))
    found = [
        f"{side} header {name.lower()}"
        for side, was, now in pairs
        for name, value in was
        if (name, value) not in now and name.lower() != "content-length"
    ]
    told = {
        "address": (_without_port(before.uri), _without_port(after.uri)),
        "request body": (before.request_body, after.request_body),
        "response body": (b"".join(before.chunks), b"".join(after.chunks)),
    }
    return [*dict.fromkeys(found), *(place for place, (was, now) in told.items() if was != now)]


def _without_port(uri: str) -> str:
    rule, new = _LOOPBACK
    return rule.sub(new, uri)


def clean(text: str) -> str:
    """A text of any kind without secrets."""
    return _scrub_text(text, _RULES)


def _of_values(values: Sequence[str]) -> Rules:
    """Each as it is, as a URL writes it, and as JSON does; in UTF-8, a character for each byte."""
    written = {
        form for v in values for form in (v, quote(v, safe=""), dumps(v)[1:-1], dumps(v, ensure_ascii=False)[1:-1])
    }
    wanted = sorted((form.encode().decode("latin-1") for form in written), key=len, reverse=True)
    return [(re.compile("|".join(map(re.escape, wanted))), SCRUBBED)] if wanted else []


def _is_secret(name: str) -> bool:
    lower = name.lower()
    harmless = lower.startswith("access-control-") or "ratelimit" in lower or "rate-limit" in lower
    named = lower in _SECRET_HEADERS or lower.endswith(_SECRET_ENDINGS) or _SECRET_NAMES.search(name) is not None
    return named and not harmless


def _scrub_headers(headers: Headers, shorter: int, rules: Rules) -> Headers:
    """The headers of a message whose body became so many bytes shorter."""
    clean = []
    for name, value in headers:
        if name.lower() in _COOKIES:
            continue
        if _is_secret(name):
            clean.append((name, SCRUBBED))
        elif name.lower() == "content-length" and shorter:
            clean.append((name, str(int(value) - shorter)))
        else:
            clean.append((name, _scrub_text(value, rules)))
    return tuple(clean)


def _scrub_text(text: str, rules: Rules) -> str:
    for rule, new in rules:
        text = rule.sub(new, text)
    return text


def _scrub_chunks(chunks: tuple[bytes, ...], rules: Rules) -> tuple[bytes, ...]:
    """Scrubs the whole body, so that a secret is found on both sides of a boundary, and cuts it again."""
    text = b"".join(chunks).decode("latin-1")  # one character for each byte, whatever the body is
    cuts = list(accumulate(map(len, chunks), initial=0))
    for rule, new in rules:
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
