"""AWS' binary messages (application/vnd.amazon.eventstream), written as lines that a person can review.

contentBlockDelta {"contentBlockIndex":0,"delta":{"text":"The Nile, "}}     an event and its payload
exception throttlingException {"message":"Too many requests"}
error InternalFailure what went wrong                                       without a payload
wrong-crc contentBlockDelta {…}         the checksum of the message is not right
wrong-prelude contentBlockDelta {…}     the checksum of its two lengths is not right
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from zlib import crc32

_TEXT = 7  # the type of a header whose value is text


def encode(lines: Iterable[bytes]) -> bytes:
    """The messages that the lines tell."""
    return b"".join(_message(line) for line in lines if line.strip())


def decode(body: bytes) -> Iterator[str]:
    """The lines that tell the messages; a rest that is none as its length."""
    while len(body) >= 16:
        size, told = int.from_bytes(body[:4], "big"), int.from_bytes(body[4:8], "big")
        if not 16 + told <= size <= len(body):
            break
        message, body = body[:size], body[size:]
        headers = _read_headers(message[12 : 12 + told])
        kind = headers.get(":message-type", "event")
        name = headers.get(f":{kind}-type") or headers.get(":error-code", "?")
        broken = "" if crc32(message[:-4]) == int.from_bytes(message[-4:], "big") else "wrong-crc "
        payload = message[12 + told : -4].decode("utf-8", "backslashreplace") or headers.get(":error-message", "")
        yield f"{broken}{'' if kind == 'event' else f'{kind} '}{name} {payload}"
    if body:
        yield f"{len(body)} bytes that are no whole message"


def payload(message: bytes) -> bytes:
    return message[12 + int.from_bytes(message[4:8], "big") : -4]


def with_payload(message: bytes, payload: bytes) -> bytes:
    """The same message, its lengths and checksums made anew."""
    return _whole(message[12 : 12 + int.from_bytes(message[4:8], "big")], payload)


def _message(line: bytes) -> bytes:
    damage = next((d for d in (b"wrong-crc", b"wrong-prelude") if line.startswith(d + b" ")), b"")
    kind, name, payload = _told(line.removeprefix(damage).lstrip())
    if kind == b"error":
        told, payload = {b":error-code": name, b":error-message": payload, b":message-type": kind}, b""
    else:
        told = {b":%s-type" % kind: name, b":content-type": b"application/json", b":message-type": kind}
    headers = b"".join(_header(n, v) for n, v in told.items())
    return _whole(headers, payload, damage)


def _whole(headers: bytes, payload: bytes, damage: bytes = b"") -> bytes:
    lengths = (16 + len(headers) + len(payload)).to_bytes(4, "big") + len(headers).to_bytes(4, "big")
    prelude = lengths + _checksum(lengths, wrong=damage == b"wrong-prelude")
    whole = prelude + headers + payload
    return whole + _checksum(whole, wrong=damage == b"wrong-crc")


def _told(line: bytes) -> tuple[bytes, bytes, bytes]:
    """Its kind, its name, and its payload."""
    kind, _, rest = line.partition(b" ")
    if kind not in (b"exception", b"error"):
        kind, rest = b"event", line
    name, _, payload = rest.partition(b" ")
    return kind, name, payload


def _header(name: bytes, value: bytes) -> bytes:
    return bytes([len(name)]) + name + bytes([_TEXT]) + len(value).to_bytes(2, "big") + value


def _checksum(data: bytes, *, wrong: bool) -> bytes:
    return (crc32(data) ^ wrong).to_bytes(4, "big")


def _read_headers(data: bytes) -> dict[str, str]:
    """Those that are text, which all of ours are."""
    found = {}
    while data:
        name, data = data[1 : 1 + data[0]], data[1 + data[0] :]
        if data[:1] != bytes([_TEXT]):
            break
        size = int.from_bytes(data[1:3], "big")
        found[name.decode("utf-8", "replace")] = data[3 : 3 + size].decode("utf-8", "replace")
        data = data[3 + size :]
    return found
