"""What went over the wire, byte by byte: where in the body each event begins and ends, and where it broke off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise

from conformance import event_stream
from conformance.canary import hidden
from conformance.replay.framing import MEDIA, SPLIT
from conformance.trace import Exchange, Trace
from conformance.transcript import ENDLESS_HEAD, ENDS, EXCHANGES, FAULTS
from conformance.verdict import Mark

FIRST, LAST = 3, 8  # events of a long stream that are shown
LONGEST = 400  # characters of one mark


def marks(trace: Trace, fault: str | None) -> list[Mark]:
    """The exchanges of a trace, one after the other; each begins with its request, which has no bytes."""
    found = [mark for e in trace.exchanges[:EXCHANGES] for mark in _exchange(e)]
    if len(trace.exchanges) > EXCHANGES:
        found.append(Mark("!", f"and {len(trace.exchanges) - EXCHANGES} more requests"))
    if fault in FAULTS:
        found.append(Mark("!", FAULTS[fault]))
    elif not trace.exchanges:
        found.append(Mark("!", "no request reached the server"))
    return found


def _exchange(exchange: Exchange) -> Iterator[Mark]:
    query = f"?{exchange.query}" if exchange.query else ""
    yield Mark(">", _cut(f"{exchange.method} {exchange.path}{query}"))
    if exchange.body:
        yield Mark(">", _text(exchange.body), 0, len(exchange.body))
    if exchange.status is not None:
        yield Mark("<", f"{exchange.status} {exchange.content_type}".rstrip())
        yield from _shortened(list(_events(exchange)))
    if exchange.head:
        yield Mark("!", ENDLESS_HEAD.format(exchange.head))
    elif exchange.ended in ENDS:
        said = ENDS[exchange.ended].format(sent=len(exchange.sent), intended=exchange.intended)
        yield Mark("!", said, len(exchange.sent), max(len(exchange.sent), exchange.intended))


def _events(exchange: Exchange) -> Iterator[Mark]:
    framing = _framing(exchange)
    events = SPLIT[framing](exchange.sent)
    for event, (start, end) in zip(events, pairwise(accumulate(map(len, events), initial=0)), strict=True):
        told = "; ".join(event_stream.decode(event)) if framing == "aws-events" else None
        yield Mark("<", _cut(told) if told is not None else _text(event), start, end)


def _framing(exchange: Exchange) -> str:
    kinds = {media: name for name, media in MEDIA.items() if name != "json-array"}
    named = next((name for media, name in kinds.items() if exchange.content_type.startswith(media)), "json")
    return "sse" if named == "json" and b"data:" in exchange.sent else named


def _shortened(events: Sequence[Mark]) -> Iterator[Mark]:
    if len(events) <= FIRST + LAST + 1:
        yield from events
        return
    left_out = events[FIRST:-LAST]
    yield from events[:FIRST]
    yield Mark("<", f"… {len(left_out)} events", left_out[0].at, left_out[-1].to)
    yield from events[-LAST:]


def _text(body: bytes) -> str:
    return _cut(body.decode("utf-8", "backslashreplace"))


def _cut(text: str) -> str:
    text = hidden(text).replace("\r", "␍").replace("\n", "↵")
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2]} … {text[-LONGEST // 2 :]}"
