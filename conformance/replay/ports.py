"""Sockets on the loopback addresses, on ports that read as nothing else."""

from __future__ import annotations

import re
import secrets
import socket
from contextlib import suppress
from functools import cache

# Hosts classify errors by text, and the URL is often part of it: no port may read as a status.
QUIET_PORTS = [port for port in range(20_000, 65_000) if not re.search(r"[45]\d\d", str(port))]


@cache
def has_ipv6() -> bool:
    """Whether this machine can talk to itself at ::1."""
    with suppress(OSError), _twin(0):
        return True
    return False


def _twin(port: int) -> socket.socket:
    """The same port on ::1."""
    sock = socket.socket(socket.AF_INET6, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        sock.bind(("::1", port))
    except OSError:
        sock.close()
        raise
    return sock


def listeners() -> list[socket.socket]:
    """One port on every loopback address, and another one, which is another origin."""
    for _ in range(1000):
        first = bound()
        try:
            return [first, bound(), *([_twin(first.getsockname()[1])] if has_ipv6() else [])]
        except OSError:
            first.close()
    raise OSError("no port is free on both 127.0.0.1 and ::1")


def bound() -> socket.socket:
    """A TCP socket on 127.0.0.1, not yet listening, on a quiet port."""
    for _ in range(1000):
        # With proto=0 asyncio would leave TCP_NODELAY off, 40 ms per exchange.
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            sock.bind(("127.0.0.1", secrets.choice(QUIET_PORTS)))
            return sock
        except OSError:
            sock.close()
    raise OSError("no free port on 127.0.0.1")
