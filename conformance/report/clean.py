"""What goes into any report holds no key, and nothing that cannot be written as UTF-8; what is printed, no command."""

from __future__ import annotations

import re
from typing import Any, TypeVar

from conformance.canary import hidden

_Data = TypeVar("_Data")


def clean(data: _Data) -> _Data:
    """Plain data, every text of it without a key; lone surrogates as their escapes."""
    return _clean(data)  # type: ignore[no-any-return]


def printable(text: str) -> str:
    """Lines for a log, without a key and inert."""
    return "\n".join(map(inert, clean(text).split("\n")))


def inert(line: str) -> str:
    """A line that cannot be a workflow command of GitHub's: these begin a line with `::`, or hold `##[`."""
    return re.sub(r"^(\s*)::", r"\1: :", line.replace("##[", "## ["))


def _clean(data: Any) -> Any:
    if isinstance(data, str):
        return hidden(data).encode("utf-8", "backslashreplace").decode()
    if isinstance(data, dict):
        return {_clean(key): _clean(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return type(data)(_clean(value) for value in data)
    return data
