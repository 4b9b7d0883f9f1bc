"""Looks for an example that breaks a law, and for the smallest one that still does."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from typing import Any, Generic, TypeVar
from unittest.mock import patch

from conformance.laws import Example

T = TypeVar("T")

EXAMPLES = 10  # of each case, by default
SHRINKING = 2.0  # seconds, after which the smallest so far is told


class Search(Generic[T]):
    """`tried` says what is wrong with an example, or None. What was tried once is not tried again. A smaller one is
    looked for where it is `worth` it."""

    def __init__(self, tried: Callable[[Example], T | None], worth: Callable[[], bool]) -> None:
        self.tried = tried
        self.worth = worth
        self.known: dict[str, T | None] = {}
        self.until = 0.0  # when to stop making it smaller

    def run(self, strategy: Any, examples: int, seed: str) -> tuple[Example, T] | None:
        from hypothesis import Phase, Verbosity, find, settings  # noqa: PLC0415 - half a second
        from hypothesis.errors import NoSuchExample  # noqa: PLC0415

        quiet = settings(
            max_examples=examples,
            database=None,
            deadline=None,
            derandomize=False,
            phases=(Phase.generate, Phase.shrink),
            verbosity=Verbosity.quiet,
        )
        try:
            with _nothing_of_the_project():
                smallest: Example = find(strategy, self.fails, settings=quiet, random=Random(seed))
        except NoSuchExample:
            return None
        wrong = self.known[written(smallest)]
        return (smallest, wrong) if wrong is not None else None

    def fails(self, example: Example) -> bool:
        key = written(example)
        if key not in self.known:
            if self.until and time.monotonic() > self.until:
                return False
            self.known[key] = self.tried(example)
            if self.known[key] is not None:
                self.until = self.until or time.monotonic() + (SHRINKING if self.worth() else 0)
        return self.known[key] is not None


@contextmanager
def _nothing_of_the_project() -> Iterator[None]:
    """Hypothesis draws constants out of the source of whatever is imported, and keeps them in a folder: then other
    examples are drawn where something else was imported before. Versions that do not do it have no such name."""
    from hypothesis.internal.conjecture import providers  # noqa: PLC0415

    if not hasattr(providers, "_get_local_constants"):
        yield
        return
    with patch.object(providers, "_get_local_constants", lambda: providers._local_constants):
        yield


def written(example: Example) -> str:
    """As it stands on a command line."""
    return json.dumps(example, separators=(",", ":"))
