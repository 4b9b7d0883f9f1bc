"""Several calls: in turn, at once, in event loops and in threads of their own, while the first is open. What each
brings home is its own."""

from __future__ import annotations

import asyncio
import inspect
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from conformance.drivers import Call, Calls
from conformance.drivers.calling import in_time
from conformance.drivers.failures import hung
from conformance.trace import Failure, Outcome

Seen = Callable[[BaseException], Failure]
TICK = 0.005  # seconds: below what the virtual clock skips
CLOSING = 2.0  # seconds that closing may take
LONGER = 1.5  # times the deadline of those that it waits for


def closes(target: Any) -> bool:
    return callable(_closer(target))


def _closer(target: Any) -> Any:
    return getattr(target, "close", None) or getattr(target, "aclose", None)


# --- with event loops ---------------------------------------------------------------------------


def asynchronously(calls: Calls, ask: Callable[..., Awaitable[None]], seen: Seen) -> list[Outcome]:
    """The outcome of each. Lets nothing of the adapter escape."""
    made = _Async(calls, ask, seen)
    ways = {
        "in_turn": made.in_turn,
        "together": made.together,
        "loops": made.loops,
        "threads": made.threads,
        "while_open": made.while_open,
    }
    ways[calls.how]()
    return made.outcomes


class _Async:
    def __init__(self, calls: Calls, ask: Callable[..., Awaitable[None]], seen: Seen) -> None:
        self.calls, self.ask, self.seen = calls, ask, seen
        self.outcomes = [Outcome() for _ in calls.each]
        self.adapters: list[Any] = []

    def in_turn(self) -> None:
        async def all_of_them() -> None:
            self.adapters.append(self.build())
            for n in range(len(self.outcomes)):
                await self.next(n)
            await self.close()

        self.run(all_of_them())

    def together(self) -> None:
        async def all_of_them() -> None:
            first = self.build() if self.calls.one else None
            self.adapters += [first if self.calls.one else self.build(n) for n in range(len(self.outcomes))]
            tasks = [asyncio.create_task(self.one(n, a)) for n, a in enumerate(self.adapters)]
            waiting = set(tasks)
            while waiting:  # a loop that goes on gives the server the sign that it waits for
                _, waiting = await asyncio.wait(waiting, timeout=TICK)
                self.calls.each[0].first_event()
            await self.close()

        self.run(all_of_them())

    def loops(self) -> None:
        async def next_of_them(n: int) -> None:
            if not self.adapters:
                self.adapters.append(self.build())
            await self.next(n)
            if n == len(self.outcomes) - 1:
                await self.close()

        for n in range(len(self.outcomes)):
            self.run(next_of_them(n), n)

    def threads(self) -> None:
        """An adapter each: what is built in one event loop is promised to nobody in another thread's."""

        async def alone(n: int) -> None:
            adapter = self.build(n)
            await self.one(n, adapter)
            await _closed(adapter, 1)

        _at_once([lambda n=n: self.run(alone(n), n) for n in range(len(self.outcomes))], self.calls, self.outcomes)  # type: ignore[misc]

    def while_open(self) -> None:
        """In one task: whatever the first keeps for itself until its end, the others cannot have."""

        async def all_of_them() -> None:
            adapter, (first, *_) = self.build(), self.calls.each
            self.adapters.append(adapter)

            async def others() -> None:
                for n in range(1, len(self.outcomes)):
                    await self.one(n, adapter)
                first.first_event()

            await self.one(0, adapter, _open(first, others))
            await self.close()

        self.run(all_of_them())

    def run(self, work: Any, n: int = 0) -> None:
        """What fails outside of a call fails them all."""
        try:
            asyncio.run(work)
        except (Exception, SystemExit) as exc:
            for outcome in self.outcomes[n:]:
                outcome.error = outcome.error or self.seen(exc)

    def build(self, n: int = 0) -> Any:
        return self.calls.each[n].build()

    async def next(self, n: int) -> None:
        if any(o.error and o.error.type == "hung" for o in self.outcomes):
            self.outcomes[n].error = hung(self.calls.each[n].deadline)  # the others would wait as long again
            return
        self.calls.begins(n)
        await self.one(n, self.adapters[0])
        if n in self.calls.marks:
            await asyncio.to_thread(self.calls.counts, await _tasks())

    async def one(self, n: int, adapter: Any, call: Call | None = None) -> None:
        call, outcome, started = call or self.calls.each[n], self.outcomes[n], time.monotonic()
        async with in_time(outcome, call.deadline, started, self.seen):
            await self.ask(adapter, call, outcome)

    async def close(self) -> None:
        raised: Failure | None = None
        for adapter in {id(a): a for a in self.adapters}.values():
            try:
                await _closed(adapter, self.calls.closes)
            except (Exception, SystemExit) as exc:
                raised = self.seen(exc)
        tasks = await _tasks()
        await asyncio.to_thread(self.calls.closed, tasks, raised)


def _open(first: Call, others: Callable[[], Any]) -> Call:
    """What the server holds back of it is let go when the others have ended."""
    return replace(first, meanwhile=others, first_event=lambda: None, deadline=LONGER * first.deadline)


async def _closed(adapter: Any, times: int) -> None:
    if close := _closer(adapter):
        for _ in range(times):
            async with asyncio.timeout(CLOSING):
                if inspect.isawaitable(done := close()):
                    await done


async def _tasks() -> int:
    """How many are left once those that only had to end have ended."""
    for _ in range(10):
        await asyncio.sleep(0)
    return len(asyncio.all_tasks())


# --- without ------------------------------------------------------------------------------------


def synchronously(calls: Calls, ask: Callable[..., None], seen: Seen) -> list[Outcome]:
    """The same for hosts that call plainly: what goes on at once does so in threads."""
    outcomes = [Outcome() for _ in calls.each]

    def one(n: int, adapter: Any = None, call: Call | None = None) -> None:
        try:
            ask(calls.each[n].build() if adapter is None else adapter, call or calls.each[n], outcomes[n])
        except (Exception, SystemExit) as exc:
            outcomes[n].error = seen(exc)
        outcomes[n].finished_at = time.monotonic()

    def in_turn(adapter: Any) -> None:
        for n in range(len(outcomes)):
            calls.begins(n)
            one(n, adapter)
            if n in calls.marks:
                calls.counts(0)

    def while_open(adapter: Any) -> None:
        def others() -> None:
            for n in range(1, len(outcomes)):
                one(n, adapter)
            calls.each[0].first_event()

        one(0, adapter, _open(calls.each[0], others))

    def all_of_them() -> None:
        try:
            adapter = calls.each[0].build() if calls.one else None
        except (Exception, SystemExit) as exc:
            for outcome in outcomes:
                outcome.error = seen(exc)
            return
        if calls.how in ("in_turn", "loops"):
            in_turn(adapter)
        elif calls.how == "while_open":
            while_open(adapter)
        else:
            _at_once([lambda n=n: one(n, adapter) for n in range(len(outcomes))], calls, outcomes)  # type: ignore[misc]
        raised = None
        try:
            for _ in range(calls.closes if adapter is not None and closes(adapter) else 0):
                _closer(adapter)()
        except (Exception, SystemExit) as exc:
            raised = seen(exc)
        calls.closed(0, raised)

    _at_once([all_of_them], calls, outcomes)
    return outcomes


def _at_once(jobs: list[Callable[[], None]], calls: Calls, outcomes: list[Outcome]) -> None:
    """Each in a thread; one that does not end is given up, and what it would have brought home is not known."""
    threads = [threading.Thread(target=job, name="adapter", daemon=True) for job in jobs]
    for thread in threads:
        thread.start()
    end = time.monotonic() + calls.each[0].deadline if calls.each else time.monotonic() + CLOSING
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    if any(thread.is_alive() for thread in threads):
        for n, outcome in enumerate(outcomes):
            if outcome.finished_at is None:
                outcomes[n] = Outcome(error=hung(calls.each[n].deadline))


__all__ = ["Call", "asynchronously", "closes", "synchronously"]
