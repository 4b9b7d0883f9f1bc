"""A process of its own that serves many calls: what kills it costs one of them, and the next gets a new one.

    worker = Worker(handle)                          # forked: it knows all that this process knows
    worker.call(request, {"left": left}, 13.0)       # handle(request, ask) over there; ask("left", 1) is answered here
    worker.close()

Raises `Died` where the process ended, and `Overdue` where it gave no answer in time and was killed.
"""

from __future__ import annotations

import ctypes
import gc
import os
import resource
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from time import monotonic
from typing import Any

Handle = Callable[[Any, Callable[..., Any]], Any]

MEMORY = 2 * 1024**3  # bytes beyond what the process has when it begins
FILE = 1024**3  # bytes of a file that it writes, what it prints among them
_PDEATHSIG = 1

_exit = os._exit


class Died(Exception):
    """The process ended in the middle of a call; the text says how."""


class Overdue(Exception):
    """No answer in time."""


class Worker:
    def __init__(self, handle: Handle) -> None:
        self._handle = handle
        self._pid = 0
        self._pipe: Connection | None = None

    def call(self, request: Any, answers: Mapping[str, Callable[..., object]], within: float) -> Any:
        if not self._pid:
            self._start()
        assert self._pipe is not None
        end = monotonic() + within
        try:
            self._pipe.send(request)
            while self._pipe.poll(max(0.0, end - monotonic())):
                word, told = self._pipe.recv()
                if word == "done":
                    return told
                self._pipe.send(answers[word](*told))
        except (EOFError, OSError):
            raise Died(self._end()) from None
        except BaseException:
            self.close()
            raise
        self.close()
        raise Overdue

    def close(self) -> None:
        """Ends it and all that it started."""
        if self._pid:
            self._end(kill=True)

    def _end(self, kill: bool = False) -> str:
        """How it ended."""
        pid, self._pid = self._pid, 0
        if self._pipe:
            self._pipe.close()
        status = _waited(pid, 0.0 if kill else 2.0)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
        if status is None:
            _, status = os.waitpid(pid, 0)
        if os.WIFSIGNALED(status):
            return f"it was ended by {signal.Signals(os.WTERMSIG(status)).name}"
        return f"it ended with exit code {os.waitstatus_to_exitcode(status)}"

    def _start(self) -> None:
        ours, theirs = Pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        parent = os.getpid()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of threads: the child touches none of theirs
            pid = os.fork()
        if pid:
            theirs.close()
            self._pid, self._pipe = pid, ours
            with suppress(OSError):
                os.setpgid(pid, pid)
            return
        try:
            ours.close()
            _settle_in(parent)
            self._serve(theirs)
        finally:
            _exit(0)

    def _serve(self, pipe: Connection) -> None:
        """In the new process, until this one closes the pipe."""
        with suppress(EOFError, OSError):
            while True:
                line = _Line(pipe)
                answer = self._handle(pipe.recv(), line.ask)
                for stream in (sys.stdout, sys.stderr):
                    with suppress(Exception):
                        stream.flush()
                line.close(answer)


class _Line:
    """One request's way back. A thread that still asks when the answer is given is not heard any more."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe, self._lock, self._closed = pipe, threading.Lock(), False

    def ask(self, word: str, *told: Any) -> Any:
        with self._lock:
            if self._closed:
                return None
            self._pipe.send((word, told))
            return self._pipe.recv()

    def close(self, answer: Any) -> None:
        with self._lock:
            self._closed = True
            self._pipe.send(("done", answer))


def _settle_in(parent: int) -> None:
    gc.disable()  # what it would find is the other process's
    gc.freeze()
    gc.enable()
    with suppress(OSError):
        os.setpgid(0, 0)
    with suppress(AttributeError, OSError):  # Linux: it does not outlive its parent
        ctypes.CDLL(None).prctl(_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        _exit(0)
    _limit(resource.RLIMIT_AS, _memory() + MEMORY)
    _limit(resource.RLIMIT_FSIZE, FILE)
    _limit(resource.RLIMIT_CORE, 0)


def _limit(what: int, most: int) -> None:
    soft, hard = resource.getrlimit(what)
    known = [limit for limit in (soft, hard, most) if limit != resource.RLIM_INFINITY]
    with suppress(ValueError, OSError):
        resource.setrlimit(what, (min(known), hard))


def _memory() -> int:
    """Bytes of address space that this process has."""
    with suppress(OSError), open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123
        return int(file.read().split()[0]) * resource.getpagesize()
    return 8 * 1024**3


def _waited(pid: int, seconds: float) -> int | None:
    """The status of a process that ends in so many seconds."""
    end = monotonic() + seconds
    while True:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            return status
        if monotonic() >= end:
            return None
        threading.Event().wait(0.02)
