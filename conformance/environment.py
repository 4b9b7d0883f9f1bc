"""Environment variables: set for a while, and put back where somebody changed them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager


@contextmanager
def changes() -> Iterator[dict[str, str]]:
    """Variables of the environment that are others at the end: their values, "" for those that are gone."""
    before, found = dict(os.environ), dict[str, str]()
    yield found
    after = dict(os.environ)
    names = sorted(n for n in before.keys() | after.keys() if before.get(n) != after.get(n))
    found.update({name: after.get(name, "") for name in names})
    _set({name: before.get(name) for name in names})


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
