"""Keeps the adapter on this machine, and tells which host it tried to reach.

with Guard() as guard, guard.allow(server.port):     # for the run: environment and certificates
    with guard.watch() as breaches:                  # for one case: every connect of the process
        ...
    breaches                                         # ["api.openai.com:443"]
"""

from __future__ import annotations

import os
import socket
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any, Self

from conformance.replay import footprint as steps
from conformance.replay.footprint import Footprint

CERTIFICATES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "AWS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
LOCAL = ("127.0.0.1", "::1", "localhost", "")  # "" is what the system takes for this machine


class Guard:
    """A context manager for the run: sets the environment, and puts it back.

    Child processes get the environment and nothing more: `watch` sees only Python's own sockets. It cannot stop
    the DNS query of a bare `sock.connect(("name", port))`, which Python resolves before it asks; the connect it stops.
    """

    def __init__(self) -> None:
        self.ports: set[int] = set()  # of the kit
        self._undo = ExitStack()

    def allow(self, port: int) -> AbstractContextManager[object]:
        """Allows a port of 127.0.0.1 and ::1 from now on; used as a context manager, only until that ends."""
        self.ports.add(port)
        until = ExitStack()
        until.callback(self.ports.discard, port)
        return until

    @contextmanager
    def watch(self, footprint: Footprint | None = None) -> Iterator[list[str]]:
        """Refuses, in every thread, what would leave the machine or reach a port that is not allowed.

        What else is done to the machine is noted in the footprint, and let be.
        Yields the breaches: "host:port", or "host" where a name was looked up without a port; each once, in order.
        The adapter meets a ConnectionRefusedError.
        """
        watch = _Watch(self.ports, footprint or Footprint())
        _watches.open(watch)
        try:
            yield watch.breaches
        finally:
            _watches.close(watch)

    def __enter__(self) -> Self:
        for name in [name for name in os.environ if name.upper().endswith("_PROXY")]:
            self._set(name, None)
        for name in ("NO_PROXY", "no_proxy"):  # the system's own proxy settings count where no variable does
            self._set(name, "127.0.0.1,localhost")
        bundle = self._certificate()
        for name in CERTIFICATES:
            self._set(name, bundle)
        self._set("LITELLM_LOCAL_MODEL_COST_MAP", "True")  # else litellm fetches it when imported
        return self

    def __exit__(self, *_: object) -> None:
        self._undo.close()

    def _certificate(self) -> str:
        """The path of a bundle of one: real hosts are refused, and clients are built 40 times faster than with 140."""
        import trustme  # noqa: PLC0415 - slow to import, and only a run needs it

        handle, path = tempfile.mkstemp(prefix="conformance-", suffix=".pem")
        os.close(handle)
        self._undo.callback(Path(path).unlink, missing_ok=True)
        trustme.CA().cert_pem.write_to_path(path)
        return path

    def _set(self, name: str, value: str | None) -> None:
        self._undo.callback(_setenv, name, os.environ.get(name))
        _setenv(name, value)


def _setenv(name: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value


class _Watch:
    """What one case may reach, and what it tried beyond that."""

    def __init__(self, ports: set[int], footprint: Footprint) -> None:
        self.breaches: list[str] = []
        self.footprint = footprint
        self._ports = ports

    def connect(self, sock: socket.socket, address: Any) -> str | None:
        """The name of the breach, None where the address is allowed."""
        if address is None or sock.family == getattr(socket, "AF_UNIX", None):
            return None  # no address: the socket is connected, and that was judged
        if sock.family not in (socket.AF_INET, socket.AF_INET6):
            return str(address)
        host, port = _text(address[0]), address[1]
        self.footprint.reached.append(host)
        return None if host in LOCAL and port in self._ports else f"{host}:{port}"

    def resolve(self, host: Any, port: Any = None, *_: Any) -> str | None:
        host, port = _text(host), _text(port)
        self.footprint.reached.append(host)
        return None if host in LOCAL else f"{host}:{port}" if port else host


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value.decode("latin-1").lower() if isinstance(value, bytes | bytearray) else str(value).lower()


EVENTS: dict[str, Callable[..., str | None]] = {
    "socket.connect": _Watch.connect,
    "socket.sendto": _Watch.connect,
    "socket.sendmsg": _Watch.connect,
    "socket.getaddrinfo": _Watch.resolve,
    "socket.gethostbyname": _Watch.resolve,
}


class _Watches:
    """The open watches of the process behind its one audit hook, which can never be removed."""

    def __init__(self) -> None:
        self.current: tuple[_Watch, ...] = ()
        self._lock = threading.RLock()
        self._installed = False

    def open(self, watch: _Watch) -> None:
        with self._lock:
            self.current = (*self.current, watch)
            if not self._installed:
                sys.addaudithook(self._hook)
                self._installed = True

    def close(self, watch: _Watch) -> None:
        with self._lock:
            self.current = tuple(other for other in self.current if other is not watch)

    def _hook(self, event: str, args: tuple[Any, ...]) -> None:
        # Called for every import, open and compile of the process: the first test must be enough for nearly all.
        if not self.current or not (event in EVENTS or event in steps.EVENTS):
            return
        if event in steps.EVENTS:
            for watch in self.current:
                steps.EVENTS[event](watch.footprint, *args)
            return
        breach = None
        for watch in self.current:
            if breach := EVENTS[event](watch, *args):
                with self._lock:
                    if breach not in watch.breaches:
                        watch.breaches.append(breach)
        if breach:
            raise ConnectionRefusedError(f"provider-conformance: an adapter under test may not reach {breach}")


_watches = _Watches()
