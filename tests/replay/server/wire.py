"""Scripts to answer with, and what comes of them on the wire."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable

import httpx

from conformance.replay.script import Script
from conformance.replay.server import ReplayServer
from conformance.trace import Exchange

PIECES = (b"data: Nile\n\n", b"data: Ama", b"zon \xc3", b"\xa9\n\n")
STREAM = Script(headers=(("content-type", "text/event-stream"),), chunks=PIECES)


def always(script: Script) -> Callable[[Exchange], Script]:
    return lambda exchange: script


def raw(server: ReplayServer, data: bytes) -> bytes:
    """Everything the server answers to these bytes until it closes or is silent for 0.3 s."""
    with socket.create_connection(("127.0.0.1", server.port)) as sock:
        sock.sendall(data)
        sock.settimeout(0.3)
        received = b""
        try:
            while more := sock.recv(65536):
                received += more
        except TimeoutError:
            pass
        return received


def prefix(base_url: str) -> bytes:
    return httpx.URL(base_url).path.encode()


def eventually(fact: Callable[[], object]) -> bool:
    """Whether the fact comes true within a second."""
    end = time.monotonic() + 1.0
    while not fact() and time.monotonic() < end:
        time.sleep(0.005)
    return bool(fact())
