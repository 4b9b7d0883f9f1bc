"""Runs one case: a scene on the server, the driver, the guard and the clock make a trace.

The examiner asks and watches; it judges nothing.
"""

from __future__ import annotations

import logging
import os
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, nullcontext
from functools import cached_property, partial
from io import StringIO
from typing import Any, Self

from conformance.canary import CANARY
from conformance.catalogue import Adapter, Ask, Case
from conformance.drivers import Call
from conformance.probe import ADDRESS_VARIABLES, Spoken, good_answer, probe
from conformance.provider import Subject
from conformance.replay.clock import virtual_sleep
from conformance.replay.faults import door
from conformance.replay.guard import Guard
from conformance.replay.intercept import Origin, Seen, intercepted
from conformance.replay.server import ReplayServer
from conformance.scene import answers
from conformance.trace import Fault, Outcome, Trace

DOORS: tuple[Fault, ...] = ("refuse", "connect_timeout", "bad_tls")  # faults before any request
GRACE = 3.0  # seconds beyond the adapter's own timeout before a call counts as hung

# Environment, clock, guard and log belong to the whole process: while one call is watched no other may run.
_ONE_AT_A_TIME = threading.RLock()

# The user's own keys and addresses have no place in a run.
_SETTINGS = re.compile(r"(API_KEY|API_TOKEN|AUTH_TOKEN|BASE_URL|API_BASE|API_URL)$")


class Bench:
    """What all subjects of a run share: the server and the guard. A context manager."""

    def __enter__(self) -> Self:
        self._stack = ExitStack()
        self._stack.enter_context(environment({k: None for k in os.environ if _SETTINGS.search(k)}))
        self.guard = self._stack.enter_context(Guard())
        self.server = self._stack.enter_context(ReplayServer())
        self.guard.allow(self.server.port)
        return self

    def __exit__(self, *exc: object) -> None:
        self._stack.close()


class Examiner:
    """One subject at the bench."""

    def __init__(self, subject: Subject, bench: Bench) -> None:
        self.subject = subject
        self.bench = bench

    @cached_property
    def spoken(self) -> Spoken:
        return probe(self.subject, self._ask_once)

    def cannot(self, case: Case) -> str | None:
        """Why this case cannot be tried on this adapter; None when it can."""
        if case.adapter.base != Adapter().base and self.spoken.fixed:
            return f"not testable here: its address is fixed ({self.spoken.address}), and the case needs another"
        return None

    def trace(self, case: Case) -> Trace:
        """Everything that one case leaves behind."""
        mount = case.adapter.base.replace("{mount}", self.spoken.mount)
        watched = "logs" in case.then.secret_not_in
        with _ONE_AT_A_TIME, _logs() if watched else nullcontext(StringIO()) as logs:
            fault = case.answers[0].fault
            if fault in DOORS:
                trace = self._at_a_door(case, fault, mount)
            else:
                trace = self._on_the_server(case, mount, self.call)
            trace.logs = logs.getvalue()
        return trace

    def shares(self, case: Case) -> bool:
        """Whether it may run beside others: it needs nothing of the process for itself, nor does its adapter."""
        subject, usual = self.subject, (Adapter().base, Adapter().env)
        told = "base_url" in subject.recipe.takes and not any("{base_url}" in v for v in subject.env.values())
        plain = (case.adapter.base, case.adapter.env) == usual and "logs" not in case.then.secret_not_in
        return told and plain and subject.recipe.is_new_each_time and not self.spoken.fixed

    def together(self, cases: Sequence[Case]) -> Sequence[Trace]:
        """The traces of cases that share, all called at once. None, where something happened to the process of which
        nobody can tell whose it was: a host was tried, a sleep was skipped, a request went astray."""
        run = partial(self._on_the_server, mount=self.spoken.mount, call=self._called)
        with (
            _ONE_AT_A_TIME,
            environment(self._variables(Adapter(), "")),
            self.bench.guard.watch() as breaches,
            virtual_sleep() as sleeps,
            ThreadPoolExecutor(max(1, len(cases))) as threads,
        ):
            traces = list(threads.map(run, cases))
        return [] if breaches or sleeps or any(trace.strays for trace in traces) else traces

    def _at_a_door(self, case: Case, fault: Fault, mount: str) -> Trace:
        with door(fault) as broken, self.bench.guard.allow(broken.port):
            trace = self.call(case.ask, case.adapter, broken.base_url + mount, fixed=self.spoken.fixed)
            trace.trusted = broken.trusted > 0
            return trace

    def _on_the_server(self, case: Case, mount: str, call: Callable[..., Trace]) -> Trace:
        strays = self.bench.server.strays
        strays.clear()  # it keeps only so many
        path = mount.rstrip("/") + self.spoken.added
        with self.bench.server.scene(answers(case, self.spoken.dialect, path)) as scene:
            base_url, left = scene.base_url + mount, lambda: scene.settle(1.5)
            trace = call(case.ask, case.adapter, base_url, scene.release, left, fixed=self.spoken.fixed)
            if any(not e.ended for e in scene.exchanges):
                scene.settle(0.25)
            trace.exchanges, trace.connections = list(scene.exchanges), scene.connections
            if len(trace.answered) > len(trace.exchanges):
                scene.errors.append(_by_somebody_else(len(trace.answered), len(trace.exchanges), self.spoken.address))
            trace.outcome.crashed = "\n".join(scene.errors)
            trace.strays = list(strays)
        return trace

    def call(
        self,
        ask: Ask,
        adapter: Adapter,
        base_url: str,
        first_event: Callable[[], object] = lambda: None,
        left: Callable[[], object] = lambda: None,
        *,
        fixed: Sequence[Origin] = (),
    ) -> Trace:
        """One call of a new adapter, watched."""
        with (
            _ONE_AT_A_TIME,
            environment(self._variables(adapter, base_url)),
            self.bench.guard.watch() as breaches,
            virtual_sleep() as sleeps,
            intercepted(fixed, base_url) if fixed else nullcontext(Seen()) as seen,
        ):
            trace = self._called(ask, adapter, base_url, first_event, left)
        trace.breaches, trace.sleeps, trace.answered = breaches, sleeps, list(map(str, seen.answered))
        return trace

    def _called(
        self,
        ask: Ask,
        adapter: Adapter,
        base_url: str,
        first_event: Callable[[], object],
        left: Callable[[], object],
        **_: object,
    ) -> Trace:
        subject, started = self.subject, time.monotonic()

        def build() -> Any:
            key = None if adapter.api_key is None else adapter.api_key.replace("{key}", CANARY)
            return subject.recipe.build(base_url=base_url, api_key=key, model=adapter.model, timeout=adapter.timeout)

        call = Call(build, ask, adapter.timeout + GRACE, first_event, left, adapter.timeout)
        outcome = subject.driver.call(call)
        return Trace(outcome, seconds=time.monotonic() - started, base_url=base_url, started=started)

    def _ask_once(self, mount: str, fixed: Sequence[Origin]) -> Trace:
        with self.bench.server.scene(good_answer) as scene:
            trace = self.call(Ask(), Adapter(), scene.base_url + mount, fixed=fixed)
            trace.exchanges = list(scene.exchanges)
        return trace

    def _variables(self, adapter: Adapter, base_url: str) -> dict[str, str | None]:
        given = {**self.subject.env, **adapter.env}
        if "base_url" not in self.subject.recipe.takes:
            given = {**dict.fromkeys(ADDRESS_VARIABLES, "{base_url}"), **given}
        return {k: v.replace("{key}", CANARY).replace("{base_url}", base_url) for k, v in given.items()}


@contextmanager
def environment(changes: Mapping[str, str | None]) -> Iterator[None]:
    """Variables set (or, with None, unset) for a while."""
    before = {name: os.environ.get(name) for name in changes}
    _set(changes)
    try:
        yield
    finally:
        _set(before)


def _set(values: Mapping[str, str | None]) -> None:
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


@contextmanager
def _logs() -> Iterator[StringIO]:
    """Everything logged at DEBUG and above, whoever logs it."""
    text = StringIO()
    handler = logging.StreamHandler(text)
    handler.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield text
    finally:
        root.setLevel(before)
        root.removeHandler(handler)


def _by_somebody_else(answered: int, seen: int, address: str) -> str:
    """No proof of interception, no verdict."""
    return f"{answered} requests to {address} were answered, and the kit's server saw {seen} of them"


__all__ = ["Bench", "Examiner", "Outcome", "Spoken", "environment"]
