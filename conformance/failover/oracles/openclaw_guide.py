"""OpenClaw as its guide shows it: `modelFallbacks`, each with the errors that make it take over. A model of that list.

modelFallbacks:
  - {model: openai/gpt-4o, triggerOnErrors: [rate_limit_error, overloaded_error]}
  - {model: ollama/llama3.1:70b, triggerOnErrors: [all]}
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conformance.trace import Decision, Failure

BY = "a model of modelFallbacks"


@dataclass(frozen=True)
class Fallback:
    model: str
    trigger_on_errors: Sequence[str]

    def takes_over(self, failure: Failure) -> str | None:
        """The trigger that the error's code, kind or text names."""
        said = " ".join(filter(None, (failure.code, failure.kind, failure.text))).lower()
        return next((word for word in self.trigger_on_errors if word == "all" or word.lower() in said), None)


AS_SHOWN = (
    Fallback("openai/gpt-4o", ("rate_limit_error", "overloaded_error")),
    Fallback("ollama/llama3.1:70b", ("all",)),
)


def decide(exc: BaseException | None, failure: Failure) -> Decision:
    return taken_over(failure, AS_SHOWN)


def taken_over(failure: Failure, fallbacks: Sequence[Fallback]) -> Decision:
    for fallback in fallbacks:
        if trigger := fallback.takes_over(failure):
            return Decision("next", f"{trigger}: {fallback.model}", by=BY)
    return Decision("stop", "no fallback for it", by=BY)
