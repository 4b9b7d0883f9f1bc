"""How a host on asyncio leaves a call: it cancels its task. How it asks again, and how it lets a stream wait."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from typing import Any

from conformance.drivers import Call
from conformance.trace import Outcome

Ask = Callable[[Call, Outcome], Coroutine[Any, Any, None]]

READING = 0.05  # seconds for what is on the way to the adapter
ENDING = 1.5  # seconds for a cancelled call to end


async def asked(ask: Ask, call: Call, outcome: Outcome) -> None:
    """The call, cancelled if the case wants it, and asked once more if the case wants that."""
    await (_cancelled(ask(call, outcome), call, outcome) if call.ask.cancel else ask(call, outcome))
    if call.ask.twice:
        await asyncio.to_thread(call.left)  # the server has done what it does after the answer
        second = Outcome()
        await ask(once_more(call), second)
        outcome.reply, outcome.nonsense = second.reply, outcome.nonsense or second.nonsense


def over(call: Call, outcome: Outcome) -> None:
    """A thread in which the adapter still waits would keep the loop from ending."""
    if call.ask.cancel or (outcome.error is not None and outcome.error.type == "hung"):
        call.over()


async def paused(seconds: float) -> None:
    """Real, where `asyncio.sleep` is not."""
    if seconds:
        await asyncio.wait({asyncio.get_running_loop().create_future()}, timeout=seconds)


def once_more(call: Call) -> Call:
    plain = call.ask.model_copy(update={"twice": False, "cancel": None, "leave_after": None})
    return replace(call, ask=plain)


async def _cancelled(work: Coroutine[Any, Any, None], call: Call, outcome: Outcome) -> None:
    """Not before the server is stuck: until then the call could end by itself. `asyncio.wait` is real where
    `asyncio.sleep` is not."""
    task = asyncio.create_task(work)
    try:
        await _either(task, asyncio.to_thread(call.stuck))
        end = time.monotonic() + ENDING
        while call.ask.cancel == "started" and not outcome.events and not task.done() and time.monotonic() < end:
            await asyncio.wait({task}, timeout=0.01)
        await asyncio.wait({task}, timeout=READING)
        if task.done():
            return task.result()
        outcome.left_at = time.monotonic()
        task.cancel()
        await asyncio.wait({task}, timeout=ENDING)
    finally:
        task.cancel()
    outcome.cancelled = _end(task)
    outcome.ended_at = time.monotonic() if task.done() else None
    outcome.reply = None
    await asyncio.to_thread(call.left)


async def _either(task: asyncio.Task[None], signal: Awaitable[object]) -> None:
    other = asyncio.ensure_future(signal)
    await asyncio.wait({task, other}, return_when=asyncio.FIRST_COMPLETED)


def _end(task: asyncio.Task[None]) -> str:
    if not task.done():
        return f"not ended after {ENDING:g} s"
    if task.cancelled():
        return "cancelled"
    error = task.exception()
    return f"{type(error).__name__}: {error}" if error else "an end without an error"
