"""Names of what is a credential, or tells whose account it is: by the words that they are made of."""

from __future__ import annotations

import re
from itertools import pairwise

_ALONE = {
    *("authorization", "cookie", "cookies", "password", "passwd", "passphrase", "secret", "secrets", "credential"),
    *("credentials", "jwt", "csrf", "xsrf", "bearer", "apikey", "accesskey"),
}
_BEFORE = {
    "key": {"api", "access", "private", "auth", "secret", "signing", "session", "account", "service", "master"}
    | {"subscription", "client", "encryption", "security"},
    "token": {"access", "refresh", "id", "auth", "api", "session", "bearer", "security", "csrf", "client", "service"}
    | {"personal", "user"},
    "id": {"session"},
}
_ACCOUNT = {
    *("organization", "organisation", "org", "account", "tenant", "customer", "project", "subscription", "workspace"),
    *("billing", "team"),
}
_IDENTIFIES = {"id", "uuid", "guid", "number", "email", "name", "slug"}
_HARMLESS = re.compile(
    r"^(access-control-|www-authenticate$|proxy-authenticate$|sec-)|rate-?limit",
    re.IGNORECASE,
)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_PLACEHOLDER = re.compile(
    r"scrubbed|redacted|filtered|hidden|masked|removed|replaced|placeholder|dummy|x{4,}|your[-_ ]", re.IGNORECASE
)
_LEFT = re.compile(r"(?=\S*[0-9])(?=\S*[A-Za-z])\S{8,}")  # beside a placeholder, a secret all the same
_EMPTY = re.compile(
    r"[\s*.x·]*|<[^>]*>|\{[^}]*\}|\s*(\d{1,9}(\.\d+)?\s*[a-z]{0,3}|true|false|null|none)\s*", re.IGNORECASE
)


def names_secret(name: str, *, header: bool = False) -> bool:
    """Whether what has this name is a credential. Of a header, which is about the connection, a last word is enough."""
    words = _words(name)
    if _HARMLESS.search(name):
        return False
    if header and {"auth", "key", "token", "signature"} & {*words[-1:]}:
        return True
    return not _ALONE.isdisjoint(words) or any(first in _BEFORE.get(second, ()) for first, second in pairwise(words))


def names_account(name: str, *, header: bool = False) -> bool:
    words = _words(name)
    if _HARMLESS.search(name) or _ACCOUNT.isdisjoint(words):
        return False
    return header or len(words) == 1 or not _IDENTIFIES.isdisjoint(words)


def names_parameter(name: str) -> bool:
    """Of an address' parameter short names tell enough."""
    short = {"key", "token", "sig", "code"} & {*_words(name)}
    return bool(short) or names_secret(name) or names_account(name)


def is_blank(value: str) -> bool:
    """Nothing, a measure, or what stands for a secret that was taken out."""
    if _EMPTY.fullmatch(value):
        return True
    return _PLACEHOLDER.search(value) is not None and not _LEFT.search(_PLACEHOLDER.sub(" ", value))


def _words(name: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(name)]
