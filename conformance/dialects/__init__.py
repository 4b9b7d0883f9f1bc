"""Wire protocols: facts as data, and one module each for what data cannot say.

A dialect knows where requests go, whether one is legal, what it asks for in the contract's words,
and which cassette shows each kind of error. It knows nothing of adapters or hosts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import import_module
from pathlib import Path
from typing import Any, Self

from conformance import cassettes
from conformance.case import Case
from conformance.cassettes import Cassette
from conformance.contract import Request
from conformance.dialects import facts as _facts
from conformance.dialects.facts import Facts, Route
from conformance.paths import CASSETTES, FIXTURES
from conformance.replay.script import Script
from conformance.trace import Exchange

_MODULES = {
    "openai-chat": "conformance.dialects.openai_chat",
    "bedrock-converse": "conformance.dialects.bedrock_converse",
    "ollama": "conformance.dialects.ollama",
    "ollama-generate": "conformance.dialects.ollama_generate",
    "openai-responses": "conformance.dialects.openai_responses",
    "anthropic-messages": "conformance.dialects.anthropic_messages",
    "cohere-chat": "conformance.dialects.cohere_chat",
    "gemini": "conformance.dialects.gemini",
}

OPERATION: dict[str, Route] = {"generate": "chat", "stream": "chat", "embed": "embeddings", "list_models": "models"}


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
    more: bool = False  # the list goes on, on another page


class Dialect:
    """A protocol that is described by data alone: requests are judged by their schema, and not read."""

    reads = False  # whether `read` understands requests
    answers = ""  # the module whose `said` understands answers

    def __init__(self, facts: Path, schemas: Path, recorded: Path, *, whole: bool = False) -> None:
        self.facts: Facts = _facts.read(facts)
        self.name = self.facts.name
        self._schemas = schemas
        self._recorded = recorded
        self.is_whole = whole  # what it has no cassette for is told in `absent`, with the reason

    @classmethod
    def shipped(cls, name: str) -> Self:
        facts, schemas = FIXTURES / "dialects" / f"{name}.yaml", FIXTURES / "schemas" / name
        made = cls(facts, schemas, CASSETTES / name, whole=True)
        made._recorded = CASSETTES / (made.facts.like or name)
        return made

    @classmethod
    def own(cls, folder: Path) -> Self:
        """A project's: `dialect.yaml`, `schemas/<operation>.json` and `cassettes/`. Raises `BrokenCatalogue`."""
        made = cls(folder / "dialect.yaml", folder / "schemas", folder / "cassettes")
        for name in {*made.facts.good.values(), *made.facts.errors.values()}:
            made.cassette(name)
        return made

    # --- requests --------------------------------------------------------------------------

    def judge(self, exchange: Exchange) -> Sequence[str]:
        """What the real API would reject the request for: "$.messages[0].role: …" each."""
        if exchange.method in ("GET", "HEAD"):
            return ["a GET request has no body"] if exchange.body else []
        body = exchange.json()
        if not isinstance(body, dict):
            return [f"the body is not a JSON object: {exchange.body[:80]!r}"]
        problems = [_problem(error) for error in self._validator(exchange.operation or "chat").iter_errors(body)]
        return problems or list(self.rules(exchange, body))

    def rules(self, exchange: Exchange, body: dict[str, Any]) -> Iterator[str]:
        """What a schema cannot say of a body that is right by its schema."""
        yield from ()

    def unknown(self, exchange: Exchange) -> Sequence[str]:
        """Fields of the request that neither the API nor a known vendor of the dialect has."""
        body = exchange.json()
        if exchange.method in ("GET", "HEAD") or not isinstance(body, dict):
            return []
        schema = self._schema(exchange.operation or "chat")
        known = schema.get("properties", {})
        return [name for name in body if name not in known] if known else []

    def body(self, exchange: Exchange) -> Any:
        """The request's, in one spelling where the protocol has several; None where it is not JSON."""
        return exchange.json()

    def read(self, exchange: Exchange) -> Read:
        """The request in the contract's words. Raises ValueError where it cannot be understood."""
        raise ValueError(f"requests of {self.name} are not read")

    def operation(self, exchange: Exchange, mount: str) -> Route | None:
        """Which route the request is for, exactly; None: none."""
        path = _facts.below(exchange.path, mount)
        fits = (n for n, m, p in self.facts.patterns if path is not None and m == exchange.method and p.match(path))
        return next(fits, None)

    def before(self, exchange: Exchange) -> tuple[int, str] | None:
        """How much of the path is a route of this dialect, and what stands before it; None: nothing is."""
        found = [p.search(exchange.path) for _, m, p in self.facts.patterns if m == exchange.method]
        starts = [f.start() for f in found if f and f[0].strip("/")]  # the root of something is any path
        return (len(exchange.path) - min(starts), exchange.path[: min(starts)]) if starts else None

    def same(self, name: str, value: Any) -> Any:
        """What is asked or answered, as it is compared: what the wire can say in several ways, in one of them."""
        return value

    # --- answers ---------------------------------------------------------------------------

    def streams(self, exchange: Exchange) -> bool:
        """Whether the request asks for a stream."""
        body = exchange.json()
        return isinstance(body, dict) and bool(body.get("stream"))

    def framing(self, exchange: Exchange | None) -> str:
        """How the stream that this request asks for is cut into events."""
        return self.facts.framing

    def told(self, exchange: Exchange, made: Script) -> Script:
        """The answer in the form that this request asks for, where the protocol has several."""
        return made

    def cassette(self, name: str, folder: Path | None = None) -> Cassette:
        """One of its own, or of a user's `folder`. Raises `BrokenCassette`."""
        if folder is not None:
            return cassettes.load(self.name, name, folder)
        name = self.facts.same_as.get(name, name)
        return cassettes.load(self.facts.lender(name) or self._recorded.name, name, self._recorded.parent)

    def has(self, cassette: str) -> bool:
        """Whether it has recorded, or borrows, this one."""
        name = self.facts.same_as.get(cassette, cassette)
        return bool(self.facts.lender(name)) or (self._recorded / f"{name}.yaml").is_file()

    def cannot(self, case: Case) -> str | None:
        """Why the case says nothing in this dialect; None when it does."""
        reason = self.facts.why_not(case)
        if reason is None and case.ask.op != "health" and OPERATION[case.ask.op] not in self.facts.routes:
            reason = f"there is no route for {case.ask.op}"
        sents = [then.sent for then in (case.then, *case.then.either) if then.sent]
        looked_at = any(s.same or s.absent or s.nothing_said for s in sents) or any(w.echo_tool for w in case.answers)
        if reason is None and not self.reads and looked_at:
            reason = "requests are not read, only validated"
        if reason is None and not self.is_whole:
            reason = self._lacks(case)
        return f"dialect {self.name}: {reason}" if reason else None

    def _lacks(self, case: Case) -> str | None:
        """A cassette or a kind of error that a project's own dialect does not have."""
        for wire in case.answers:
            if wire.cassette and not wire.folder and not (self._recorded / f"{wire.cassette}.yaml").is_file():
                return f"there is no cassette {wire.cassette}.yaml"
            if wire.error and wire.error not in self.facts.errors:
                return f"there is no error of kind {wire.error}"
        return None

    def said(self, operation: str, status: int, body: bytes, streamed: bool) -> Said:
        """What a recorded answer says. Raises ValueError where there is no telling."""
        if not self.answers:
            raise ValueError(f"answers of {self.name} are not read")
        read: Said = import_module(self.answers).said(operation, status, body, streamed)
        return read

    # --- schemas ---------------------------------------------------------------------------

    @cached_property
    def _validators(self) -> dict[str, Any]:
        return {}

    def _schema(self, operation: str) -> dict[str, Any]:
        """A project's own dialect need not have one for each: without one anything is legal."""
        path = self._schemas / f"{operation}.json"
        if self.facts.like and not path.is_file():
            path = self._schemas.parent / self.facts.like / path.name
        return _json(path) if self.is_whole or path.is_file() else {"properties": {}, "additionalProperties": True}

    def _validator(self, operation: str) -> Any:
        from jsonschema import Draft202012Validator  # noqa: PLC0415 - only runs with a provider pay for it

        if operation not in self._validators:
            self._validators[operation] = Draft202012Validator(self._schema(operation))
        return self._validators[operation]


@cache
def _json(path: Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return data


def _problem(error: Any) -> str:
    """Closed objects of the schema let null through, which means not said: a stray field is one of a wrong type."""
    stray = list(error.schema_path)[-2:] == ["additionalProperties", "type"]
    text = "there is no such field" if stray else error.message
    return f"{error.json_path}: {text if len(text) <= 160 else f'{text[:157]}…'}"


_own: dict[str, Dialect] = {}


def add(dialects: Iterable[Dialect]) -> None:
    """Dialects of the project that is judged, beside the shipped ones; in place of those added before."""
    _own.clear()
    _own.update({dialect.name: dialect for dialect in dialects})


def load(name: str) -> Dialect:
    """The dialect of that name. Raises KeyError."""
    return _own[name] if name in _own else _shipped(name)


@cache
def _shipped(name: str) -> Dialect:
    dialect: Dialect = import_module(_MODULES[name]).DIALECT
    return dialect


def names() -> list[str]:
    return [*_MODULES, *(name for name in _own if name not in _MODULES)]


def address_variables() -> tuple[str, ...]:
    """Where adapters without a constructor argument for it look for their address."""
    return tuple(name for dialect in map(load, names()) for name in dialect.facts.address_variables)


def recognise(exchange: Exchange, known: Sequence[Dialect] = ()) -> tuple[Dialect, str] | None:
    """The dialect of which most of the path is a route, and the part of the path before that route.
    Of two with the same route it is the one that the key is sent as, or else the project's own."""
    found = [(d, *b) for d in known or map(load, names()) if (b := d.before(exchange))]
    found.sort(key=lambda row: (row[1], _carries_a_key(row[0], exchange), row[0].name in _own), reverse=True)
    return (found[0][0], found[0][2]) if found else None


def _carries_a_key(dialect: Dialect, exchange: Exchange) -> bool:
    return any(p.query in exchange.query if p.query else exchange.header(p.header) for p in dialect.facts.key)
