"""What went over the wire, as a few lines that a person can read."""

from __future__ import annotations

from collections.abc import Iterator

from conformance import event_stream
from conformance.replay.framing import MEDIA, server_sent
from conformance.trace import Exchange, Trace

HEAD, TAIL = 60, 130  # characters of a long line that are shown: what matters is at its ends
EXCHANGES = 3  # shown; more are counted
EVENTS = 4  # the last ones of a stream

ENDS = {
    "fin": "connection closed by the server after {sent} of {intended} bytes",
    "reset": "connection reset by the server after {sent} of {intended} bytes",
    "stall": "silence from the server after {sent} of {intended} bytes",
    "clean": "end of the body after {sent} of {intended} bytes",
    "hung up": "connection closed by the client after {sent} of {intended} bytes",
}
ENDLESS_HEAD = "{} bytes of headers were sent, and not the last of them"
FAULTS = {
    "refuse": "nobody listens on the port",
    "connect_timeout": "the connection is never accepted",
    "bad_tls": "https with a certificate that nobody trusts",
}


def lines(trace: Trace, fault: str | None, secret: str) -> list[str]:
    """The exchanges of a trace, the key hidden."""
    said = [_cut(line.replace(secret, "<the key>")) for e in trace.exchanges[:EXCHANGES] for line in _exchange(e)]
    if len(trace.exchanges) > EXCHANGES:
        said.append(f"… and {len(trace.exchanges) - EXCHANGES} more requests")
    if fault in FAULTS:
        said.append(f"[{FAULTS[fault]}]")
    elif not trace.exchanges:
        said.append("[no request reached the server]")
    return said


def _exchange(exchange: Exchange) -> Iterator[str]:
    query = f"?{exchange.query}" if exchange.query else ""
    yield f"> {exchange.method} {exchange.path}{query}  {_text(exchange.body)}"
    if exchange.status is not None:
        yield f"< {exchange.status} {exchange.content_type}".rstrip()
        yield from _body(exchange)
    if exchange.head:
        yield f"< [{ENDLESS_HEAD.format(exchange.head)}]"
    elif exchange.ended in ENDS:
        yield "< [" + ENDS[exchange.ended].format(sent=len(exchange.sent), intended=exchange.intended) + "]"


def _body(exchange: Exchange) -> Iterator[str]:
    body = exchange.sent
    if exchange.content_type.startswith(MEDIA["aws-events"]):
        found = list(event_stream.decode(body))
    elif b"data:" in body:
        found = [_text(e.strip()) for e in server_sent(body)]
    else:
        yield f"< {_text(body)}" if body else "< [empty body]"
        return
    if len(found) > EVENTS:
        yield f"< … {len(found) - EVENTS} events"
    for event in found[-EVENTS:]:
        yield f"< {event}"


def _text(body: bytes) -> str:
    return body.decode("utf-8", "backslashreplace").replace("\r", "␍").replace("\n", "␤")


def _cut(line: str) -> str:
    return line if len(line) <= HEAD + TAIL else f"{line[:HEAD]} … {line[-TAIL:]}"
