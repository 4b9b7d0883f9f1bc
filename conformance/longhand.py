"""Texts of the data that cannot be, or should not be, written out in it."""

from __future__ import annotations

import re
from typing import Any

_MANY = re.compile(r"(.{100})\{times (\d+)\}")
_LONE = re.compile(r"\\u(d[89ab][0-9a-f]{2})")


def repeated(text: str) -> str:
    """The hundred characters before `{times 1000}`, that often."""
    return _MANY.sub(lambda m: m[1] * int(m[2]), text)


def written_out(text: Any) -> Any:
    """`{times …}` as above, and `\\ud83d` as the lone surrogate that YAML has no way to say. Parts are left alone."""
    if not isinstance(text, str):
        return text
    return _LONE.sub(lambda m: chr(int(m[1], 16)), repeated(text))
