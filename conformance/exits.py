"""Keeps an adapter from ending the process, and its forks from running on as if they were us.

    with no_exit() as ended:
        ...
    ended      # ["os._exit(3)"]

What ends it otherwise (a crash of C code, a signal from outside) is survived in a process of its own only.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any, NoReturn

_exit = os._exit


class Ended(SystemExit):
    """Raised where the process would have ended. A SystemExit, which a thread may raise in silence."""


@contextmanager
def no_exit() -> Iterator[list[str]]:
    """Yields what the adapter tried. For one opener at a time; not seen are names that it imported before."""
    ended: list[str] = []
    process = os.getpid()
    group = os.getpgrp() if hasattr(os, "getpgrp") else process

    def instead(name: str, real: Callable[..., Any], hits: Callable[..., bool]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            if os.getpid() != process or not hits(*args, **kwargs):
                return real(*args, **kwargs)
            return refuse(f"{name}({', '.join(map(repr, args))})")

        return call

    def refuse(what: str) -> NoReturn:
        ended.append(what)
        raise Ended(what)

    def always(*_: Any, **__: Any) -> bool:
        return True

    def us(pid: int, number: int) -> bool:
        return bool(number) and pid in (process, 0, -1, -group)

    ways: dict[str, Callable[..., bool]] = {
        "_exit": always,
        "abort": always,
        "execv": always,
        "execve": always,
        "kill": us,
        "killpg": lambda pgid, number: bool(number) and pgid in (0, group),
    }
    with ExitStack() as undo:
        for name, hits in ways.items():
            if real := getattr(os, name, None):
                undo.callback(setattr, os, name, real)
                setattr(os, name, instead(f"os.{name}", real, hits))
        if hasattr(os, "fork"):
            undo.callback(setattr, os, "fork", os.fork)
            os.fork = _noted(os.fork)
        try:
            yield ended
        finally:
            if os.getpid() != process:  # a fork came back with the call's result: that is its parent's business
                _exit(0)


_forks: set[int] = set()


def _noted(fork: Callable[[], int]) -> Callable[[], int]:
    def noted() -> int:
        pid = fork()
        if pid:
            _forks.add(pid)
        else:
            _forks.clear()
        return pid

    return noted


def end_forks() -> None:
    """Ends what adapters forked and left."""
    for pid in list(_forks):
        _forks.discard(pid)
        with suppress(OSError):  # somebody waited for it
            if os.waitpid(pid, os.WNOHANG) == (0, 0):
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
