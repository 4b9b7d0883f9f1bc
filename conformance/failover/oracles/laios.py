"""LAIOS, of which only the documentation is public: `LLMRouter` takes any exception for a reason to ask the next
provider, and `CircuitBreaker` counts them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal, TypeVar

from conformance.trace import Decision, Failure

T = TypeVar("T")


def decide(exc: BaseException | None, failure: Failure) -> Decision:
    """A host catches `Exception`; what ends the process goes past it."""
    if exc is not None and not isinstance(exc, Exception):
        return Decision("stop", "it is no Exception", by="a model of LLMRouter")
    return Decision("next", "any exception", by="a model of LLMRouter")


class CircuitBreakerError(Exception):
    """Nothing is asked while the circuit is open."""


class CircuitBreaker:
    """Open after so many failures in a row; half open after so many seconds: then one success closes it, and one
    failure opens it again."""

    def __init__(
        self,
        name: str = "llm",
        failure_threshold: int = 5,
        recovery_timeout: float = 30.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name, self.failure_threshold, self.recovery_timeout = name, failure_threshold, recovery_timeout
        self._clock = clock
        self.reset()

    @property
    def state(self) -> Literal["CLOSED", "OPEN", "HALF_OPEN"]:
        if self._opened_at is None:
            return "CLOSED"
        return "HALF_OPEN" if self._clock() - self._opened_at >= self.recovery_timeout else "OPEN"

    def reset(self) -> None:
        self.failures = 0
        self._opened_at: float | None = None

    def failed(self) -> None:
        self.failures += 1
        if self.failures >= self.failure_threshold or self.state == "HALF_OPEN":
            self._opened_at = self._clock()

    def call(self, function: Callable[[], T]) -> T:
        if self.state == "OPEN":
            raise CircuitBreakerError(f"circuit {self.name} is open after {self.failures} failures")
        try:
            result = function()
        except Exception:
            self.failed()
            raise
        self.reset()
        return result
