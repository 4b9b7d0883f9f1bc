"""Hosts, one module each: how an adapter of that host is recognised, called, and read.

A driver turns one `Ask` into a call of the adapter and brings home an `Outcome`, in the contract's
words. It judges nothing, and lets nothing of the adapter escape: what the adapter raises is data.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from time import monotonic
from typing import Any, Protocol

from conformance.ask import Ask
from conformance.case import How
from conformance.trace import Failure, Outcome

_MODULES = {
    "native": "conformance.drivers.native",
    "laios": "conformance.drivers.laios",
    "llm-council": "conformance.drivers.llm_council",
    "langchain": "conformance.drivers.langchain",
    "pydantic-ai": "conformance.drivers.pydantic_ai",
    "litellm": "conformance.drivers.litellm",
    "openai-sdk": "conformance.drivers.openai_client",
    "anthropic-sdk": "conformance.drivers.anthropic_client",
    "llama-index": "conformance.drivers.llama_index",
    "haystack": "conformance.drivers.haystack",
    "llm": "conformance.drivers.llm",
}
ENTRY_POINTS = "conformance.drivers"  # of drivers that are not the kit's own; the name is that of the host

_OF_PROCESSES = ("openclaw", "openclaw-guide", "agentos")  # hosts that are not of Python: what a process may name


@dataclass(frozen=True)
class Call:
    """Everything a driver needs for one call."""

    build: Callable[[], Any]  # makes the adapter, on the case's own address
    ask: Ask
    deadline: float  # seconds after which the call is given up as hung
    first_event: Callable[[], object] = lambda: None  # to be told when the first text has come
    meanwhile: Callable[[], Any] | None = None  # to be called then, and awaited in an event loop: other calls
    left: Callable[[], object] = lambda: None  # to be told when the stream was left; returns when upstream knows
    over: Callable[[], object] = lambda: None  # ends what is left upstream: a thread of the adapter's may wait for it
    stuck: Callable[[], object] = lambda: None  # returns when the server has nothing new to say
    timeout: float = 10.0  # the adapter's own, in seconds, for hosts that tell it with each request
    started: float = field(default_factory=monotonic)


@dataclass(frozen=True)
class Calls:
    """Several calls, each with its own `build`; where one adapter serves them all, the first one's."""

    each: Sequence[Call]
    how: How
    one: bool
    marks: Collection[int]  # after which of them, where they go in turn, it is to be counted what there is
    begins: Callable[[int], object]  # to be told which is next, where they go in turn
    counts: Callable[[int], object]  # to be told, with the number of tasks alive; in no event loop's thread
    closes: int
    closed: Callable[[int, Failure | None], object]  # to be told that it was closed, and what that raised


class Driver(Protocol):
    """One that has `asks_meanwhile` calls `Call.meanwhile`, one that has `pauses` heeds `Ask.pause`."""

    host: str
    asynchronous: bool

    def recognise(self, target: Any) -> str | None:
        """Why `target` (a class or an instance) is an adapter of this host, or None."""

    def capabilities(self, target: Any) -> dict[str, bool]:
        """What it declares that it can do."""

    def call(self, call: Call) -> Outcome: ...

    def several(self, calls: Calls) -> list[Outcome]: ...


@cache
def load(host: str) -> Driver:
    """The driver of that host, or the one at `module:class`. Raises KeyError."""
    if host in _MODULES:
        driver: Driver = import_module(_MODULES[host]).DRIVER
        return driver
    if ":" in host:
        return _made(EntryPoint("", host, ENTRY_POINTS))
    found = next(iter(entry_points(group=ENTRY_POINTS, name=host)), None)
    if found is None:
        raise KeyError(host)
    return _made(found)


def _made(point: EntryPoint) -> Driver:
    named = point.load()
    made: Driver = named() if isinstance(named, type) else named
    return made


def names() -> list[str]:
    """Those of entry points first: they are there because somebody wants them."""
    return [*(p.name for p in entry_points(group=ENTRY_POINTS) if p.name not in _MODULES), *_MODULES]


def judged_as() -> list[str]:
    """All hosts that have a profile."""
    return [*_MODULES, *_OF_PROCESSES]
