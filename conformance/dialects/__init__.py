"""Wire protocols, one module each.

A dialect knows where requests go, whether one is legal, what it asks for in the contract's words,
and which cassette shows each kind of error. It knows nothing of adapters or hosts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Protocol

from conformance.contract import Request
from conformance.trace import Exchange

_MODULES = {"openai-chat": "conformance.dialects.openai_chat"}


@dataclass(frozen=True)
class Read:
    """A request as the provider would understand it."""

    request: Request
    stream: bool = False
    inputs: tuple[str, ...] = ()  # of an embeddings request


@dataclass
class Said:
    """What an answer says; or, in `kinds`, the kinds of error of which one must come."""

    text: str = ""
    calls: list[tuple[str, Any]] = field(default_factory=list)  # name, arguments
    finish: str = "unknown"
    usage: tuple[Any, Any, Any] | None = None
    refusal: str = ""
    reasoning: str = ""
    model: str = ""
    id: str = ""
    vectors: list[list[float]] = field(default_factory=list)
    models: list[str] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)
    odd: bool = False  # said in a way that not every adapter has to know


class Dialect(Protocol):
    name: str
    mount: str  # the path that a base URL of this dialect usually ends with
    routes: Mapping[str, tuple[str, str]]  # operation -> method and path below the mount
    good: Mapping[str, str]  # operation -> cassette of a plain good answer
    errors: Mapping[str, str]  # error kind -> cassette

    def judge(self, exchange: Exchange) -> Sequence[str]:
        """What the real API would reject the request for: "$.messages[0].role: …" each."""

    def unknown(self, exchange: Exchange) -> Sequence[str]:
        """Fields of the request that neither the API nor a known vendor of the dialect has."""

    def read(self, exchange: Exchange) -> Read:
        """The request in the contract's words. Raises ValueError where it cannot be understood."""

    def credentials(self, exchange: Exchange) -> str | None:
        """The key, from where the dialect carries it."""

    def said(self, operation: str, status: int, body: bytes, streamed: bool) -> Said:
        """What a recorded answer says. Raises ValueError where there is no telling."""


def load(name: str) -> Dialect:
    """The dialect of that name. Raises KeyError."""
    dialect: Dialect = import_module(_MODULES[name]).DIALECT
    return dialect


def names() -> list[str]:
    return list(_MODULES)


def recognise(exchange: Exchange) -> tuple[Dialect, str] | None:
    """The dialect whose route the request ends with, and the part of the path before that route."""
    for dialect in map(load, names()):
        for method, path in dialect.routes.values():
            if exchange.method == method and exchange.path.endswith(path):
                return dialect, exchange.path.removesuffix(path)
    return None
