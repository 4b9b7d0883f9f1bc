"""What asynchronous hosts have in common: a call inside one `asyncio.run`, with a deadline, and its stream taken down.

A driver of one's own is a subclass of `AsyncDriver` with `host`, `methods` and `ask`, named by an entry point of the
group `conformance.drivers` (docs/hosts/your-own.md).
"""

from __future__ import annotations

import asyncio
import copy
import inspect
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, ClassVar

from conformance.contract import Reply
from conformance.drivers import Call, Calls
from conformance.drivers.calling import called, endless, in_time, introduce, quietly
from conformance.drivers.failures import failure
from conformance.drivers.leaving import asked, over
from conformance.drivers.several import asynchronously
from conformance.drivers.ways import at_once
from conformance.trace import Failure, Outcome, StreamEvent


class AsyncDriver:
    host: ClassVar[str]
    asynchronous: ClassVar[bool] = True
    methods: ClassVar[tuple[str, ...]]  # by which its adapters are told
    profile: ClassVar[str | None] = None  # the file of a profile that is not the kit's own
    both_ways: ClassVar[bool] = False  # whether `ask` can ask plainly too: then it awaits nothing that is not there

    def recognise(self, target: Any) -> str | None:
        """Why it is an adapter of this host, or None."""
        has = all(callable(getattr(target, name, None)) for name in self.methods)
        return f"has {', '.join(self.methods)}" if has else None

    def capabilities(self, target: Any) -> dict[str, bool]:
        return {}

    def maker(self, target: Any) -> Any:
        """What builds it with the names that the kit knows, where its class has others."""
        return target

    def failure(self, exc: BaseException) -> Failure:
        """The exception, as this host's users tell one from another."""
        return failure(exc)

    async def ask(self, adapter: Any, call: Call, outcome: Outcome) -> None:
        raise NotImplementedError

    async def close(self, adapter: Any) -> None:
        """What it left open. What this raises is not the case's finding."""

    def call(self, call: Call) -> Outcome:
        if call.ask.way == "other":
            return called(call, partial(self._plainly, call), self.failure)
        return called(call, lambda outcome: asyncio.run(self._within(call, outcome)), self.failure)

    def several(self, calls: Calls) -> list[Outcome]:
        return asynchronously(calls, self.ask, self.failure)

    def _plainly(self, call: Call, outcome: Outcome) -> None:
        """With no event loop while it is built and asked."""
        adapter = call.build()
        introduce(adapter, outcome)
        try:
            at_once(self.ask(adapter, call, outcome))
        finally:
            outcome.finished_at = time.monotonic()
            with suppress(Exception):
                asyncio.run(self.close(adapter))

    async def _within(self, call: Call, outcome: Outcome) -> None:
        # A client that is only dropped closes itself whenever it is collected: often too late, and in another loop.
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
        adapter: Any = None
        async with in_time(outcome, call.deadline, call.started, self.failure):
            adapter = call.build()
            introduce(adapter, outcome)
            await asked(partial(self.ask, adapter), call, outcome)
        over(call, outcome)
        await quietly(partial(self.close, adapter))


class Refused(NotImplementedError):
    """The host has no such thing."""


class Stream:
    """Takes down what comes, and tells when the case wants the stream to be left."""

    def __init__(self, call: Call, outcome: Outcome) -> None:
        self.call, self.outcome = call, outcome

    @property
    def enough(self) -> bool:
        wanted = self.call.ask.leave_after
        if self.outcome.events and endless(self.outcome):
            return True
        return wanted is not None and len(self.outcome.events) >= wanted

    def add(self, text: str | None = None, reasoning: str | None = None) -> None:
        for kind, said in (("reasoning", reasoning), ("text", text)):
            if said is not None and not isinstance(said, str):
                self.outcome.nonsense = f"a piece of a stream must be a text, got {said!r}"[:300]
            elif said:
                self.outcome.events.append(StreamEvent(kind, said, time.monotonic()))
        if text and sum(e.kind == "text" for e in self.outcome.events) == 1:
            self.call.first_event()

    def done(self, reply: Reply) -> None:
        self.outcome.reply = reply

    async def left(self, source: Any = None) -> None:
        """The host left it, and closes what it was reading."""
        close = getattr(source, "aclose", None) or getattr(source, "close", None)
        if close is not None and self.call.ask.leave == "close":
            closed = close()
            if inspect.isawaitable(closed):
                await closed
        self.outcome.left_at = time.monotonic()
        await asyncio.to_thread(self.call.left)


@contextmanager
def unchanged(outcome: Outcome, given: Any) -> Iterator[Any]:
    """The request object, which must be after the call as it was before it."""
    before = copy.deepcopy(given)
    try:
        yield given
    finally:
        if given != before:
            outcome.mutated = f"{before} became {given}"


def only_set(**values: Any) -> dict[str, Any]:
    """What is asked; what is not is not there."""
    return {name: value for name, value in values.items() if value not in (None, [], ())}
