"""How a streamed body is made of events: server-sent events, lines of JSON, elements of one JSON array that are written
out over several lines, or AWS' binary messages."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from conformance import event_stream

_BLANK_LINE = re.compile(rb"\r\n\r\n|\n\n|\r\r")
_DATA = re.compile(rb"^data:[ ]?(.*?)(\r\n|\n|\r|$)", re.M)
_ELEMENT = re.compile(rb"([\s,\[]*)(.*?)(\s*)$", re.S)  # what stands before it in an array, and after
_BETWEEN = re.compile(rb"(?=\r?\n,\r?\n|\r?\n\]\s*$)(?<!\r)")  # lines of an array that hold a comma, or its end


def server_sent(body: bytes) -> list[bytes]:
    """Each with its blank line; a rest without one comes last."""
    ends = [0, *(blank.end() for blank in _BLANK_LINE.finditer(body))]  # by its end: a long rest is read once
    found = [body[start:end] for start, end in pairwise(ends)]
    return [*found, body[ends[-1] :]] if body[ends[-1] :] else found


def lines(body: bytes) -> list[bytes]:
    return body.splitlines(keepends=True)


def elements(body: bytes) -> list[bytes]:
    """Each after the first begins with its comma; the closing bracket comes last."""
    return _BETWEEN.split(body)


def array(data: Iterable[str]) -> list[bytes]:
    """JSON texts as the elements of one, as Google's servers write them."""
    written = [_pretty(text) for text in data]
    return [b"[" + written[0], *(b"\n,\n" + one for one in written[1:]), b"\n]\n"] if written else []


def _pretty(text: str) -> bytes:
    try:
        value = json.loads(text)
    except ValueError:
        return text.encode(errors="surrogateescape")
    try:
        return json.dumps(value, ensure_ascii=False, indent=2).encode()
    except UnicodeEncodeError:  # half of a pair can only be told as an escape
        return json.dumps(value, indent=2).encode()


def messages(body: bytes) -> list[bytes]:
    """Each begins with its own length, four bytes (application/vnd.amazon.eventstream)."""
    found, at = [], 0
    while at < len(body):
        size = int.from_bytes(body[at : at + 4], "big") or len(body)
        found.append(body[at : at + size])
        at += size
    return found


@dataclass(frozen=True)
class Framing:
    """`complete` are texts of an event that tell that the answer is whole; `places` say where in an event the text, the
    finish reason and the usage are; `closed` are the names of objects to which nothing may be added; `error` are the
    events that break an answer off. A body that is no stream is one event, framed as "json"."""

    name: str = "sse"
    complete: tuple[bytes, ...] = (b"[DONE]", b'"finish_reason":"', b'"finish_reason": "')
    places: Mapping[str, str] = field(default_factory=dict)
    closed: frozenset[str] = frozenset()
    error: Callable[[], Sequence[bytes]] = tuple

    def events(self, chunks: Iterable[bytes]) -> list[bytes]:
        return SPLIT[self.name](b"".join(chunks))

    def complete_from(self, events: Sequence[bytes]) -> int:
        """The index of the first event that says that the answer is complete."""
        return next((i for i, e in enumerate(events) if any(m in e for m in self.complete)), len(events))

    def index(self, events: Sequence[bytes], text: str) -> int:
        """Of the first event with that text; the last one's, where none has it."""
        return next((i for i, e in enumerate(events) if text.encode() in e), len(events) - 1)

    def payload(self, event: bytes) -> Any:
        """The JSON of an event. Raises ValueError where there is none."""
        if self.name == "sse":
            return json.loads(b"\n".join(found[0] for found in _DATA.findall(event)))
        if self.name == "aws-events":
            return json.loads(event_stream.payload(event))
        return json.loads(event.lstrip(b"[, \r\n") if self.name == "json-array" else event)

    def told(self, event: bytes, value: Any, *, again: bool = False) -> bytes:
        """The event with other JSON in it; `again`: after one that was made of the same."""
        made = self.written(event, compact(value))
        return b"\n,\n" + made.lstrip(b"[, \r\n") if again and self.name == "json-array" else made

    def written(self, event: bytes, text: bytes) -> bytes:
        if self.name == "sse":
            first, last = (found := list(_DATA.finditer(event)))[0], found[-1]
            return event[: first.start()] + b"data: " + text + last[2] + event[last.end() :]
        if self.name == "aws-events":
            return event_stream.with_payload(event, text)
        before, _, after = _ELEMENT.match(event).groups()  # type: ignore[union-attr]
        return (before if self.name == "json-array" else b"") + text + after


def compact(value: Any) -> bytes:
    """JSON as most servers write it."""
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:  # half of a pair can only be told as an escape
        return json.dumps(value, separators=(",", ":")).encode()


MEDIA = {
    "sse": "text/event-stream",
    "ndjson": "application/x-ndjson",
    "json-array": "application/json",
    "aws-events": "application/vnd.amazon.eventstream",
}
SPLIT: dict[str, Callable[[bytes], list[bytes]]] = {
    "json": lambda body: [body] if body else [],
    "sse": server_sent,
    "ndjson": lines,
    "json-array": elements,
    "aws-events": messages,
}
