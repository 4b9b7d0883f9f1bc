"""Virtual sleeping: an adapter's retry pauses are recorded, and nobody waits for them."""

from __future__ import annotations

import asyncio
import math
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from types import ModuleType
from typing import Any

SHORT = 0.01  # seconds: below that a sleep is a yield to others, not a pause
MANY = 1000  # recorded sleeps, after which time is real again: a heartbeat must not spin for ever

_now = time.monotonic


class Pause(float):
    """The asked delay in seconds, and when it was asked for."""

    at: float


AsyncSleep = Callable[..., Coroutine[Any, Any, Any]]


@contextmanager
def virtual_sleep() -> Iterator[list[Pause]]:
    """Replaces `time.sleep`, `asyncio.sleep` and, once imported, `anyio.sleep`. Yields the asked delays, in seconds.

    Not replaced: sleeps under 0.01 s, endless ones, those of the kit's own threads (named "conformance-…"), and
    functions that the adapter took by name before (`from time import sleep`). Those of tasks for which nobody waited,
    such as the housekeeping of a client's pool, are taken off the list in the end. For one opener at a time.
    """
    clock = _Clock()
    with ExitStack() as undo:
        undo.callback(clock.forget)
        undo.callback(clock.stop)
        _replace(undo, time, clock.blocking(time.sleep))
        sleep = clock.suspending(asyncio.sleep)
        for module in (asyncio, asyncio.tasks):
            _replace(undo, module, sleep)
        if anyio := sys.modules.get("anyio"):
            _replace(undo, anyio, clock.suspending(anyio.sleep))
        yield clock.delays


def _replace(undo: ExitStack, module: ModuleType, sleep: Callable[..., Any]) -> None:
    undo.callback(setattr, module, "sleep", module.sleep)
    module.sleep = sleep  # type: ignore[attr-defined]


class _Clock:
    def __init__(self) -> None:
        self.delays: list[Pause] = []
        self._tasks: list[asyncio.Task[Any] | None] = []  # of each delay: who slept
        self._running = True

    def stop(self) -> None:
        # Whoever imported a replacement by name while it was in place keeps it: from now on it must be the real thing.
        self._running = False

    def forget(self) -> None:
        """What was still asleep when the call was over, or was cancelled then, did not hold it up."""
        told = zip(self.delays, self._tasks, strict=True)
        self.delays[:] = [pause for pause, task in told if task is None or (task.done() and not task.cancelled())]
        self._tasks.clear()

    def blocking(self, original: Callable[[float], None]) -> Callable[[float], None]:
        def sleep(seconds: float, /) -> None:
            original(0 if self._skips(seconds, None) else seconds)

        return sleep

    def suspending(self, original: AsyncSleep) -> AsyncSleep:
        async def sleep(delay: float, *args: Any, **kwargs: Any) -> Any:
            return await original(0 if self._skips(delay, asyncio.current_task()) else delay, *args, **kwargs)

        return sleep

    def _skips(self, delay: float, task: asyncio.Task[Any] | None) -> bool:
        """Records the delay and says whether it passes at once."""
        if not self._running or not SHORT <= delay < math.inf or len(self.delays) >= MANY:
            return False
        if threading.current_thread().name.startswith("conformance-"):
            return False
        pause = Pause(delay)
        pause.at = _now()
        self.delays.append(pause)
        self._tasks.append(task)
        return True
