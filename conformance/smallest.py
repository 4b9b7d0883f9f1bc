"""The smallest wire that shows a requirement: of all its cases the one in which the server says least, in the protocol
that most adapters speak where it is told in that."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from conformance import dialects, transcript
from conformance.case import Case, Wire
from conformance.dialects import OPERATION, Dialect
from conformance.dialects.facts import Route
from conformance.scene import script
from conformance.trace import Exchange, Outcome, Trace
from conformance.wording import asked_of

USUAL = "openai-chat"
SHOWN = 3  # answers of a case


@dataclass(frozen=True)
class Shown:
    """A case as it goes over the wire."""

    case: str
    dialect: str
    asked: str
    then: str  # what must hold, as the case says it
    wire: list[str]  # requests begin with ">", answers with "<"; without what the adapter puts into the body


def smallest(cases: Iterable[Case]) -> Shown | None:
    """None where no wire is written down: examples of a law are drawn, and imports need no server."""
    found = [one for case in cases if not case.law and not case.then.imports for one in _shown(case)]
    return min(found, key=lambda one: (one[1].dialect != USUAL, one[0]))[1] if found else None


def _shown(case: Case) -> Iterator[tuple[int, Shown]]:
    """With the bytes that the server sends in it."""
    dialect = dialects.load(case.dialect or USUAL)
    if not case.parts or any(map(dialect.cannot, case.parts)):
        return
    answers = [(OPERATION.get(part.ask.op), wire) for part in case.parts for wire in part.answers][:SHOWN]
    exchanges = [_exchange(route, wire, dialect) for route, wire in answers]
    wire = [line for exchange, (_, told) in zip(exchanges, answers, strict=True) for line in _lines(exchange, told)]
    told = (_printable(asked_of(case)), _printable(_then(case)))
    yield sum(len(e.sent) for e in exchanges), Shown(case.case, dialect.name, *told, wire)


def _then(case: Case) -> str:
    told = [part.then.model_dump(mode="json", exclude_defaults=True) for part in (*case.parts, case)]
    return " ".join(dict.fromkeys(json.dumps(then, ensure_ascii=False) for then in told if then))


def _exchange(route: Route | None, wire: Wire, dialect: Dialect) -> Exchange:
    """How an adapter asks for its health is its own affair."""
    method, _, path = dialect.facts.routes[route][0].partition(" ") if route else ("any", "", "")
    made = script(wire, dialect, route or "chat")
    return Exchange(
        method=method,
        path=f"{dialect.facts.mount}{path}" if route else "request",
        query="",
        headers=[],
        body=b"",
        connection=0,
        at=0.0,
        status=None if wire.fault else made.status,
        content_type=made.header("content-type"),
        sent=made.body,
        intended=made.intended,
        ended=wire.close,
    )


def _printable(text: str) -> str:
    """Half a character, of which some cases are, cannot be printed."""
    return text.encode("utf-8", "backslashreplace").decode()


def _lines(exchange: Exchange, wire: Wire) -> Sequence[str]:
    shown = [line.rstrip() for line in transcript.lines(Trace(Outcome(), [exchange]), wire.fault, "{key}")]
    if wire.fault and wire.fault not in transcript.FAULTS:
        shown.append(f"[{wire.fault.replace('_', ' ')}]")
    return shown
