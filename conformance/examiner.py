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
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from io import StringIO
from typing import Any, Self

from conformance import dialects
from conformance.canary import CANARY
from conformance.catalogue import Adapter, Ask, Case, Wire
from conformance.dialects import Dialect
from conformance.drivers import Call
from conformance.provider import BadProvider, Subject
from conformance.replay.clock import virtual_sleep
from conformance.replay.faults import door
from conformance.replay.guard import Guard
from conformance.replay.script import Script
from conformance.replay.server import ReplayServer
from conformance.scene import answers, script
from conformance.trace import Exchange, Fault, Outcome, Trace

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


@dataclass(frozen=True)
class Spoken:
    """What the probe found: the dialect, the path that the base URL has to end with, and the one that the
    adapter adds to it before the route."""

    dialect: Dialect
    mount: str
    why: str
    added: str = ""


class Examiner:
    """One subject at the bench."""

    def __init__(self, subject: Subject, bench: Bench) -> None:
        self.subject = subject
        self.bench = bench

    @cached_property
    def spoken(self) -> Spoken:
        return _probe(self)

    def trace(self, case: Case) -> Trace:
        """Everything that one case leaves behind."""
        mount = case.adapter.base.replace("{mount}", self.spoken.mount)
        watched = "logs" in case.then.secret_not_in
        with _ONE_AT_A_TIME, _logs() if watched else nullcontext(StringIO()) as logs:
            fault = case.answers[0].fault
            trace = self._at_a_door(case, fault, mount) if fault in DOORS else self._on_the_server(case, mount)
            trace.logs = logs.getvalue()
        return trace

    def _at_a_door(self, case: Case, fault: Fault, mount: str) -> Trace:
        with door(fault) as broken, self.bench.guard.allow(broken.port):
            trace = self.call(case.ask, case.adapter, broken.base_url + mount)
            trace.trusted = broken.trusted > 0
            return trace

    def _on_the_server(self, case: Case, mount: str) -> Trace:
        strays = self.bench.server.strays
        strays.clear()  # it keeps only so many
        path = mount.rstrip("/") + self.spoken.added
        with self.bench.server.scene(answers(case, self.spoken.dialect, path)) as scene:
            trace = self.call(case.ask, case.adapter, scene.base_url + mount, scene.release, lambda: scene.settle(1.5))
            if any(not e.ended for e in scene.exchanges):
                scene.settle(0.25)
            trace.exchanges, trace.connections = list(scene.exchanges), scene.connections
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
    ) -> Trace:
        """One call of a new adapter, watched."""
        subject, started = self.subject, time.monotonic()

        def build() -> Any:
            key = None if adapter.api_key is None else adapter.api_key.replace("{key}", CANARY)
            return subject.recipe.build(base_url=base_url, api_key=key, model=adapter.model, timeout=adapter.timeout)

        call = Call(build, ask, adapter.timeout + GRACE, first_event, left, adapter.timeout)
        with (
            _ONE_AT_A_TIME,
            environment(self._variables(adapter, base_url)),
            self.bench.guard.watch() as breaches,
            virtual_sleep() as sleeps,
        ):
            outcome = subject.driver.call(call)
        return Trace(
            outcome=outcome,
            sleeps=sleeps,
            breaches=breaches,
            seconds=time.monotonic() - started,
            base_url=base_url,
            started=started,
        )

    def _variables(self, adapter: Adapter, base_url: str) -> dict[str, str | None]:
        """What is configured and what the case sets; the address too, where it can be given in no other way."""
        own = self.own_variables if any("{key_variable}" in name for name in adapter.env) else ()
        asked = {k: v for k, v in adapter.env.items() if "{key_variable}" not in k}
        asked |= {name: v for k, v in adapter.env.items() if "{key_variable}" in k for name in own}
        given = {**self.subject.env, **asked}
        if "base_url" not in self.subject.recipe.takes:
            given = {**dict.fromkeys(dialects.address_variables(), "{base_url}"), **given}
        return {k: v.replace("{key}", CANARY).replace("{base_url}", base_url) for k, v in given.items()}

    @property
    def own_variables(self) -> Sequence[str]:
        """Where adapters of this dialect look for a key that they are not given."""
        return self.spoken.dialect.facts.key_variables


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


# --- the probe ---------------------------------------------------------------------------------


def _probe(examiner: Examiner) -> Spoken:
    """One plain question tells the dialect, and whether the adapter adds the mount to its base URL itself."""
    subject = examiner.subject
    if subject.dialect is not None and subject.dialect not in dialects.names():
        raise BadProvider(
            f"{subject.spec} is configured for the dialect {subject.dialect!r}; there are {', '.join(dialects.names())}"
        )
    given = dialects.load(subject.dialect) if subject.dialect else None
    tried = (given or dialects.load(dialects.names()[0])).facts.mount if subject.mount is None else subject.mount
    trace = _ask_once(examiner, tried)
    known = [given] if given else [dialects.load(name) for name in dialects.names()]
    found = [(e, *f) for e in trace.exchanges if (f := dialects.recognise(e, known))]
    found.sort(key=lambda row: row[0].operation != "chat")  # model lists have the same route in several dialects
    if found:
        exchange, dialect, before = found[0]
        added = before.removeprefix(tried) if before.startswith(f"{tried}/") else ""
        usual = "" if added == dialect.facts.mount else tried if added else dialect.facts.mount
        mount = usual if subject.mount is None else tried
        return Spoken(dialect, mount, f"sent {exchange.method} {exchange.path[len(tried) :]}", added)
    if trace.exchanges:
        first = trace.exchanges[0]
        raise BadProvider(
            f"{subject.spec} speaks no dialect that the kit knows: it sent {first.method} {first.path}; "
            f"the kit knows {', '.join(dialects.names())}"
        )
    if not given and "base_url" not in subject.recipe.takes:
        raise BadProvider(
            f"{subject.spec} cannot be pointed at the kit's server: its constructor takes no base_url and it does not "
            f"read {' or '.join(dialects.address_variables())}; name a factory that takes base_url"
        )
    dialect = given or dialects.load(dialects.names()[0])
    why = "configured" if given else "assumed: it sent no request"
    return Spoken(dialect, dialect.facts.mount if subject.mount is None else subject.mount, why)


def _ask_once(examiner: Examiner, mount: str) -> Trace:
    def answer(exchange: Exchange) -> Script:
        found = dialects.recognise(exchange)
        if found is None:
            return Script(status=404, chunks=(b"{}",))
        dialect, before = found
        exchange.operation = dialect.operation(exchange, before)
        return script(Wire(), dialect, exchange.operation or "chat", exchange)

    with examiner.bench.server.scene(answer) as scene:
        trace = examiner.call(Ask(), Adapter(), scene.base_url + mount)
        trace.exchanges = list(scene.exchanges)
    return trace


__all__ = ["Bench", "Examiner", "Outcome", "Spoken", "environment"]
