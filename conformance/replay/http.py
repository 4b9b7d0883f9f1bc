"""HTTP/1.1 for a server: the requests of a connection, the bytes of an answer, and the connection itself."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable, Generator, Iterator
from http import HTTPStatus
from typing import NamedTuple

from conformance.replay.script import Script

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
REASONS = {status.value: status.phrase for status in HTTPStatus}  # of others: empty, as over HTTP/2
FRAMING = {"content-length", "transfer-encoding"}  # the server's own business, never the script's


Wait = Callable[[], Awaitable[object]]  # an answer in progress yields these: call and await


class Malformed(Exception):
    """The bytes are no HTTP/1.1 request; nothing after them can be read."""


class Request(NamedTuple):
    method: str
    target: str  # as sent: "/token/v1/models?limit=2"
    headers: list[tuple[str, str]]  # names in lower case, in order
    body: bytes
    last: bool  # the client wants the connection closed after the answer


class RequestReader:
    """The requests of one connection. `feed` bytes as they come, then call `next` until it gives None."""

    def __init__(self) -> None:
        self.awaits_continue = False  # the client holds the body back until it gets a 100
        self._buffer = bytearray()
        self._requests = self._read()

    def feed(self, data: bytes) -> None:
        self._buffer += data

    def next(self) -> Request | None:
        """The next complete request, None while it is not complete. Raises Malformed."""
        return next(self._requests)

    def _read(self) -> Generator[Request | None, None, None]:
        while True:
            head = yield from self._until(b"\r\n\r\n")
            method, target, version, headers = _parse_head(head)
            fields = dict(headers)
            self.awaits_continue = fields.get("expect", "").lower() == "100-continue"
            if "chunked" in fields.get("transfer-encoding", "").lower():
                body = yield from self._chunked()
            else:
                body = yield from self._exactly(_number(fields.get("content-length", "0"), base=10))
            self.awaits_continue = False
            last = version == "HTTP/1.0" or "close" in fields.get("connection", "").lower()
            yield Request(method, target, headers, body, last)

    def _chunked(self) -> Generator[None, None, bytes]:
        pieces = []
        while size := _number((yield from self._until(b"\r\n")).split(b";")[0].decode("latin-1"), base=16):
            pieces.append((yield from self._exactly(size)))
            yield from self._until(b"\r\n")
        while (yield from self._until(b"\r\n")):
            pass  # trailers
        return b"".join(pieces)

    def _exactly(self, size: int) -> Generator[None, None, bytes]:
        while len(self._buffer) < size:
            yield None
        return self._take(size)

    def _until(self, mark: bytes) -> Generator[None, None, bytes]:
        seen = 0
        while (end := self._buffer.find(mark, seen)) < 0:
            seen = max(0, len(self._buffer) - len(mark))
            yield None
        taken = self._take(end)
        self._take(len(mark))
        return taken

    def _take(self, size: int) -> bytes:
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken


def _parse_head(head: bytes) -> tuple[str, str, str, list[tuple[str, str]]]:
    first, *lines = head.decode("latin-1").lstrip("\r\n").split("\r\n")
    words = first.split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        raise Malformed(f"not a request line: {first[:100]!r}")
    headers = []
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon:
            raise Malformed(f"not a header: {line[:100]!r}")
        headers.append((name.lower(), value.strip()))
    return words[0], words[1], words[2], headers


def _number(text: str, base: int) -> int:
    try:
        number = int(text, base)
    except ValueError:
        number = -1
    if number < 0:
        raise Malformed(f"not a length: {text[:100]!r}")
    return number


class Reply(NamedTuple):
    """An answer in wire form. `head + pieces + tail` is all of it; one piece for each chunk of the script."""

    head: bytes
    bodies: list[bytes]  # what each piece carries, without framing
    pieces: list[bytes]
    tail: bytes  # ends a chunked body; empty where the end is cut off or none is needed
    again: bytes  # the piece that is repeated; no part of the rest
    reusable: bool  # the connection can carry another answer after this one

    @property
    def wire(self) -> bytes:
        return b"".join((self.head, *self.pieces, self.tail))


def frame(script: Script, method: str) -> Reply:
    """The script's answer to a request of that method. Raises where the script is not made of text and bytes."""
    status, whole = script.status, script.end in ("complete", "clean")
    length = len(script.body) if whole else script.intended
    without_length = status in (204, 304)
    bodiless = without_length or method == "HEAD"
    bodies = [] if bodiless else list(script.chunks)
    headers = [header for header in script.headers if header[0].lower() not in FRAMING]
    chunked = not script.sized and script.promise is None
    if chunked and not without_length:
        headers.append(("transfer-encoding", "chunked"))
    elif not without_length:
        headers.append(("content-length", str(length if script.promise is None else script.promise)))
    broken = script.promise not in (None, length)
    if broken:
        headers.append(("connection", "close"))  # what is left over must not pass for the next answer
    lines = [f"HTTP/1.1 {status} {REASONS.get(status, '')}", *(f"{name}: {value}" for name, value in headers)]

    def piece(body: bytes) -> bytes:
        """An empty chunk would end the body: it has no wire form."""
        return b"%x\r\n%b\r\n" % (len(body), body) if body and chunked else body

    return Reply(
        head=("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"),
        bodies=bodies,
        pieces=[piece(body) for body in bodies],
        tail=b"0\r\n\r\n" if chunked and whole and not bodiless else b"",
        again=b"" if bodiless else piece(script.again),
        reusable=not broken and script.header("connection").lower() != "close",
    )


class Connection(asyncio.Protocol):
    """One TCP connection: answers its requests one after the other, pipelined or not.

    `respond` runs at once in the callback that brought the request. Only an answer that yields costs a task.
    """

    def __init__(self) -> None:
        self.task: asyncio.Task[None] | None = None  # the answer in progress
        self._reader = RequestReader()
        self._writable = asyncio.Event()
        self._writable.set()

    # For the server to say

    def respond(self, request: Request) -> Iterator[Wait]:
        raise NotImplementedError

    def malformed(self, reason: str) -> None:
        """Something arrived that is no request."""

    def hung_up(self) -> None:
        """The client closed the connection while an answer was in progress."""

    # For the server to use

    def write(self, data: bytes) -> Iterator[Wait]:
        self.transport.write(data)
        if not self._writable.is_set():
            yield self._writable.wait

    def drop(self) -> None:
        """Aborts the connection and the answer in progress, which is no hang-up of the client's."""
        if self.task:
            self.task.cancel()
            self.task = None
        self.transport.abort()

    def reset(self) -> None:
        """Ends the connection with an RST."""
        linger = struct.pack("ii", 1, 0)  # on, for no time: closing sends RST instead of FIN
        self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.transport.abort()

    # For asyncio to call

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.set_write_buffer_limits(high=0)  # so that writable means: the kernel has everything
        self.transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if self.task:
            self.hung_up()
        self.drop()

    def data_received(self, data: bytes) -> None:
        self._reader.feed(data)
        if not self.task:
            self._advance()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def _advance(self) -> None:
        """Answers what has arrived in full, until an answer needs time."""
        try:
            while not self.task and not self.transport.is_closing() and (request := self._reader.next()):
                steps = self.respond(request)
                if first := next(steps, None):
                    self.task = asyncio.create_task(self._go_on(first, steps))
        except Malformed as malformed:
            self.malformed(str(malformed))
            self.transport.write(frame(Script(400, sized=True), "GET").wire)
            self.transport.close()
        if self._reader.awaits_continue and not self.task:
            self._reader.awaits_continue = False
            self.transport.write(CONTINUE)

    async def _go_on(self, first: Wait, steps: Iterator[Wait]) -> None:
        await first()
        for wait in steps:
            await wait()
        self.task = None
        self._advance()
