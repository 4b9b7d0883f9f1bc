"""Lies about what is imported. A module of its own, for its import is what is looked at."""

from __future__ import annotations

from typing import Any

import cohere  # noqa: F401 - the lie

from conformance.reference import OpenAIChat
from tests.mutants import mutant

try:
    import ollama

    reason = ""
except ImportError:
    ollama, reason = None, "install ollama"  # type: ignore[assignment]


@mutant(kills="LIF-008", says="its import loads packages that a call does not use")
class ImportsWhatItDoesNotUse(OpenAIChat):
    """Imports an SDK at the top, which it does not use."""


@mutant(kills="LIF-009", says="AttributeError escaped where ollama is not installed")
class GoesOnWithoutIt(OpenAIChat):
    """Sets the SDK to None where it cannot be imported, and uses it all the same."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.other = ollama.Client("http://127.0.0.1:9")


@mutant(kills="LIF-010", says="the reason why ollama cannot be loaded is lost")
class HidesTheReason(OpenAIChat):
    """Says that the SDK has to be installed, whatever kept it from being imported."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if reason:
            raise ImportError(reason)
        self.other = ollama.Client("http://127.0.0.1:9")
