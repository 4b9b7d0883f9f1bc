"""What the server answers in one case: the case's wire, in the subject's dialect."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from email.utils import formatdate
from pathlib import Path

from conformance import event_stream
from conformance.canary import CANARY
from conformance.case import Case, Wire
from conformance.dialects import OPERATION, Dialect, retold
from conformance.dialects.facts import Route
from conformance.embedded import answered
from conformance.longhand import repeated
from conformance.replay import transforms
from conformance.replay.framing import MEDIA, Framing, compact
from conformance.replay.script import Script
from conformance.trace import Exchange

# Facts of one recorded connection, not of the answer.
_HOP_BY_HOP = {"connection", "content-length", "date", "keep-alive", "server", "transfer-encoding", "content-encoding"}

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def answers(
    case: Case, dialect: Dialect, mount: str, places: Mapping[str, str] | None = None
) -> Callable[[Exchange], Script]:
    """The server's part. Requests of the asked kind get the case's answers in turn, the last one for ever;
    what an adapter asks on the way there (a model list, say) gets a good answer; anything else a 404.
    `places` are the origins to which an answer can redirect."""
    wanted = OPERATION.get(case.ask.op)
    served = 0

    def answer(exchange: Exchange) -> Script:
        given = _placed(choose(exchange), {**(places or {}), "path": exchange.path})
        exchange.content_type = given.header("content-type")
        return given

    def choose(exchange: Exchange) -> Script:
        nonlocal served
        exchange.operation = dialect.operation(exchange, mount)
        if exchange.operation is None:
            told = "not_found" in dialect.facts.errors  # a dialect of the user's own may have no words for it
            return script(Wire(error="not_found") if told else Wire(body="{}", status=404), dialect)
        if wanted not in (None, exchange.operation):
            return script(Wire(cassette=dialect.facts.good[exchange.operation]), dialect, exchange=exchange)
        wire = case.answers[min(served, len(case.answers) - 1)]
        exchange.turn, served = 0 if wire.embeds else served, served + 1
        return script(wire, dialect, exchange.operation, exchange)

    return answer


def streamed(answer: Callable[[Exchange], Script], dialect: str, exchange: Exchange) -> Script:
    """A whole answer as a stream, for what asks for nothing else."""
    made = answer(exchange)
    chunks = retold.as_stream(dialect, made.body) if is_whole(made) and exchange.operation == "chat" else None
    if chunks is None:
        return made
    exchange.content_type = "text/event-stream"
    return replace(made, chunks=chunks).with_headers({"content-type": exchange.content_type})


def is_whole(made: Script) -> bool:
    """An answer that is no stream, and lacks nothing."""
    unharmed = made.status == 200 and made.fault is None and made.end == "complete" and made.promise is None
    return unharmed and not made.streamed


def script(wire: Wire, dialect: Dialect, operation: Route = "chat", exchange: Exchange | None = None) -> Script:
    """One answer as the server plays it."""
    if wire.fault:
        return Script(fault=wire.fault)
    framing = _framing(dialect)
    made = _raw(wire, dialect, framing) if wire.body is not None else _played(wire, dialect, operation, framing)
    made = made.with_headers({name: _header(value, framing) for name, value in wire.headers.items()})
    streamed = made.streamed
    if exchange is not None:
        made, framing = dialect.told(exchange, made), _framing(dialect, exchange)
        made = _embedded(made, dialect, exchange) if wire.embeds else made
    framing = framing if streamed else replace(framing, name="json")
    names = _taken(wire.transform, exchange)
    if wire.echo_tool and exchange is not None:
        names += _of_the_first_tool(dialect, exchange)
    made = made.with_headers(dict(transforms.headers(names)))
    whole = len(made.body)
    chunks = transforms.apply(names, made.chunks, framing)
    made = replace(
        made,
        chunks=chunks,
        status=wire.status or made.status,
        end=wire.close,
        hold_after=_stop(wire.hold_after, chunks, framing),
        gap=wire.gap,
        again=_again(wire, chunks, framing),
        times=wire.times,
        promise=wire.promise,
        afterwards=wire.afterwards,
    )
    return replace(made, whole=max(whole, len(made.body)))


def _embedded(made: Script, dialect: Dialect, exchange: Exchange) -> Script:
    """A request that cannot be understood gets the vectors of no texts."""
    try:
        texts = dialect.read(exchange).inputs
    except (ValueError, KeyError, TypeError, AttributeError):
        texts = ()
    return replace(made, chunks=(answered(made.body, texts),))


def _of_the_first_tool(dialect: Dialect, exchange: Exchange) -> list[str]:
    """The kit's own answers call get_weather: so too where the request has no tools, or cannot be understood."""
    try:
        names = [tool.name for tool in dialect.read(exchange).request.tools]
    except (ValueError, KeyError, TypeError, AttributeError):
        names = []
    return [f"instead@{json.dumps({'get_weather': name})}" for name in names[:1] if isinstance(name, str)]


def _again(wire: Wire, chunks: Sequence[bytes], framing: Framing) -> bytes:
    """What comes again and again, if anything does."""
    if wire.again == "last":
        return framing.events(chunks)[-1]
    if wire.again in ("comment", "ping") and framing.name == "sse":
        return b": keep-alive\n\n" if wire.again == "comment" else b'event: ping\ndata: {"type": "ping"}\n\n'
    return {None: b"", "space": b" ", "megabyte": b" " * 2**20}.get(wire.again, b"\n")


def _stop(text: str | None, chunks: Sequence[bytes], framing: Framing) -> int | None:
    """After which chunk; {headers}: before any."""
    if text is None or text == "{headers}":
        return None if text is None else 0
    return framing.index(chunks, text) + 1


def _placed(made: Script, places: Mapping[str, str]) -> Script:
    """`{elsewhere}{path}` is the same route at another origin."""
    location = made.header("location")
    for name, value in places.items():
        location = location.replace(f"{{{name}}}", value)
    return made.with_headers({"location": location}) if location else made


def _framing(dialect: Dialect, exchange: Exchange | None = None) -> Framing:
    facts = dialect.facts
    name, marks = dialect.framing(exchange), tuple(mark.encode() for mark in facts.complete)
    return Framing(name, marks, facts.places, frozenset(facts.closed), lambda: _error(dialect, Framing(name)))


def _error(dialect: Dialect, framing: Framing) -> list[bytes]:
    """The events by which an answer is broken off: those that follow on the text."""
    recorded = dialect.cassette(dialect.facts.broken_off).interactions[0]
    events = Framing(dialect.facts.framing).events(recorded.chunks)
    last = max(i for i, e in enumerate(events) if b" the Amaz" in e)
    if framing.name != "json-array":
        return events[last + 1 :]
    return [b"\n,\n" + compact(Framing().payload(e)) for e in events[last + 1 :]]


def _taken(names: str | list[str], exchange: Exchange | None) -> list[str]:
    """Compressed is only what the request takes so. What is said may be written short."""
    takes = exchange is None or "gzip" in (exchange.header("accept-encoding") or "")
    return [repeated(name) for name in transforms.listed(names) if takes or name != "gzip"]


def _header(value: str, framing: Framing) -> str:
    """`{date+30}` is the HTTP date in thirty seconds, `{rfc850+30}` and `{asctime+30}` in its obsolete forms; the media
    type of streams is the dialect's."""
    if value == MEDIA["sse"]:
        return MEDIA[framing.name]
    found = re.fullmatch(r"\{(date|rfc850|asctime)([+-]\d+)\}", value)
    return _date(found[1], time.time() + int(found[2])) if found else value


def _date(form: str, at: float) -> str:
    """RFC 9110, 5.6.7. Not by strftime, whose days and months are the user's."""
    day, number, month, year, clock, zone = formatdate(at, usegmt=True).replace(",", "").split()
    if form == "asctime":
        return f"{day} {month} {int(number):2d} {clock} {year}"
    if form == "rfc850":
        weekday = next(name for name in _WEEKDAYS if name.startswith(day))
        return f"{weekday}, {number}-{month}-{year[2:]} {clock} {zone}"
    return formatdate(at, usegmt=True)


def _raw(wire: Wire, dialect: Dialect, framing: Framing) -> Script:
    """A stream of binary messages is told as lines (`conformance.event_stream`)."""
    told = wire.body[dialect.name] if isinstance(wire.body, dict) else wire.body or ""
    text = repeated(told.replace("{key}", CANARY)).encode()
    body = re.sub(rb"\\x([0-9a-f]{2})", lambda m: bytes.fromhex(m[1].decode()), text)
    if isinstance(wire.body, dict) and framing.name == "aws-events" and MEDIA["sse"] in wire.headers.values():
        body = event_stream.encode(body.split(b"\n"))
    return Script(status=wire.status or 200, chunks=(body,))


def _played(wire: Wire, dialect: Dialect, operation: Route, framing: Framing) -> Script:
    facts = dialect.facts
    name = facts.errors[wire.error] if wire.error else wire.cassette or facts.good[operation]
    recorded = dialect.cassette(name, Path(wire.folder) if wire.folder else None).interactions[0]
    headers = tuple((k, v) for k, v in recorded.headers if k not in _HOP_BY_HOP)
    made = Script(status=recorded.status, headers=headers, chunks=recorded.chunks)
    written = made.streamed and len(made.chunks) == 1  # an authored stream has no reads of its own: one an event
    return replace(made, chunks=transforms.apply("by-event", made.chunks, framing)) if written else made
