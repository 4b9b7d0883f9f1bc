"""Environment variables: set for a while, and put back where somebody changed them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any


@contextmanager
def changes() -> Iterator[dict[str, str]]:
    """Variables of the environment that are others at the end: their values, "" for those that are gone."""
    before, found = _undecoded(), dict[str, str]()
    yield found
    after = _undecoded()
    if after != before:
        names = {n: os.fsdecode(n) for n in before.keys() | after.keys() if before.get(n) != after.get(n)}
        found.update({name: os.fsdecode(after.get(n, "")) for n, name in sorted(names.items(), key=lambda row: row[1])})
        _set({name: os.fsdecode(before[n]) if n in before else None for n, name in names.items()})


def _undecoded() -> dict[Any, Any]:
    """As the system has them: they are looked at around every call, and to decode them all takes long."""
    return dict(getattr(os.environ, "_data", os.environ))


@contextmanager
def environment(changes: Mapping[str, str | None]) -> Iterator[None]:
    """Variables set (or, with None, unset) for a while."""
    before = {name: os.environ.get(name) for name in changes}
    _set(changes)
    try:
        yield
    finally:
        _set(before)


def _set(values: Mapping[str, str | None]) -> None:
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
