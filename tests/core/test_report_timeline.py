"""The wire by its bytes: every byte of an answer is in exactly one mark."""

from __future__ import annotations

import pytest

from conformance import event_stream
from conformance.canary import CANARY
from conformance.timeline import FIRST, LAST, LONGEST, marks
from conformance.trace import Exchange, Outcome, Trace
from conformance.verdict import Mark

STREAMS = {
    "text/event-stream": b'data: {"a":1}\n\n: ping\n\ndata: {"b":2}\r\n\r\ndata: cu',
    "application/x-ndjson": b'{"a":1}\n{"b":2}\n{"c"',
    "application/vnd.amazon.eventstream": event_stream.encode([b'delta {"a":1}', b'delta {"b":2}'])[:-3],
    "application/json": b'{"a": 1, "b": "\xf0\x9f"}',
    "text/plain": b"data: of a server that forgets its type\n\n",
}


def trace(*exchanges: Exchange) -> Trace:
    return Trace(Outcome(), exchanges=list(exchanges))


def exchange(sent: bytes, media: str = "text/event-stream", **more: object) -> Exchange:
    told = {"status": 200, "content_type": media, "sent": sent, "intended": len(sent), "ended": "complete", **more}
    return Exchange("POST", "/v1/chat", "", [], b'{"ask":1}', 1, 0.0, **told)  # type: ignore[arg-type]


def told(made: list[Mark]) -> list[Mark]:
    return [mark for mark in made if mark.who == "<" and mark.at is not None]


@pytest.mark.parametrize("media", STREAMS)
def test_each_byte_is_told_once(media: str) -> None:
    sent = STREAMS[media]
    parts = told(marks(trace(exchange(sent, media)), None))
    assert parts[0].at == 0
    assert parts[-1].to == len(sent)
    assert [m.to for m in parts[:-1]] == [m.at for m in parts[1:]]
    assert len(parts) == {"application/json": 1, "text/plain": 1, "text/event-stream": 4}.get(media, len(parts))


def test_of_a_long_stream_the_ends_are_shown() -> None:
    events = [b"data: %d\n\n" % n for n in range(100)]
    parts = told(marks(trace(exchange(b"".join(events))), None))
    assert len(parts) == FIRST + LAST + 1
    assert parts[FIRST].text == f"… {100 - FIRST - LAST} events"
    assert [m.to for m in parts[:-1]] == [m.at for m in parts[1:]]


def test_what_never_came() -> None:
    end = marks(trace(exchange(b"data: 1\n\n", intended=30, ended="fin")), None)[-1]
    assert end == Mark("!", "connection closed by the server after 9 of 30 bytes", 9, 30)


def test_requests() -> None:
    first, body, *_ = marks(trace(exchange(b"{}")), None)
    assert (first, body) == (Mark(">", "POST /v1/chat"), Mark(">", '{"ask":1}', 0, 9))
    assert marks(trace(), None) == [Mark("!", "no request reached the server")]
    assert marks(trace(), "refuse") == [Mark("!", "nobody listens on the port")]
    many = marks(trace(*[exchange(b"{}") for _ in range(5)]), None)
    assert many[-1] == Mark("!", "and 2 more requests")


def test_neither_the_key_nor_endless_texts() -> None:
    made = marks(trace(exchange(b"data: " + CANARY.encode() * 3 + b"\n\n" + b"x" * 5000)), None)
    assert CANARY not in str(made)
    assert "<the key>" in made[3].text
    assert max(len(mark.text) for mark in made) <= LONGEST + 3
