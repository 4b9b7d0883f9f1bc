"""A seed in the argument of a transform."""

from __future__ import annotations

from random import Random


def seeded(argument: str) -> Random:
    """The same number gives the same bytes; none is 0. Raises ValueError."""
    if argument and not argument.isdigit():
        raise ValueError(f"it takes a number, not {argument!r}")
    return Random(int(argument or 0))
