"""Doors: base URLs that fail before any request gets through."""

from __future__ import annotations

import functools
import select
import socket
import ssl
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from conformance.replay.ports import bound
from conformance.trace import Fault

PATIENCE = 1.0  # seconds for the client's part of a TLS handshake


@dataclass
class Door:
    base_url: str  # "http://127.0.0.1:PORT" or "https://…", no trailing slash
    port: int
    connections: int | None = None  # attempts seen; None where the system does not tell
    trusted: int = 0  # clients that took the untrusted certificate


@contextmanager
def door(fault: Fault) -> Iterator[Door]:
    """A door with one fault: "refuse", "connect_timeout" or "bad_tls"; for others ValueError.

    "connect_timeout" is a full accept queue on Linux, where the system then ignores who knocks. Elsewhere it is
    a TLS port that never answers, and some clients (requests, botocore) call that a read timeout.
    Open it outside of `Guard.watch`: filling the queue connects.
    """
    with ExitStack() as undo:
        sock = undo.enter_context(bound())
        port: int = sock.getsockname()[1]
        plain, tls = f"http://127.0.0.1:{port}", f"https://127.0.0.1:{port}"
        if fault == "refuse":
            yield Door(plain, port)  # bound and never listening: nobody else gets the port
        elif fault == "connect_timeout" and sys.platform == "linux":
            _fill(sock, undo)
            yield Door(plain, port)
        elif fault == "connect_timeout":
            sock.listen(16)
            yield Door(tls, port)
        elif fault == "bad_tls":
            sock.listen(16)
            shown = Door(tls, port, connections=0)
            with _thread(lambda stop: _show_certificate(sock, stop, shown)):
                yield shown
        else:
            raise ValueError(f"{fault} needs a request: the server does it")


def _fill(sock: socket.socket, undo: ExitStack) -> None:
    """Leaves no room in the accept queue: with a backlog of 0 it holds one connection."""
    sock.listen(0)
    for _ in range(3):
        guest = undo.enter_context(socket.socket())
        guest.setblocking(False)
        guest.connect_ex(sock.getsockname())
    select.select([sock], [], [], 1.0)  # the first one is in


@contextmanager
def _thread(job: Callable[[socket.socket], None]) -> Iterator[None]:
    """Runs the job in a thread; the socket it is given turns readable when it is to end."""
    stop, stopper = socket.socketpair()
    with stop:
        thread = threading.Thread(target=job, args=(stop,), name="conformance-door", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stopper.close()
            thread.join()


def _show_certificate(sock: socket.socket, stop: socket.socket, shown: Door) -> None:
    context = _untrusted()
    while stop not in select.select([sock, stop], [], [])[0]:
        guest, _ = sock.accept()
        shown.connections = (shown.connections or 0) + 1
        guest.settimeout(PATIENCE)
        with guest:
            try:
                with context.wrap_socket(guest, server_side=True):
                    shown.trusted += 1
            except OSError:
                pass  # what a client does that looks at certificates


@functools.cache
def _untrusted() -> ssl.SSLContext:
    import trustme  # noqa: PLC0415 - slow to import, and few cases need it

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1", "localhost").configure_cert(context)
    return context
