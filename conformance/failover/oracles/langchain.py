"""LangChain: `with_fallbacks` of the package itself, which takes any `Exception` for a reason to ask the next model."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

from conformance.trace import Decision, Failure

_HOST = "langchain_core.runnables"


def decide(exc: BaseException | None, failure: Failure) -> Decision:
    if exc is None or _HOST not in sys.modules:
        fits = exc is None or isinstance(exc, Exception)
        return Decision("next" if fits else "stop", failure.type, by="a model of with_fallbacks")
    runnable: Any = import_module(_HOST).RunnableLambda

    def fails(_: Any) -> Any:
        raise exc

    before = exc.__traceback__, exc.__context__
    try:
        answered = runnable(fails).with_fallbacks([runnable(lambda _: "next")]).invoke("")
    except BaseException:
        answered = "stop"
    finally:
        exc.__traceback__, exc.__context__ = before
    return Decision(answered, failure.type, by="langchain_core.runnables.with_fallbacks")
