"""What the server answers in one case: the case's wire, in the subject's dialect."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import replace
from email.utils import formatdate

from conformance.canary import CANARY
from conformance.catalogue import Case, Wire
from conformance.dialects import OPERATION, Dialect
from conformance.dialects.facts import Route
from conformance.longhand import repeated
from conformance.replay import transforms
from conformance.replay.framing import Framing
from conformance.replay.script import Script
from conformance.trace import Exchange

# Facts of one recorded connection, not of the answer.
_HOP_BY_HOP = {"connection", "content-length", "date", "keep-alive", "server", "transfer-encoding", "content-encoding"}


def answers(case: Case, dialect: Dialect, mount: str) -> Callable[[Exchange], Script]:
    """The server's part. Requests of the asked kind get the case's answers in turn, the last one for ever;
    what an adapter asks on the way there (a model list, say) gets a good answer; anything else a 404."""
    wanted = OPERATION.get(case.ask.op)
    served = 0

    def answer(exchange: Exchange) -> Script:
        given = choose(exchange)
        exchange.content_type = given.header("content-type")
        return given

    def choose(exchange: Exchange) -> Script:
        nonlocal served
        exchange.operation = dialect.operation(exchange, mount)
        if exchange.operation is None:
            return script(Wire(error="not_found"), dialect)
        if wanted not in (None, exchange.operation):
            return script(Wire(cassette=dialect.facts.good[exchange.operation]), dialect, exchange=exchange)
        exchange.turn, served = served, served + 1
        return script(case.answers[min(served, len(case.answers)) - 1], dialect, exchange.operation, exchange)

    return answer


def script(wire: Wire, dialect: Dialect, operation: Route = "chat", exchange: Exchange | None = None) -> Script:
    """One answer as the server plays it."""
    if wire.fault:
        return Script(fault=wire.fault)
    framing = _framing(dialect)
    made = _raw(wire, dialect) if wire.body is not None else _played(wire, dialect, operation, framing)
    made = made.with_headers({name: _header(value) for name, value in wire.headers.items()})
    if exchange is not None:
        made, framing = dialect.told(exchange, made), _framing(dialect, exchange)
    whole = len(made.body)
    chunks = transforms.apply(wire.transform, made.chunks, framing)
    made = replace(
        made,
        chunks=chunks,
        status=wire.status or made.status,
        end=wire.close,
        hold_after=None if wire.hold_after is None else framing.index(chunks, wire.hold_after) + 1,
        gap=wire.gap,
        promise=wire.promise,
    )
    return replace(made, whole=max(whole, len(made.body)))


def _framing(dialect: Dialect, exchange: Exchange | None = None) -> Framing:
    return Framing(dialect.framing(exchange), tuple(mark.encode() for mark in dialect.facts.complete))


def _header(value: str) -> str:
    """`{date+30}` is the HTTP date in thirty seconds."""
    found = re.fullmatch(r"\{date\+(\d+)\}", value)
    return formatdate(time.time() + int(found[1]), usegmt=True) if found else value


def _raw(wire: Wire, dialect: Dialect) -> Script:
    told = wire.body[dialect.name] if isinstance(wire.body, dict) else wire.body or ""
    text = repeated(told.replace("{key}", CANARY)).encode()
    body = re.sub(rb"\\x([0-9a-f]{2})", lambda m: bytes.fromhex(m[1].decode()), text)
    return Script(status=wire.status or 200, chunks=(body,))


def _played(wire: Wire, dialect: Dialect, operation: Route, framing: Framing) -> Script:
    facts = dialect.facts
    name = facts.errors[wire.error] if wire.error else wire.cassette or facts.good[operation]
    recorded = dialect.cassette(name).interactions[0]
    headers = tuple((k, v) for k, v in recorded.headers if k not in _HOP_BY_HOP)
    made = Script(status=recorded.status, headers=headers, chunks=recorded.chunks)
    written = made.streamed and len(made.chunks) == 1  # an authored stream has no reads of its own: one an event
    return replace(made, chunks=transforms.apply("by-event", made.chunks, framing)) if written else made
