"""Ends a call that does not come back: one that spins, waits for ever, or holds its event loop.

    with deadline(13.0) as watch:
        ...                # GivenUp is raised in here when 13 seconds are over, and again until it is left
    watch.interrupted      # somebody pressed Ctrl-C meanwhile

In the main thread signals do it, which end waiting too; in another one only running Python code can be ended.
What never comes back to the interpreter (C code that computes, say) cannot: that takes a process of its own.
"""

from __future__ import annotations

import ctypes
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from time import monotonic
from typing import Any

EVERY = 0.1  # seconds between two looks at the clock
PATIENCE = (0.5, 0.5, 0.05)  # seconds until it is raised again; first there may be something to clean up
_SIGNAL = getattr(signal, "SIGURG", None)  # nobody uses it, and by default it does nothing


class GivenUp(KeyboardInterrupt):
    """The time of a call is over. A KeyboardInterrupt, because libraries and asyncio let that pass."""


class Watch:
    def __init__(self, seconds: float) -> None:
        self.interrupted = False
        self.fired = 0  # times that it was raised
        self._at = monotonic() + seconds
        self._thread = threading.current_thread()
        self._known = set(threading.enumerate())
        self._open = False

    def tick(self, now: float) -> None:
        """In the watching thread."""
        if self._open and now >= self._at:
            self._at = now + PATIENCE[min(self.fired, len(PATIENCE) - 1)]
            if self._by_signal:
                signal.pthread_kill(threading.main_thread().ident or 0, _SIGNAL)  # type: ignore[arg-type]
            else:
                self.fired += 1
                raise_in(self._thread, GivenUp)

    @property
    def _by_signal(self) -> bool:
        return self._thread is threading.main_thread() and _SIGNAL is not None and hasattr(signal, "pthread_kill")

    @contextmanager
    def opened(self) -> Iterator[None]:
        handlers: dict[int, Any] = {}
        if self._by_signal and _SIGNAL is not None:
            handlers[_SIGNAL] = signal.signal(_SIGNAL, self._over)
            if self._alarm_is_free():  # the system's clock: a regular expression lets no other thread look at ours
                handlers[signal.SIGALRM] = signal.signal(signal.SIGALRM, self._over)
                signal.setitimer(signal.ITIMER_REAL, max(0.001, self._at - monotonic()) + EVERY, PATIENCE[0])
            before = signal.getsignal(signal.SIGINT)
            if callable(before):  # whether Ctrl-C was pressed, or the adapter only raises as if
                handlers[signal.SIGINT] = signal.signal(signal.SIGINT, self._interrupt(before))
        self._open = True
        _WATCHER.add(self)
        try:
            yield
        finally:
            self._open = False
            _WATCHER.remove(self)
            if hasattr(signal, "SIGALRM") and signal.SIGALRM in handlers:
                signal.setitimer(signal.ITIMER_REAL, 0)
            for number, handler in handlers.items():
                signal.signal(number, signal.SIG_DFL if handler is None else handler)
            if self.fired:
                if not self._by_signal:
                    raise_in(self._thread, None)
                _STUCK.extend(t for t in threading.enumerate() if t not in self._known and not t.daemon)

    def _over(self, *_: object) -> None:
        if self._open:  # it runs in the thread that closes it: never too late
            self.fired += 1
            raise GivenUp

    def _alarm_is_free(self) -> bool:
        """Neither pytest-timeout nor anybody else uses it."""
        unused = (signal.SIG_DFL, signal.SIG_IGN)
        return (
            hasattr(signal, "setitimer")
            and not any(signal.getitimer(signal.ITIMER_REAL))
            and (signal.getsignal(signal.SIGALRM) in unused)
        )

    def _interrupt(self, before: Callable[..., Any]) -> Callable[..., Any]:
        def interrupt(*args: Any) -> Any:
            self.interrupted = True
            return before(*args)

        return interrupt


class _Watcher:
    """All open watches, and the thread that looks at them, for as long as there are any."""

    def __init__(self) -> None:
        self._watches: list[Watch] = []
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._forked)

    def add(self, watch: Watch) -> None:
        with self._lock:
            self._watches.append(watch)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="conformance-deadlines", daemon=True)
                self._thread.start()

    def remove(self, watch: Watch) -> None:
        with self._lock:
            self._watches.remove(watch)

    def _run(self) -> None:
        idle, pause = 0, threading.Event()  # never set; time.sleep may be somebody else's by now
        while True:
            pause.wait(EVERY)
            with self._lock:
                watches = list(self._watches)
                idle = 0 if watches else idle + 1
                if idle > 20:
                    self._thread = None
                    return
            for watch in watches:
                watch.tick(monotonic())

    def _forked(self) -> None:
        self._watches, self._lock, self._thread = [], threading.Lock(), None


_WATCHER = _Watcher()
_STUCK: list[threading.Thread] = []  # began in a call that was given up


@contextmanager
def deadline(seconds: float) -> Iterator[Watch]:
    """Raises `GivenUp` in the block when that many seconds are over."""
    watch = Watch(seconds)
    with watch.opened():
        yield watch


def raise_in(thread: threading.Thread, exception: type[BaseException] | None) -> None:
    """As soon as that thread runs Python code again; None: not after all."""
    with suppress(AttributeError):  # there is no such thing in other Pythons than CPython
        raiser = ctypes.pythonapi.PyThreadState_SetAsyncExc
        raiser(ctypes.c_ulong(thread.ident or 0), None if exception is None else ctypes.py_object(exception))


class Endable(threading.Thread):
    """Runs an adapter, and says nothing when it is ended, in whatever it was found."""

    def __init__(self, job: Callable[[], object]) -> None:
        super().__init__(target=job, name="adapter", daemon=True)

    def run(self) -> None:
        with suppress(GivenUp):
            super().run()


def end(thread: Endable, within: float = 0.3) -> None:
    """Ends a thread that runs Python code; one that waits will end when it has waited."""
    until = monotonic() + within
    while thread.is_alive() and monotonic() < until:
        raise_in(thread, GivenUp)
        thread.join(0.02)


def stuck() -> list[threading.Thread]:
    """Threads that calls left behind, and for which the process would wait for ever at its end."""
    return [thread for thread in _STUCK if thread.is_alive()]
