"""Several calls in one case: one scene for all of them, a trace of each, and what they leave behind."""

from __future__ import annotations

import gc
import threading
import time
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures.thread import _threads_queues
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conformance.ask import Ask
from conformance.canary import CANARY, key_of
from conformance.case import Case
from conformance.deadline import GivenUp, deadline
from conformance.drivers import Call, Calls
from conformance.drivers.failures import hung
from conformance.replay.footprint import descriptors
from conformance.replay.intercept import Origin
from conformance.replay.script import Script
from conformance.replay.server import Scene
from conformance.scene import answers
from conformance.trace import Exchange, Failure, Held, Outcome, Trace

if TYPE_CHECKING:
    from conformance.examiner import Examiner

WARM = 2  # calls after which there is what an adapter keeps
GRACE = 3.0  # seconds beyond the adapter's own timeout before a call counts as hung
SETTLING = 0.5  # seconds in which a connection that is closed has been


def several(examiner: Examiner, case: Case, mount: str) -> Trace:
    """The trace of all, with a part for each call."""
    assert case.several is not None
    with examiner.bench.server.scene() as scene:
        post = _Post(examiner, case.parts, scene, mount, in_turn=case.several.how in ("in_turn", "loops"))
        scene.answer = post.answer
        told = {
            "first_event": scene.release,
            "left": lambda: scene.settle(0.5),
            "begins": post.begins,
            "open": scene.open_connections,
        }
        asks = tuple(map(examiner.sayable, case.parts))
        trace = examiner.run(Series(case, asks, scene.base_url + mount, tuple(examiner.spoken.fixed)), told)
        trace.exchanges, trace.connections = list(scene.exchanges), scene.connections
        trace.outcome.crashed = "\n".join(scene.errors)
        parts = trace.parts or [Trace(Outcome(error=trace.outcome.error)) for _ in case.parts]
        trace.parts = [_part(trace, p.outcome, sent) for p, sent in zip(parts, post.sent, strict=True)]
    return trace


@dataclass(frozen=True)
class Series:
    """The calls themselves, in the process in which the adapter is."""

    case: Case
    asks: tuple[Ask, ...]
    address: str
    fixed: tuple[Origin, ...]

    @property
    def given_up(self) -> float:
        """That all of them are slow is not meant: of one that hangs the others are not asked."""
        return 2 * (self.case.adapter.timeout + GRACE)

    def run(self, examiner: Examiner, told: dict[str, Any]) -> Trace:
        case, last = self.case, len(self.asks) - 1
        assert case.several is not None
        count = _Count(told["open"], ends=1 if examiner.bench.isolated else 2)
        own = case.several.adapters == "each"
        calls = Calls(
            each=[self._call(examiner, n, told, key_of(n) if own else CANARY) for n in range(len(self.asks))],
            how=case.several.how,
            one=not own,
            marks=(WARM, last),
            begins=told["begins"],
            counts=count.held,
            closes=case.several.closes,
            closed=count.closed,
        )
        trace = Trace(Outcome(), base_url=self.address, started=time.monotonic(), built=True)
        with examiner.watching(case.adapter, self.address, self.fixed) as (_, tell):
            trace.parts = [Trace(outcome) for outcome in _in_time(examiner, calls, self.given_up)]
        tell(trace)
        trace.seconds, trace.held, trace.closing = time.monotonic() - trace.started, count.seen, count.raised
        trace.closed = count.last
        if case.several.how == "loops":
            _collect()
        return trace

    def _call(self, examiner: Examiner, n: int, told: dict[str, Any], key: str) -> Call:
        recipe, adapter = examiner.subject.recipe, self.case.adapter
        return Call(
            lambda: recipe.build(base_url=self.address, api_key=key, model=adapter.model, timeout=adapter.timeout),
            self.asks[n],
            adapter.timeout + GRACE,
            timeout=adapter.timeout,
            first_event=told["first_event"],
            left=told["left"],
        )


def _in_time(examiner: Examiner, calls: Calls, seconds: float) -> list[Outcome]:
    try:
        with deadline(seconds) as watch:
            outcomes = examiner.subject.driver.several(calls)
    except GivenUp:
        outcomes = [Outcome(error=hung(seconds)) for _ in calls.each]
    if watch.interrupted:
        raise KeyboardInterrupt
    return outcomes


def _collect() -> None:
    """What belongs to an event loop that is gone is dropped here, and not in the middle of the next case."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def _part(trace: Trace, outcome: Outcome, sent: list[Exchange]) -> Trace:
    connections = len({exchange.connection for exchange in sent})
    return Trace(outcome, sent, connections, base_url=trace.base_url, started=trace.started, built=True)


class _Post:
    """Which request is of which call: the one that goes on, or else the one whose text it holds."""

    def __init__(self, examiner: Examiner, parts: Sequence[Case], scene: Scene, mount: str, *, in_turn: bool) -> None:
        self.sent: list[list[Exchange]] = [[] for _ in parts]
        path = mount.rstrip("/") + examiner.spoken.added
        self._answers = [answers(part, examiner.spoken.dialect, path, scene.places) for part in parts]
        self._marks = [] if in_turn else [_mark(part.ask) for part in parts]
        self._current = 0

    def begins(self, number: int) -> None:
        self._current = number

    def answer(self, exchange: Exchange) -> Script:
        found = (n for n, mark in enumerate(self._marks) if mark in exchange.body)
        number = next(found, self._current)
        self.sent[number].append(exchange)
        return self._answers[number](exchange)


def _mark(ask: Ask) -> bytes:
    said = ask.texts[0] if ask.op == "embed" else ask.messages[-1].content
    assert isinstance(said, str)
    return said.encode()


class _Count:
    """What there is, counted when a driver says so. What only waits to be collected is no leak."""

    def __init__(self, open_connections: Callable[[int, float], int], ends: int) -> None:
        self._open_connections = open_connections
        self._ends = ends  # of a connection that are in this process
        self.seen: list[Held] = []
        self.last: Held | None = None
        self.raised: Failure | None = None

    def held(self, tasks: int) -> None:
        self.seen.append(self._now(tasks, self.seen[0] if self.seen else None))

    def closed(self, tasks: int, raised: Failure | None) -> None:
        self.raised = raised
        self.last = self._now(tasks, Held(0, None, 0, 0))

    def _now(self, tasks: int, before: Held | None) -> Held:
        most = before.connections if before else 1
        held = self._held(tasks, most)
        if before and (held.connections > most or (held.descriptors or 0) > (before.descriptors or 0)):
            _collect()
            held = self._held(tasks, most)
        return held

    def _held(self, tasks: int, most: int) -> Held:
        connections = self._open_connections(most, SETTLING)
        open = descriptors()
        return Held(connections, None if open is None else open - self._ends * connections, _threads(), tasks)


def _threads() -> int:
    """Without the workers of pools: these grow when they like, as far as their maximum."""
    return sum(t not in _threads_queues for t in threading.enumerate())
