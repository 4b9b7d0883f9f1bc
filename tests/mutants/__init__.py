"""Adapters that must fail: the reference adapter with one lie each, in one sentence.

    @mutant(kills="STR-007", says="returned as an answer")
    class ForgetsTheTerminator(OpenAIChat):
        '''Takes the end of the connection for the end of the answer.'''

        def finished(self, answer): ...

`kills` is the requirement that must catch it, by name; `says` a part of what it must say.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, TypeVar

from conformance.config import ProviderConfig

T = TypeVar("T", bound=type[Any])


@dataclass(frozen=True)
class Mutant:
    adapter: type[Any]
    kills: str
    says: str
    config: ProviderConfig = field(default_factory=ProviderConfig)

    @property
    def name(self) -> str:
        return self.adapter.__name__

    @property
    def lie(self) -> str:
        return " ".join((self.adapter.__doc__ or "").split())

    @property
    def spec(self) -> str:
        return f"{self.adapter.__module__}:{self.name}"


_ALL: dict[str, Mutant] = {}


def mutant(*, kills: str, says: str, config: ProviderConfig | None = None) -> Callable[[T], T]:
    """Registers a broken adapter, and what pyproject.toml would say of it."""

    def register(adapter: T) -> T:
        made = Mutant(adapter, kills, says, config or ProviderConfig())
        assert made.spec not in _ALL, f"two mutants are called {made.spec}"
        assert made.lie, f"{made.name} does not say what its lie is"
        _ALL[made.spec] = made
        return adapter

    return register


def everything() -> list[Mutant]:
    """All mutants of this folder, in the order of what they kill."""
    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
    return sorted(_ALL.values(), key=lambda m: (m.kills, m.name))
