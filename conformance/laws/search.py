"""Looks for an example that breaks a law, and for the smallest one that still does."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from random import Random
from typing import Any, Generic, TypeVar
from unittest.mock import patch

from conformance.laws import Example

T = TypeVar("T")

EXAMPLES = 10  # of each case, by default
SMALLER = 150  # tries to make an example smaller
PATIENCE = 10.0  # seconds that they may take together


class _Enough(BaseException):
    """Ends the search. No Exception: Hypothesis would take that for a failure."""


class Search(Generic[T]):
    """`tried` says what is wrong with an example, or None. What was tried once is not tried again. A smaller one is
    looked for where it is `worth` it."""

    def __init__(self, tried: Callable[[Example], T | None], worth: Callable[[], bool]) -> None:
        self.tried = tried
        self.worth = worth
        self.known: dict[str, T | None] = {}
        self.left = -1  # tries to make it smaller, once one was found
        self.until = 0.0

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
        with suppress(_Enough, NoSuchExample), _nothing_of_the_project():
            find(strategy, self.fails, settings=quiet, random=Random(seed))
        found = [(example, wrong) for example, wrong in self.known.items() if wrong is not None]
        if not found:
            return None
        example, wrong = min(found, key=lambda row: (len(row[0]), row[0]))
        return json.loads(example), wrong

    def fails(self, example: Example) -> bool:
        key = written(example)
        if key not in self.known:
            self.count()
            self.known[key] = self.tried(example)
            if self.known[key] is not None and self.left < 0:
                self.left, self.until = SMALLER if self.worth() else 0, time.monotonic() + PATIENCE
        return self.known[key] is not None

    def count(self) -> None:
        """A number of tries, so that the same example is shown in every run; and a time, for those that hang."""
        if self.left == 0 or (self.left > 0 and time.monotonic() > self.until):
            raise _Enough
        self.left -= self.left > 0


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
