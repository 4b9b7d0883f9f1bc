"""LLM Council reads the words of `str(exc)`, and its `DegradationPolicy` acts on what they mean.

A kind that it tries again (rate_limit, timeout, network) has two more chances, after one and two seconds; one that it
has no word for has one. Retry-After is never read.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

from conformance.drivers.council_errors import classified
from conformance.trace import Decision, Failure

POLICY = "llm_council.engine.degradation"
_BASE = "llm_council.providers.base"  # loaded where the adapter stands on the real package
_MOST = 10  # decisions about the same error
_LEAVES_OUT = ("billing", "auth", "cli_not_found", "empty_response", "model_unavailable")
_TRIES_AGAIN = ("rate_limit", "timeout", "network")
_DOES = {"skip": "skip", "continue": "next", "fallback": "next", "abort": "stop"}


def decide(exc: BaseException | None, failure: Failure) -> Decision:
    if exc is not None and not isinstance(exc, Exception):
        return Decision("stop", "it is no Exception", by="a model of its orchestrator")
    return _asked(failure.text) if _is_there() else _modelled(failure.text)


def _is_there() -> bool:
    """Older packages have no policy."""
    try:
        return _BASE in sys.modules and hasattr(import_module(POLICY), "DegradationPolicy")
    except ImportError:
        return False


def _asked(text: str) -> Decision:
    """By the host's own policy: what it decides the first time, and how often it would ask again."""
    policy: Any = import_module(POLICY).DegradationPolicy()
    first = policy.decide("kit", text, "drafts", 1)
    again = 1
    while again < _MOST and policy.decide("kit", text, "drafts", 1).action.value == "retry":
        again += 1
    kind = str(import_module(_BASE).classify_error(text).value)
    if first.action.value != "retry":
        return Decision(_DOES[first.action.value], kind, by=POLICY)
    return Decision("wait" if again > 1 else "retry", kind, first.retry_delay_ms / 1000, by=POLICY)


def _modelled(text: str) -> Decision:
    kind, by = classified(text), f"a model of {POLICY}"
    if kind in _LEAVES_OUT:
        return Decision("skip", kind, by=by)
    return Decision("wait" if kind in _TRIES_AGAIN else "retry", kind, 1.0, by=by)
