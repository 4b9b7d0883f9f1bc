"""A part of a run: `--conformance-shard 2/3` is the second of three, which together are the whole.

A requirement is never divided: its cases are told by one story, and what its prerequisites are is judged wherever it is
needed. Of what is selected every third requirement goes to the same shard, so that those which take long, and stand
side by side in the catalogue, are spread over all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass


class BadShard(ValueError):
    """One sentence."""


@dataclass(frozen=True)
class Shard:
    number: int
    of: int

    def takes(self, requirements: Iterable[str]) -> set[str]:
        """Its own of these ids; whatever their order."""
        return set(sorted(set(requirements))[self.number - 1 :: self.of])


def read(text: str) -> Shard:
    """Raises `BadShard`."""
    found = re.fullmatch(r"([0-9]{1,4})/([0-9]{1,4})", text)
    number, of = map(int, found.groups()) if found else (0, 0)
    if not 1 <= number <= of:
        raise BadShard(f"--conformance-shard takes a part of a whole, such as 1/3 or 3/3, not {text!r}")
    return Shard(number, of)
