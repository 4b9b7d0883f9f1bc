"""One call of an adapter as it is asked for: small and plain, for it may have to travel to another process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

from conformance.ask import Adapter, Ask
from conformance.canary import CANARY
from conformance.replay.intercept import Origin
from conformance.trace import Trace

GRACE = 3.0  # seconds beyond the adapter's own timeout before a call counts as hung

Told = dict[str, Any]  # what the driver tells the server, and waits for there (`drivers.Call`)
UNHEARD: Told = dict.fromkeys(("first_event", "left", "stuck", "over"), lambda: None)


class Job(Protocol):
    """What is to be done with the adapter, in this process or in the worker's."""

    @property
    def address(self) -> str: ...

    @property
    def given_up(self) -> float:
        """Seconds after which it counts as hung."""

    def run(self, examiner: Any, told: Told) -> Trace: ...


class Caller(Protocol):
    def here(self, asked: Asked, told: Told) -> Trace: ...


@dataclass(frozen=True)
class Asked:
    """One call."""

    ask: Ask
    adapter: Adapter
    base_url: str
    fixed: tuple[Origin, ...]
    variables: Mapping[str, str | None]
    watched: frozenset[str]

    @property
    def address(self) -> str:
        return written(self.adapter.url, self.base_url)

    @property
    def given_up(self) -> float:
        return given_up_after(self.ask, self.adapter)

    def run(self, examiner: Caller, told: Told) -> Trace:
        return examiner.here(self, told)


def given_up_after(ask: Ask, adapter: Adapter) -> float:
    """Seconds after which a call counts as hung."""
    return adapter.timeout + ask.pause + (GRACE if ask.patience is None else ask.patience)


def written(url: str, base_url: str) -> str:
    """The base URL in the form that the case wants."""
    parts = urlsplit(base_url)
    known = {"base_url": base_url, "key": CANARY, "port": str(parts.port), "path": parts.path}
    for name, value in known.items():
        url = url.replace(f"{{{name}}}", value)
    return url
