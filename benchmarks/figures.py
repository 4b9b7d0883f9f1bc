"""One measured figure, and the tables that show many."""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

T = TypeVar("T")
HEAD = ("measured", "median", "quartiles", "aim", "")


class Cost(NamedTuple):
    """Seconds that something took."""

    wall: float
    cpu: float  # user and system, of all threads and waited-for children


@dataclass(frozen=True)
class Figure:
    """One row: a value for each round. Ratios are made within a round, so that a busy machine slows both sides."""

    name: str
    samples: Sequence[float]
    unit: str  # "x": a ratio
    aim: float | None = None  # at most

    @property
    def median(self) -> float:
        return statistics.median(self.samples)

    @property
    def missed(self) -> bool:
        return self.aim is not None and self.median > self.aim

    def cells(self) -> tuple[str, str, str, str, str]:
        low, _, high = statistics.quantiles(self.samples, n=4, method="inclusive")
        aim = "" if self.aim is None else f"at most {self.aim:g} {self.unit}"
        verdict = "" if self.aim is None else "missed" if self.missed else "met"
        return self.name, f"{_short(self.median)} {self.unit}", f"{_short(low)} to {_short(high)}", aim, verdict


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def shuffled(jobs: Mapping[str, Callable[[], T]]) -> dict[str, T]:
    """Does each job once, in random order: none is always the one that comes first, or after the heavy one."""
    return {name: jobs[name]() for name in random.sample(list(jobs), len(jobs))}


def as_text(figures: Sequence[Figure]) -> Iterator[str]:
    """For a terminal."""
    rows = [HEAD, *(figure.cells() for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def as_markdown(figures: Sequence[Figure]) -> Iterator[str]:
    """For the page."""
    yield f"| {' | '.join(HEAD)} |"
    yield "|---|---:|---:|---|---|"
    for figure in figures:
        yield f"| {' | '.join(figure.cells())} |"
