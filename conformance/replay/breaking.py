"""Transforms after which there is no whole answer any more: cut, corrupted, or something else in its place."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from conformance.replay.framing import Framing
from conformance.replay.seeds import seeded

Pieces = Sequence[bytes]

ODD: tuple[Any, ...] = (None, True, 0, -1, 1.5, 2**70, "", "x", "\ud83e", [], [None], {}, {"x": 1}, [[[]]])
PAGE = b"<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head><body><h1>Bad gateway</h1></body></html>\n"


def cut(chunks: Pieces, argument: str, framing: Framing) -> Pieces:
    """The body only up to a point: `byte:120`, `byte:half`, `event:3` (whole events), `event:3:500` (and 500 of 1000
    parts of the next), `event:half` (of those before the answer is complete), `event:unfinished` (all of those),
    `event:inside` (half of them, and half of the next), or `text:Nile` (as far as the first event with that text)."""
    unit, _, where = argument.partition(":")
    whole = b"".join(chunks)
    all_events = framing.events(chunks)
    if unit == "text" and where:
        return all_events[: framing.index(all_events, where) + 1]
    if unit == "byte" and (where == "half" or where.isdigit()):
        return [whole[: len(whole) // 2 if where == "half" else int(where)]]
    count, _, part = where.partition(":")
    if unit == "event" and count.isdigit() and (part or "0").isdigit():
        return _kept(all_events, int(count), int(part or "0"))
    complete = framing.complete_from(all_events)
    half = min(max(1, complete // 2), complete)
    if argument == "event:inside":
        return _kept(all_events, half, 500)
    if argument not in ("event:half", "event:unfinished"):
        raise ValueError(f"cut takes byte:N or :half, event:N, :half, :unfinished or :inside, text:…, not {argument!r}")
    return all_events[: half if argument == "event:half" else complete]


def _kept(events: Sequence[bytes], count: int, thousandths: int) -> Pieces:
    """Whole events, and a part of the next."""
    parts = [e[: len(e) * thousandths // 1000] for e in events[count : count + 1]]
    return [*events[:count], *(part for part in parts if part)]


def corrupt(chunks: Pieces, argument: str, __: Framing) -> Pieces:
    """A few bytes are others, by a seed."""
    chosen, body = seeded(argument), bytearray(b"".join(chunks))
    for _ in range(chosen.randint(1, 3)):
        if body:
            body[chosen.randrange(len(body))] = chosen.choice((0, 0x22, 0x5C, 0x7B, 0x7D, 0x5D, 0xFF, 0xED))
    return [bytes(body)]


def spoil(chunks: Pieces, argument: str, framing: Framing) -> Pieces:
    """JSON of another type in one place: by a seed, or `[2, 5, null]`: the sixth value of the third event."""
    events = framing.events(chunks)
    at, where, value = _spoilt(argument)
    with_json = [i for i, e in enumerate(events) if _is_json(e, framing)]
    if not with_json:
        return events
    chosen = with_json[at % len(with_json)]
    told = {"": framing.payload(events[chosen])}
    places = list(_places(told))
    holder, name = places[where % len(places)]
    holder[name] = value
    return [framing.told(e, told[""]) if i == chosen else e for i, e in enumerate(events)]


def _spoilt(argument: str) -> tuple[int, int, Any]:
    if argument.startswith("["):
        at, where, value = json.loads(argument)
        return at, where, value
    chosen = seeded(argument)
    return chosen.randrange(1000), chosen.randrange(1000), chosen.choice(ODD)


def _is_json(event: bytes, framing: Framing) -> bool:
    try:
        framing.payload(event)
    except ValueError:
        return False
    return True


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every value of it, as where it stands."""
    names: Any = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for name in names:
        yield value, name
        yield from _places(value[name])


def html(_: Pieces, __: str, ___: Framing) -> Pieces:
    """A proxy's page in place of the answer."""
    return [PAGE]


def error(chunks: Pieces, _: str, framing: Framing) -> Pieces:
    """Half of the answer, then an error of the dialect in its place."""
    return [*cut(chunks, "event:half", framing), *framing.error()]
