"""What the server answers in one case: the case's wire, in the subject's dialect."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import replace
from email.utils import formatdate
from pathlib import Path

from conformance import cassettes
from conformance.canary import CANARY
from conformance.catalogue import Case, Wire
from conformance.dialects import Dialect
from conformance.longhand import repeated
from conformance.paths import CASSETTES
from conformance.replay import transforms
from conformance.replay.script import Script
from conformance.trace import Exchange

OPERATION = {"generate": "chat", "stream": "chat", "embed": "embeddings", "list_models": "models"}

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
        exchange.operation = operation(exchange, dialect, mount)
        if exchange.operation is None:
            return script(Wire(error="not_found"), dialect)
        if wanted not in (None, exchange.operation):
            return script(Wire(cassette=dialect.good[exchange.operation]), dialect)
        served += 1
        return script(case.answers[min(served, len(case.answers)) - 1], dialect, exchange.operation)

    return answer


def operation(exchange: Exchange, dialect: Dialect, mount: str) -> str | None:
    """Which route of the dialect the request is for, exactly; None: none."""
    for name, (method, path) in dialect.routes.items():
        if exchange.method == method and exchange.path == mount + path:
            return name
    return None


def script(wire: Wire, dialect: Dialect, operation: str = "chat") -> Script:
    """One answer as the server plays it."""
    if wire.fault:
        return Script(fault=wire.fault)
    made = _raw(wire) if wire.body is not None else _played(wire, dialect, operation)
    whole = len(made.body)
    made = replace(
        made,
        chunks=transforms.apply(wire.transform, made.chunks),
        status=wire.status or made.status,
        end=wire.close,
        hold_after=wire.hold_after,
        gap=wire.gap,
        promise=wire.promise,
    )
    headers = {name: _header(value) for name, value in wire.headers.items()}
    return replace(made, whole=max(whole, len(made.body))).with_headers(headers)


def _header(value: str) -> str:
    """`{date+30}` is the HTTP date in thirty seconds."""
    found = re.fullmatch(r"\{date\+(\d+)\}", value)
    return formatdate(time.time() + int(found[1]), usegmt=True) if found else value


def _raw(wire: Wire) -> Script:
    assert wire.body is not None
    text = repeated(wire.body.replace("{key}", CANARY)).encode()
    body = re.sub(rb"\\x([0-9a-f]{2})", lambda m: bytes.fromhex(m[1].decode()), text)
    return Script(status=wire.status or 200, chunks=(body,))


def _played(wire: Wire, dialect: Dialect, operation: str) -> Script:
    name = dialect.errors[wire.error] if wire.error else wire.cassette or dialect.good[operation]
    folder = Path(wire.folder) if wire.folder else CASSETTES
    recorded = cassettes.load(dialect.name, name, folder).interactions[0]
    headers = tuple((k, v) for k, v in recorded.headers if k not in _HOP_BY_HOP)
    made = Script(status=recorded.status, headers=headers, chunks=recorded.chunks)
    written = made.streamed and len(made.chunks) == 1  # an authored stream has no reads of its own: one an event
    return replace(made, chunks=transforms.apply("by-event", made.chunks)) if written else made
