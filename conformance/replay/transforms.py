"""Named changes of a recorded body, each one thing that a server, a proxy or a network may do to it.

A transform takes the body's pieces and gives new ones; a piece is one HTTP chunk, so one read.
`apply(["crlf", "bytewise"], chunks)` runs them in turn. Arguments follow an `@`: `cut@event:3`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from conformance.replay.framing import Framing

Pieces = Sequence[bytes]
Transform = Callable[[Pieces, str, Framing], Pieces]

SSE = Framing()


class UnknownTransform(ValueError):
    """No such transform, or an argument that it does not take."""


def apply(names: str | Iterable[str], chunks: Pieces, framing: Framing = SSE) -> Pieces:
    """The pieces after all the transforms. Raises `UnknownTransform`."""
    for spec in listed(names):
        name, _, argument = spec.partition("@")
        if name not in TRANSFORMS:
            raise UnknownTransform(f"there is no transform {name!r}; there are {', '.join(sorted(TRANSFORMS))}")
        if argument and name not in ("cut", "swollen"):
            raise UnknownTransform(f"{name} takes no argument, not {argument!r}")
        if name not in UNSAYABLE.get(framing.name, ()):
            chunks = TRANSFORMS[name](chunks, argument, framing)
    return chunks


def listed(names: str | Iterable[str]) -> Iterable[str]:
    return [names] if isinstance(names, str) else names


# --- the same events, framed or cut into reads in another way ----------------------------------


def bytewise(chunks: Pieces, _: str, __: Framing) -> Pieces:
    """One byte a read, so that every character, line and event is split."""
    body = b"".join(chunks)
    return [body[i : i + 1] for i in range(len(body))]


def at_once(chunks: Pieces, _: str, __: Framing) -> Pieces:
    """Everything in one read."""
    return [b"".join(chunks)]


def by_event(chunks: Pieces, _: str, framing: Framing) -> Pieces:
    """One event a read."""
    return framing.events(chunks)


def crlf(chunks: Pieces, _: str, framing: Framing) -> Pieces:
    """Lines end in CR LF, as behind several proxies and from Gemini."""
    return [re.sub(rb"\r?\n", b"\r\n", e) for e in framing.events(chunks)]


def cr(chunks: Pieces, _: str, framing: Framing) -> Pieces:
    """Lines end in CR alone, which the standard allows."""
    return [re.sub(rb"\r?\n", b"\r", e) for e in framing.events(chunks)]


def lf(chunks: Pieces, _: str, framing: Framing) -> Pieces:
    """Lines end in LF alone, as behind a gateway that writes the events of a CR LF stream anew."""
    return [e.replace(b"\r\n", b"\n") for e in framing.events(chunks)]


def no_space(chunks: Pieces, _: str, framing: Framing) -> Pieces:
    """No space after the colon of `data:`, as DashScope and others send it."""
    return [re.sub(rb"(?m)^data: ", b"data:", e) for e in framing.events(chunks)]


def comments(chunks: Pieces, _: str, framing: Framing) -> Pieces:
    """Comment lines between the events and before the first, as OpenRouter's keep-alives."""
    return [b": keep-alive\n\n" + e for e in framing.events(chunks)]


def fields(chunks: Pieces, _: str, framing: Framing) -> Pieces:
    """`id:` and `retry:` lines in every event, and an event name that is the default."""
    return [
        (b"" if e.startswith(b"event:") else b"event: message\n") + b"id: %d\nretry: 3000\n%s" % (i, e)
        for i, e in enumerate(framing.events(chunks))
    ]


def foreign_events(chunks: Pieces, _: str, framing: Framing) -> Pieces:
    """Events of other names in between, with data that is not the protocol's."""
    return [b'event: ping\ndata: {"type": "ping"}\n\n' + e for e in framing.events(chunks)]


def multiline(chunks: Pieces, _: str, framing: Framing) -> Pieces:
    """Data over several lines, which the standard joins with a newline: legal white space in JSON."""
    return [re.sub(rb'(?m)^data: (\{)("\w+":)', rb"data: \1\ndata: \2", e) for e in framing.events(chunks)]


def swollen(chunks: Pieces, argument: str, framing: Framing) -> Pieces:
    """A long line that means nothing before the first event, four kilobytes a read, `swollen@1000` of them: a comment,
    or white space."""
    comment, reads = framing.name == "sse", int(argument or 1)
    return [b":" if comment else b"", *[b" " * 4096] * reads, b"\n" if comment else b"", *framing.events(chunks)]


# --- other events -----------------------------------------------------------------------------


def drop_done(chunks: Pieces, _: str, framing: Framing) -> Pieces:
    """The end without `[DONE]`, which many servers do not send."""
    return [e for e in framing.events(chunks) if b"[DONE]" not in e]


def cut(chunks: Pieces, argument: str, framing: Framing) -> Pieces:
    """The body only up to a point: `byte:120`, `byte:half`, `event:3` (whole events), `event:half` (of those before the
    answer is complete), `event:unfinished` (all of those), `event:inside` (half of them, and half of the next), or
    `text:Nile` (the events as far as the first one with that text)."""
    unit, _, where = argument.partition(":")
    whole = b"".join(chunks)
    all_events = framing.events(chunks)
    if unit == "text" and where:
        return all_events[: framing.index(all_events, where) + 1]
    if unit == "byte" and (where == "half" or where.isdigit()):
        return [whole[: len(whole) // 2 if where == "half" else int(where)]]
    if unit == "event" and where.isdigit():
        return all_events[: int(where)]
    complete = framing.complete_from(all_events)
    half = min(max(1, complete // 2), complete)
    if argument == "event:inside":
        return [*all_events[:half], *(e[: len(e) // 2] for e in all_events[half : half + 1])]
    if argument not in ("event:half", "event:unfinished"):
        raise UnknownTransform(
            f"cut takes byte:N or :half, event:N, :half, :unfinished or :inside, text:…, not {argument!r}"
        )
    return all_events[: half if argument == "event:half" else complete]


TRANSFORMS: dict[str, Transform] = {
    "bytewise": bytewise,
    "at-once": at_once,
    "by-event": by_event,
    "crlf": crlf,
    "cr": cr,
    "lf": lf,
    "no-space": no_space,
    "comments": comments,
    "fields": fields,
    "foreign-events": foreign_events,
    "multiline": multiline,
    "swollen": swollen,
    "drop-done": drop_done,
    "cut": cut,
}

# What only server-sent events can be told as.
SSE_ONLY = {"crlf", "cr", "lf", "no-space", "comments", "fields", "foreign-events", "multiline", "drop-done"}

# Left out where an adapter asks for an array of JSON, in a dialect that also has server-sent events.
UNSAYABLE = {"json-array": SSE_ONLY - {"crlf", "cr", "lf"}}
ALSO = {"ndjson": {"crlf"}}  # of those, what another framing can be told as too
