"""Several calls in one case: one scene for all of them, a trace of each, and what they leave behind."""

from __future__ import annotations

import gc
import threading
import time
import warnings
from collections.abc import Sequence
from concurrent.futures.thread import _threads_queues
from typing import TYPE_CHECKING, Any

from conformance.ask import Ask
from conformance.canary import CANARY, key_of
from conformance.case import Case
from conformance.drivers import Call, Calls
from conformance.replay.footprint import descriptors
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
    parts = case.parts
    with examiner.bench.server.scene() as scene:
        address = scene.base_url + mount
        post = _Post(examiner, parts, scene, mount, in_turn=case.several.how in ("in_turn", "loops"))
        scene.answer = post.answer
        count = _Count(scene)
        calls = Calls(
            each=[
                _call(examiner, part, address, n, scene, own=case.several.adapters == "each")
                for n, part in enumerate(parts)
            ],
            how=case.several.how,
            one=case.several.adapters == "one",
            marks=(WARM, len(parts) - 1),
            begins=post.begins,
            counts=count.held,
            closes=case.several.closes,
            closed=count.closed,
        )
        started = time.monotonic()
        with examiner.watching(case.adapter, address, examiner.spoken.fixed) as (_, tell):
            outcomes = examiner.subject.driver.several(calls)
        trace = Trace(
            Outcome(), list(scene.exchanges), scene.connections, base_url=address, started=started, built=True
        )
        tell(trace)
        trace.seconds, trace.held, trace.closing = time.monotonic() - started, count.seen, count.raised
        trace.closed = count.last
        trace.outcome.crashed = "\n".join(scene.errors)
        trace.parts = [_part(trace, o, sent) for o, sent in zip(outcomes, post.sent, strict=True)]
    if case.several.how == "loops":
        _collect()
    return trace


def _collect() -> None:
    """What belongs to an event loop that is gone is dropped here, and not in the middle of the next case."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def _part(trace: Trace, outcome: Outcome, sent: list[Exchange]) -> Trace:
    connections = len({exchange.connection for exchange in sent})
    return Trace(outcome, sent, connections, base_url=trace.base_url, started=trace.started, built=True)


def _call(examiner: Examiner, part: Case, address: str, n: int, scene: Scene, *, own: bool) -> Call:
    recipe, adapter = examiner.subject.recipe, part.adapter

    def build() -> Any:
        key = key_of(n) if own else CANARY
        return recipe.build(base_url=address, api_key=key, model=adapter.model, timeout=adapter.timeout)

    return Call(
        build,
        examiner.sayable(part),
        adapter.timeout + GRACE,
        timeout=adapter.timeout,
        first_event=scene.release,
        left=lambda: scene.settle(0.5),
    )


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

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
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
        connections = self._scene.open_connections(most, SETTLING)
        open = descriptors()
        return Held(connections, None if open is None else open - 2 * connections, _threads(), tasks)


def _threads() -> int:
    """Without the workers of pools: these grow when they like, as far as their maximum."""
    return sum(t not in _threads_queues for t in threading.enumerate())
