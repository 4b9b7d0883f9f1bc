"""A recording reverse proxy on loopback: a client talks to it as to the provider, and every exchange is kept byte-true.

    with Recorder("http://127.0.0.1:8080") as recorder:
        httpx.post(f"{recorder.base_url}/v1/chat/completions", json=…)
    save(path, recorder.interactions, provenance)

The answer goes on to the client as it arrives, framing and all; a copy is kept with the boundaries of its HTTP chunks.
Kept first, forwarded second: a client that has seen the end of an answer finds it in `interactions`. An answer that is
broken off is kept as far as it came, says so in `broken`, and is broken off for the client too.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
import threading
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_address
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from conformance.replay.arriving import LONGEST_HEAD, READ, Answer, Broken, Reader, WasReset
from conformance.replay.cassette_writer import Recorded, save
from conformance.replay.http import CONTINUE, Malformed, Request, RequestReader
from conformance.replay.scrub import LeakedSecret, find_secrets, scrub

__all__ = ["LeakedSecret", "Recorded", "Recorder", "find_secrets", "save", "scrub"]

HOST = "http://127.0.0.1"  # stands in every recording for the upstream's own address

TURNS = 8  # of the event loop, from a connection just accepted to our code, which closes it

# What the client says to us only. Gzip would hide the chunks from us, and the text from a reviewer.
_NOT_FORWARDED = {
    "accept-encoding",
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
}


class _ClientGone(Exception):
    """The client hung up before it had the whole answer."""


@dataclass
class _Exchange:
    request: Request
    target: str  # as the upstream gets it
    headers: tuple[tuple[str, str], ...]  # without those about the connection
    answer: Answer

    def recorded(self) -> Recorded:
        return Recorded(
            method=self.request.method,
            uri=HOST + self.target,
            request_headers=self.headers,
            request_body=self.request.body,
            status=self.answer.status,
            headers=self.answer.headers,
            chunks=tuple(bytes(piece) for piece in self.answer.pieces if piece),
            broken=self.answer.broken,
        )


class Recorder:
    """A context manager: `base_url` is for the client, `interactions` holds what went through so far."""

    def __init__(self, upstream: str) -> None:
        url = urlsplit(upstream)
        if not url.hostname or url.scheme not in ("http", "https"):
            raise ValueError(f"the upstream must be an http or https URL, not {upstream!r}")
        if url.scheme == "http" and not _on_loopback(url.hostname):
            raise ValueError(f"plain http is for servers on this machine: use https for {url.hostname}")
        self._tls = ssl.create_default_context() if url.scheme == "https" else None
        self._host, self._port = url.hostname, url.port or (443 if self._tls else 80)
        self._netloc = url.netloc.rpartition("@")[2]
        self._prefix = url.path.rstrip("/")
        self._exchanges: list[_Exchange] = []
        self._listening: Future[int] = Future()
        self._thread = threading.Thread(target=self._run, name="conformance-recorder", daemon=True)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._listening.result(timeout=10)}"

    @property
    def interactions(self) -> list[Recorded]:
        """What was asked and answered so far, in the order of the requests."""
        return [exchange.recorded() for exchange in list(self._exchanges)]

    def __enter__(self) -> Self:
        self._thread.start()
        self._listening.result()
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def _run(self) -> None:
        try:
            asyncio.run(self._listen())
        except OSError as exc:
            self._listening.set_exception(exc)

    async def _listen(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self._listening.set_result(server.sockets[0].getsockname()[1])
        await self._stop.wait()
        # asyncio leaks a connection that was accepted a moment before the server closes: accept no more, then close.
        self._loop.remove_reader(server.sockets[0].fileno())
        for _ in range(TURNS):
            await asyncio.sleep(0)
        server.close()
        # asyncio.run cancels the exchanges in progress.

    async def _serve(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        """One connection, one request: clients are told so by `Connection: close`."""
        try:
            # Cancelled: the recorder ends. Client gone: its own affair. What came is kept in either case.
            with suppress(asyncio.CancelledError, ConnectionError, _ClientGone):
                await self._one_request(reader, client)
                client.close()
                await client.wait_closed()
        finally:
            client.transport.abort()

    async def _one_request(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        try:
            request = await _read_request(reader, client)
        except Malformed as exc:
            return await _refuse(client, 400, f"The recorder could not read the request: {exc}")
        if request is None:
            return None
        headers = [(name, value) for name, value in request.headers if name not in _NOT_FORWARDED]
        headers.append(("accept-encoding", "identity"))
        answer = Answer(forward=partial(_forward, client))
        exchange = _Exchange(request, self._prefix + request.target, tuple(headers), answer)
        self._exchanges.append(exchange)
        try:
            from_upstream, to_upstream = await self._connect()
        except OSError as exc:
            answer.broken = f"no connection to the upstream: {exc}"
            return await _refuse(client, 502, f"The recorder cannot reach {self._netloc}: {exc}")
        try:
            to_upstream.write(self._request_bytes(exchange))
            await answer.read(from_upstream, request.method)
        except Broken as exc:
            answer.broken = str(exc)
            if isinstance(exc, WasReset):
                _end_with_reset(client)
        except _ClientGone:
            answer.broken = answer.broken and "the client hung up"
        finally:
            to_upstream.transport.abort()

    async def _connect(self) -> tuple[Reader, asyncio.StreamWriter]:
        """What asyncio.open_connection does, with our own reader."""
        loop = asyncio.get_running_loop()
        reader = Reader(limit=LONGEST_HEAD, loop=loop)
        protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
        transport, _ = await loop.create_connection(lambda: protocol, self._host, self._port, ssl=self._tls)
        return reader, asyncio.StreamWriter(transport, protocol, reader, loop)

    def _request_bytes(self, exchange: _Exchange) -> bytes:
        request = exchange.request
        headers = [("host", self._netloc), *exchange.headers, ("connection", "close")]
        if request.body or request.method in ("POST", "PUT", "PATCH"):
            headers.append(("content-length", str(len(request.body))))
        lines = [f"{request.method} {exchange.target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers)]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + request.body


def _on_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


async def _read_request(reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> Request | None:
    """The whole request; None if the client leaves before it is sent."""
    requests, told_to_go_on = RequestReader(), False
    while (request := requests.next()) is None:
        if requests.awaits_continue and not told_to_go_on:
            told_to_go_on = True
            await _forward(client, CONTINUE)
        if not (data := await reader.read(READ)):
            return None
        requests.feed(data)
    return request


async def _forward(client: asyncio.StreamWriter, data: bytes) -> None:
    try:
        client.write(data)
        await client.drain()
    except ConnectionError as exc:
        raise _ClientGone from exc


async def _refuse(client: asyncio.StreamWriter, status: int, text: str) -> None:
    """The recorder's own answer, never part of a recording."""
    body = text.encode()
    head = f"HTTP/1.1 {status} Recorder\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
    await _forward(client, head.encode() + b"Connection: close\r\n\r\n" + body)


def _end_with_reset(client: asyncio.StreamWriter) -> None:
    """Where nothing tells the length of the body, an ordinary close would make it look whole."""
    sock = client.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.transport.abort()
