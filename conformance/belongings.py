"""What belongs to the whole process: noted before a call, and put back after it, so that no case harms the next.

with kept() as changed:
    ...
changed      # ["the working directory", "json.loads", "sys.stdout"]
"""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from importlib import import_module
from typing import Any

MODULES = [import_module(name) for name in ("builtins", "json", "json.decoder", "json.encoder", "os", "socket", "time")]
OWNERS: list[Any] = [*MODULES, json.JSONDecoder, json.JSONEncoder]
STREAMS = ("stdout", "stderr", "__stdout__", "__stderr__")
HOOKS = ("stdin", "excepthook", "displayhook")
SIGNALS = [getattr(signal, n) for n in ("SIGINT", "SIGTERM", "SIGALRM", "SIGCHLD", "SIGHUP") if hasattr(signal, n)]
MOST = 1_000_000  # characters that a call may print; the rest is dropped

# Read, and set to what was read before.
SETTINGS: dict[str, tuple[Callable[[], Any], Callable[[Any], object]]] = {
    "the recursion limit": (sys.getrecursionlimit, sys.setrecursionlimit),
    "the default timeout of sockets": (socket.getdefaulttimeout, socket.setdefaulttimeout),
    "logging.disable": (lambda: logging.root.manager.disable, logging.disable),
}
_GONE = object()


class Stream:
    """What is printed goes through, up to an end; closing it closes nothing."""

    def __init__(self, to: Any) -> None:
        self._to = to
        self._left = MOST

    def write(self, text: str) -> int:
        if self._left > 0:
            self._to.write(text[: self._left])
            self._left -= len(text)
            if self._left <= 0:
                self._to.write("\n[the adapter printed more; it is not shown]\n")
        return len(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def close(self) -> None:
        pass

    def detach(self) -> Any:
        return self

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def __getattr__(self, name: str) -> Any:
        return getattr(self._to, name)


@contextmanager
def kept() -> Iterator[list[str]]:
    """Yields the names of what was changed, when it is over. For one opener at a time."""
    changed: list[str] = []
    with ExitStack() as stack:
        for keep in (_streams, _modules, _settings, _signals, _directory, _descriptors):
            stack.enter_context(keep(changed))
        yield changed


@contextmanager
def _modules(changed: list[str]) -> Iterator[None]:
    before = [(owner, dict(vars(owner))) for owner in OWNERS]
    try:
        yield
    finally:
        for owner, names in before:
            changed += _restored(owner, names)


def _restored(owner: Any, names: dict[str, Any]) -> list[str]:
    now = vars(owner)
    if now == names:  # the usual case, and the cheaper question
        return []
    others = [name for name, value in names.items() if now.get(name, _GONE) is not value]
    for name in others:
        setattr(owner, name, names[name])
    return [f"{owner.__name__}.{name}" for name in others if name != "_"]  # the last value at a prompt


@contextmanager
def _streams(changed: list[str]) -> Iterator[None]:
    before = {name: getattr(sys, name) for name in (*STREAMS, *HOOKS)}
    given = {name: Stream(v) if name in STREAMS and v is not None else v for name, v in before.items()}
    for name in STREAMS:
        setattr(sys, name, given[name])
    try:
        yield
    finally:
        changed += [f"sys.{name}" for name, value in given.items() if getattr(sys, name, None) is not value]
        for name, value in before.items():
            setattr(sys, name, value)


@contextmanager
def _settings(changed: list[str]) -> Iterator[None]:
    before = {name: read() for name, (read, _) in SETTINGS.items()}
    try:
        yield
    finally:
        for name, (read, put) in SETTINGS.items():
            if read() != before[name]:
                changed.append(name)
                put(before[name])


@contextmanager
def _signals(changed: list[str]) -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            if signal.getsignal(number) is not handler and handler is not None:
                changed.append(f"the handler of {number.name}")
                if threading.current_thread() is threading.main_thread():
                    signal.signal(number, handler)


@contextmanager
def _directory(changed: list[str]) -> Iterator[None]:
    before = os.getcwd()  # noqa: PTH109 - cheaper, and it is compared as text
    try:
        yield
    finally:
        now = None
        with suppress(OSError):  # it may be gone
            now = os.getcwd()  # noqa: PTH109
        if now != before:
            changed.append("the working directory")
            os.chdir(before)


@contextmanager
def _descriptors(changed: list[str]) -> Iterator[None]:
    """Those of input, output and errors: closed, the next socket would get their number."""
    copies = {number: os.dup(number) for number in (0, 1, 2) if _place(number)}
    before = {number: _place(number) for number in copies}
    try:
        yield
    finally:
        for number, copy in copies.items():
            if _place(number) != before[number]:
                changed.append(f"file descriptor {number}")
                os.dup2(copy, number)
            os.close(copy)


def _place(number: int) -> tuple[int, int] | None:
    with suppress(OSError):
        found = os.fstat(number)
        return found.st_dev, found.st_ino
    return None
