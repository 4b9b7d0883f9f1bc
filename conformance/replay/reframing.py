"""Transforms that keep every event: other reads, other lines, and what may stand between."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Sequence
from itertools import pairwise

from conformance.replay.framing import Framing, compact
from conformance.replay.seeds import seeded

Pieces = Sequence[bytes]

SPACES = 2048  # as many as it takes to fill what a proxy holds back


def bytewise(chunks: Pieces, _: str, __: Framing) -> Pieces:
    """One byte a read, so that every character, line and event is split."""
    return _each(b"".join(chunks))


def small_reads(chunks: Pieces, _: str, __: Framing) -> Pieces:
    """One byte a read at both ends of a line, after a backslash and beyond ASCII; elsewhere up to sixteen.
    Not every place is cut, as bytewise cuts it, in a seventh of the reads: the laws cut anywhere."""
    lines = b"".join(chunks).splitlines(keepends=True)
    return [piece for line in lines for piece in _small(line)]


def _small(line: bytes) -> Pieces:
    begin, middle, end = line[:8], line[8:-4], line[8:][-4:]
    return [*_each(begin), *re.findall(rb"(?s)[ -[\]-~]{1,16}|.", middle), *_each(end)]


def _each(text: bytes) -> Pieces:
    return [text[i : i + 1] for i in range(len(text))]


def at_once(chunks: Pieces, _: str, __: Framing) -> Pieces:
    """Everything in one read."""
    return [b"".join(chunks)]


def by_event(chunks: Pieces, _: str, framing: Framing) -> Pieces:
    """One event a read."""
    return framing.events(chunks)


def split(chunks: Pieces, argument: str, __: Framing) -> Pieces:
    """Reads of any length: `split:7` (7 is a seed), `at:3,17` (two cuts), or `every:64` (bytes)."""
    body = b"".join(chunks)
    unit, _, where = argument.partition(":")
    if unit == "at" and re.fullmatch(r"\d+(,\d+)*", where):
        cuts: Iterable[int] = map(int, where.split(","))
    elif unit == "every" and where.isdigit() and int(where):
        cuts = range(int(where), len(body), int(where))
    elif argument.isdigit() or not argument:
        chosen = seeded(argument)
        cuts = chosen.sample(range(len(body)), min(len(body), chosen.randint(1, 40)))
    else:
        raise ValueError(f"split takes a number, at:3,17 or every:64, not {argument!r}")
    return [body[start:stop] for start, stop in pairwise(sorted({0, len(body), *(c for c in cuts if c < len(body))}))]


def crlf(chunks: Pieces, _: str, framing: Framing) -> Pieces:
    """Lines end in CR LF, as behind several proxies and from Gemini."""
    return [re.sub(rb"\r?\n", b"\r\n", e) for e in framing.events(chunks)]


def cr(chunks: Pieces, _: str, framing: Framing) -> Pieces:
    """Lines end in CR alone, which the standard allows."""
    return [re.sub(rb"\r?\n", b"\r", e) for e in framing.events(chunks)]


def lf(chunks: Pieces, _: str, framing: Framing) -> Pieces:
    """Lines end in LF alone, as behind a gateway that writes the events of a CR LF stream anew."""
    return [e.replace(b"\r\n", b"\n") for e in framing.events(chunks)]


def mixed(chunks: Pieces, argument: str, framing: Framing) -> Pieces:
    """Each event's lines end in LF or in CR LF, by a seed: where two servers write into one stream."""
    chosen = seeded(argument)
    return [re.sub(rb"\r?\n", chosen.choice((b"\n", b"\r\n")), e) for e in framing.events(chunks)]


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


def padding(chunks: Pieces, _: str, framing: Framing) -> Pieces:
    """Spaces before and after the JSON of every other event, enough to fill a proxy's buffer."""
    return [e if i % 2 else _padded(e, framing) for i, e in enumerate(framing.events(chunks))]


def _padded(event: bytes, framing: Framing) -> bytes:
    try:
        told = framing.payload(event)
    except ValueError:
        return event
    spaces = b" " * SPACES
    return framing.written(event, spaces + compact(told) + spaces)


def gzip(chunks: Pieces, _: str, __: Framing) -> Pieces:
    """Compressed, in the reads that it had; only where the adapter takes it."""
    packer = zlib.compressobj(wbits=31)
    packed = [packer.compress(chunk) + packer.flush(zlib.Z_SYNC_FLUSH) for chunk in chunks]
    return [*packed, packer.flush()]


def swollen(chunks: Pieces, argument: str, framing: Framing) -> Pieces:
    """A long line that means nothing before the first event, four kilobytes a read, `swollen@1000` of them: a comment,
    or white space."""
    comment, reads = framing.name == "sse", int(argument or 1)
    return [b":" if comment else b"", *[b" " * 4096] * reads, b"\n" if comment else b"", *framing.events(chunks)]
