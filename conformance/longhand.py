"""Texts of the data that cannot be, or should not be, written out in it."""

from __future__ import annotations

import re
from typing import Any

_MANY = re.compile(r"(.{100})\{times (\d+)\}")
_RANGE = re.compile(r"(\w+)\{(\d+)\.\.(\d+)\}")
_LONE = re.compile(r"\\u(d[89ab][0-9a-f]{2})")


def repeated(text: str) -> str:
    """The hundred characters before `{times 1000}`, that often."""
    return _MANY.sub(lambda m: m[1] * int(m[2]), text)


def numbered(texts: list[str]) -> list[str]:
    """Of `t{0..99}` a hundred texts."""
    return [text for given in texts for text in _numbered(given)]


def _numbered(text: str) -> list[str]:
    found = _RANGE.fullmatch(text)
    return [f"{found[1]}{n}" for n in range(int(found[2]), int(found[3]) + 1)] if found else [text]


def written_out(text: Any) -> Any:
    """`{times …}` as above, and `\\ud83d` as the lone surrogate that YAML has no way to say. Parts are left alone."""
    if not isinstance(text, str):
        return text
    return _LONE.sub(lambda m: chr(int(m[1], 16)), repeated(text))


def all_repeated(value: Any) -> Any:
    """`{times …}` in whatever text is part of it."""
    if isinstance(value, dict):
        return {name: all_repeated(part) for name, part in value.items()}
    if isinstance(value, list):
        return [all_repeated(part) for part in value]
    return repeated(value) if isinstance(value, str) else value
