"""A chain of adapters in an outage: who is asked when.

    from conformance.failover import Outage, play

    def test_the_cloud_answers_while_ollama_is_down():
        played = play({"local": "acme:Local", "cloud": "acme:Cloud"}, [Outage("local", "refuse")])
        assert played.who == [["local", "cloud"]]

What each host does about an error is in `conformance.failover.oracles`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conformance.failover.playing import Asked, Outage, Played, play

__all__ = ["Asked", "Outage", "Played", "play"]


def __getattr__(name: str) -> Any:
    """Late: the drivers ask the oracles of this package, and what plays asks the drivers."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.playing"), name)
