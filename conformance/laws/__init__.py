"""Laws: what holds of every example, not only of those that somebody thought of.

A case that names a law (`law: framing`) has no wire and no expectation of its own. The law draws an example, plain
JSON data, and makes cases of it that are played and judged as all others are. Hypothesis draws, and where an example is
wrong looks for the smallest one that still is. `--conformance-example` plays a given one again.

The same examples are drawn in every run: no adapter fails by bad luck.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from conformance.case import Case
from conformance.dialects import Dialect
from conformance.trace import Trace

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

Example = dict[str, Any]  # JSON
Scenes = Generator[Sequence[Case], Sequence[Trace], None]  # cases that are played at once, and what they left


class Stage(Protocol):
    """What a law plays on: one subject, and the cases that can be tried on it."""

    @property
    def dialect(self) -> Dialect: ...

    def base(self, name: str) -> Case | None:
        """The case of that name; None where it is wrong as it is: then its own requirement tells it."""

    def bases(self, op: str) -> Sequence[str]:
        """Names of the demanded cases with a plain good answer."""


class Law(Protocol):
    @property
    def often(self) -> int: ...

    def examples(self, stage: Stage, case: Case) -> SearchStrategy[Example]: ...

    def scenes(self, stage: Stage, case: Case, example: Example) -> Scenes: ...


@dataclass(frozen=True)
class Made:
    """A law of two functions."""

    examples: Callable[[Stage, Case], SearchStrategy[Example]]
    scenes: Callable[[Stage, Case, Example], Scenes]
    often: int = 1  # as many examples as of other laws, times this


@cache
def load(name: str) -> Law:
    """Raises KeyError. The laws are only imported where one is tried, and Hypothesis with them."""
    from conformance.laws import answers, conversations, noise, ways  # noqa: PLC0415 - see above

    return {
        "framing": Made(answers.framings, answers.framed),
        "json": Made(answers.jsons, answers.rewritten),
        "cut": Made(answers.cuts, answers.cut),
        "parity": Made(answers.retellings, answers.both_ways),
        "text": Made(conversations.texts, conversations.said),
        "history": Made(conversations.histories, conversations.remembered),
        "at-once": Made(conversations.crowds, conversations.at_once),
        "ways": Made(ways.questions, ways.either_way),
        "noise": Made(noise.noises, noise.heard, often=3),
    }[name]
