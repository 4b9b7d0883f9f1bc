"""The forms in which a value may be found again: as it is, then as others write it."""

from __future__ import annotations

import base64
from functools import cache


@cache
def forms(value: str) -> tuple[str, ...]:
    """In small letters, to be looked for in such; then hexadecimal, and base64 wherever it begins in a longer text."""
    raw = value.encode()
    return (value.lower(), raw.hex(), raw.hex().upper(), *dict.fromkeys(_base64(raw)))


def _base64(raw: bytes) -> list[str]:
    """At each of its three places in a group of bytes, without the characters that it shares with others."""
    found = []
    for before in range(3):
        coded = base64.b64encode(b"\0" * before + raw).decode().rstrip("=")
        inner = coded[-(-before * 8 // 6) : len(coded) - (1 if (before + len(raw)) % 3 else 0)]
        found += [inner, inner.translate(str.maketrans("+/", "-_"))]
    return found
