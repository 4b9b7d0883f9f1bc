"""What all drivers do around a call: it ends in time, and nothing that it raises escapes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from conformance.deadline import GivenUp, deadline
from conformance.drivers import Call
from conformance.drivers.failures import failure, hung
from conformance.drivers.plain import plain_text, printed, read
from conformance.trace import Failure, Outcome

MOST = 100_000  # events of a stream
MOST_TEXT = 300_000_000  # characters of them
LATE = 1.0  # seconds after its own deadline before a loop that is held is broken into


def called(call: Call, run: Callable[[Outcome], None], fault: Callable[[BaseException], Failure] = failure) -> Outcome:
    """The outcome that `run` fills; an error where it raises, whatever that is."""
    outcome = Outcome()
    try:
        with deadline(call.deadline + LATE) as watch:
            try:
                run(outcome)
            except GivenUp:
                raise
            except BaseException as exc:  # pytest.skip() and KeyboardInterrupt too: they are the adapter's own
                if watch.interrupted:
                    raise
                outcome.error = outcome.error or fault(exc)
    except GivenUp:
        outcome.error = hung(call.deadline)
    if watch.interrupted:
        raise KeyboardInterrupt
    outcome.finished_at = outcome.finished_at or time.monotonic()
    return outcome


@asynccontextmanager
async def in_time(
    outcome: Outcome, seconds: float, started: float, fault: Callable[[BaseException], Failure] = failure
) -> AsyncIterator[None]:
    """What is raised inside an event loop is the outcome's error, and so is that it does not end."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as exc:
        late = time.monotonic() - started >= seconds
        outcome.error = hung(seconds) if late else fault(exc)
    except asyncio.CancelledError as exc:
        if _cancelled():
            raise  # Ctrl-C
        outcome.error = fault(exc)
    except (Exception, SystemExit) as exc:
        outcome.error = fault(exc)
    outcome.finished_at = time.monotonic()


async def quietly(close: Callable[[], Awaitable[object]]) -> None:
    """Closes, soon or not at all. What that raises is not the case's finding."""
    try:
        async with asyncio.timeout(2.0):
            await close()
    except asyncio.CancelledError:
        if _cancelled():
            raise
    except (Exception, SystemExit):
        return


def _cancelled() -> bool:
    """Whether somebody cancelled this task, or the adapter only raised as if."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def introduce(adapter: Any, outcome: Outcome) -> None:
    """What it says of itself; that it cannot is not this case's finding."""
    name = read(adapter, "name")
    outcome.provider = plain_text(name) if isinstance(name, str) else ""
    outcome.repr = "\n".join(printed(adapter, "the adapter", outcome.unprintable))


def endless(outcome: Outcome) -> bool:
    """Whether a stream gave more than any answer holds: nobody waits for the rest."""
    events = outcome.events
    if len(events) < MOST and len(events[-1].text) < MOST_TEXT / MOST:
        return False
    if len(events) < MOST and sum(len(e.text) for e in events) < MOST_TEXT:
        return False
    outcome.nonsense = f"a stream without an end: {len(events)} events, and more to come"
    return True
