"""What a host does about an error: one module each, in which `decide` is a plain function from the error to an action.

Where the host's own code is there, because the adapter has loaded it, that is asked; else a model of it, whose sources
stand in the host's profile. `exc` is None where the adapter runs in another process and its error came as data.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from conformance.trace import Decision, Failure

Oracle = Callable[[BaseException | None, Failure], Decision]

_MODULES = {
    "native": "native",
    "laios": "laios",
    "llm-council": "llm_council",
    "langchain": "langchain",
    "litellm": "litellm",
    "agentos": "agentos",
    "openclaw": "openclaw",
    "openclaw-guide": "openclaw_guide",
}


def of(host: str) -> Oracle | None:
    """None where the kit does not know what the host does."""
    if host not in _MODULES:
        return None
    oracle: Oracle = import_module(f"{__name__}.{_MODULES[host]}").decide
    return oracle


def hosts() -> list[str]:
    return list(_MODULES)
