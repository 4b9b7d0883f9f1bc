"""Runs one case: a scene on the server, the driver, the guard and the clock make a trace.

The examiner asks and watches; it judges nothing.
"""

from __future__ import annotations

import os
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any, Self
from urllib.parse import urlsplit

from conformance import dialects, imports
from conformance.ask import Adapter, Ask
from conformance.belongings import kept
from conformance.canary import CANARY
from conformance.case import Case
from conformance.deadline import end
from conformance.dialects import retold
from conformance.drivers import Call
from conformance.drivers.failures import deciding, hung, looking_into
from conformance.exits import end_forks, no_exit
from conformance.failover.oracles import Oracle
from conformance.failover.oracles import of as oracle_of
from conformance.probe import Spoken, good_answer, probe
from conformance.recipe import Recipe
from conformance.replay.clock import virtual_sleep
from conformance.replay.faults import door
from conformance.replay.footprint import Footprint
from conformance.replay.guard import Guard
from conformance.replay.intercept import Origin, Seen, intercepted
from conformance.replay.script import Script
from conformance.replay.server import ReplayServer
from conformance.scene import answers
from conformance.series import several
from conformance.subject import Subject
from conformance.surroundings import surroundings
from conformance.then import Then
from conformance.trace import Exchange, Fault, Outcome, Trace
from conformance.worker import Died, Overdue, Worker

DOORS: tuple[Fault, ...] = ("refuse", "connect_timeout", "bad_tls")  # faults before any request
GRACE = 3.0  # seconds beyond the adapter's own timeout before a call counts as hung
NEIGHBOUR = "neighbour"  # where another adapter in the same process is pointed at
LATEST = 3.0  # seconds beyond that before what cannot be ended is left, or its process killed

# Environment, clock, guard and log belong to the whole process: while one call is watched no other may run.
_ONE_AT_A_TIME = threading.RLock()

Told = dict[str, Any]  # what the driver tells the server, and waits for there (`drivers.Call`)
_UNHEARD: Told = dict.fromkeys(("first_event", "left", "stuck", "over"), lambda: None)

# The user's own keys and addresses have no place in a run.
_SETTINGS = re.compile(r"(API_KEY|API_TOKEN|AUTH_TOKEN|BASE_URL|API_BASE|API_URL)$|^AWS_")
_AWS = {  # its clients want a region, and look for keys in files and on the network
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}


@dataclass(frozen=True)
class _Asked:
    """One call, as it goes to another process."""

    ask: Ask
    adapter: Adapter
    base_url: str
    fixed: tuple[Origin, ...]
    variables: Mapping[str, str | None]
    watched: frozenset[str]

    @property
    def given_up(self) -> float:
        return _given_up(self.ask, self.adapter)


def _given_up(ask: Ask, adapter: Adapter) -> float:
    """Seconds after which a call counts as hung."""
    return adapter.timeout + (GRACE if ask.patience is None else ask.patience)


class Bench:
    """What all subjects of a run share: the server and the guard. A context manager.

    isolated: the calls are made in a process of their own, so that a crash costs one case.
    """

    def __init__(self, isolated: bool = False) -> None:
        self.isolated = isolated

    def __enter__(self) -> Self:
        self._stack = ExitStack()
        self._stack.callback(end_forks)
        self._stack.enter_context(environment({**{k: None for k in os.environ if _SETTINGS.search(k)}, **_AWS}))
        self.guard = self._stack.enter_context(Guard())
        self._serve()
        return self

    def _serve(self) -> None:
        self.server = self._stack.enter_context(ReplayServer())
        self.guard.allow(self.server.port)
        self.guard.allow(self.server.other_port)  # a redirect that is followed must arrive to be seen

    def at_end(self, call: Callable[[], object]) -> None:
        self._stack.callback(call)

    def mend(self) -> None:
        """An adapter may have ended the server's thread."""
        if not self.server.serving:
            self._serve()

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

    @cached_property
    def streams(self) -> bool:
        """Whether an answer is asked for as a stream alone, by the host or by the adapter inside."""
        return self.subject.only_streams or self.spoken.streams

    @cached_property
    def oracle(self) -> Oracle | None:
        """What the host does about an error."""
        return oracle_of(self.subject.driver.host)

    @cached_property
    def imported(self) -> imports.Found:
        return imports.look(self)

    def cannot(self, case: Case) -> str | None:
        """Why this case cannot be tried on this adapter; None when it can."""
        for what in (*looked_at(case.then), *_ways(case)):
            if reason := self.subject.unseen.get(what):
                return f"not testable here: {reason}"
        if case.then.imports:
            without = case.then.imports != "needed" and not self.imported.imports.used
            return self.imported.problem or ("it uses no provider's SDK" if without else None)
        told = (case.adapter.base, case.adapter.url) == (Adapter().base, Adapter().url)
        if not told and self.spoken.fixed:
            return f"not testable here: its address is fixed ({self.spoken.address}), and the case needs another"
        if case.ask.op == "generate" and self.streams and self.spoken.dialect.name not in retold.DIALECTS:
            who = "its host" if self.subject.only_streams else "it"
            only = " and ".join(retold.DIALECTS)
            return f"not testable here: {who} only streams, and answers become streams in {only} alone"
        if case.ask.op == "generate" and self.streams and any(wire.again for wire in case.answers):
            return "not testable here: what has no end cannot be told as a stream"
        return None

    def trace(self, case: Case) -> Trace:
        """Everything that one case leaves behind."""
        if case.then.imports:
            return Trace(Outcome(), imports=self.imported.imports)
        mount = case.adapter.base.replace("{mount}", self.spoken.mount)
        watched = frozenset({*case.then.secret_not_in, *case.then.prompt_not_in})
        self.bench.mend()
        fault = case.answers[0].fault
        with _ONE_AT_A_TIME:
            if case.several:
                return several(self, case, mount)
            if fault in DOORS:
                return self._at_a_door(case, fault, mount, watched)
            return self._on_the_server(case, mount, partial(self.call, watched=watched))

    def shares(self, case: Case) -> bool:
        """Whether it may run beside others: it needs nothing of the process for itself, nor does its adapter."""
        subject, then = self.subject, case.then
        told = "base_url" in subject.recipe.takes and not any("{base_url}" in v for v in subject.env.values())
        plain = case.adapter.model_copy(update={"timeout": Adapter().timeout}) == Adapter()
        watched = [*then.secret_not_in, *then.prompt_not_in, *then.untouched]
        own = subject.recipe.is_new_each_time and not self.spoken.fixed
        return told and plain and not watched and own and not self.bench.isolated

    def together(self, cases: Sequence[Case]) -> Sequence[Trace]:
        """The traces of cases that share, all called at once. None, where something happened to the process of which
        nobody can tell whose it was: a host was tried, a sleep was skipped, a request went astray."""
        run = partial(self._on_the_server, mount=self.spoken.mount, call=self._called)
        with (
            _ONE_AT_A_TIME,
            deciding(self.oracle),
            environment(self._variables(Adapter(), "")),
            self.bench.guard.watch() as breaches,
            virtual_sleep() as sleeps,
            no_exit() as ended,
            kept() as changed,
        ):
            longest = max((case.adapter.timeout for case in cases), default=0.0)
            traces = _at_once(run, cases, longest + GRACE + LATEST)
        odd = breaches or sleeps or ended or changed or len(traces) < len(cases)
        return [] if odd or any(trace.strays for trace in traces) else traces

    def _at_a_door(self, case: Case, fault: Fault, mount: str, watched: frozenset[str]) -> Trace:
        with door(fault) as broken, self.bench.guard.allow(broken.port):
            url, ask = broken.base_url + mount, self.sayable(case)
            trace = self.call(ask, case.adapter, url, fixed=self.spoken.fixed, watched=watched)
            trace.trusted = broken.trusted > 0
            return trace

    def _on_the_server(self, case: Case, mount: str, call: Callable[..., Trace]) -> Trace:
        strays = self.bench.server.strays
        strays.clear()  # it keeps only so many
        path = mount.rstrip("/") + self.spoken.added
        with self.bench.server.scene() as scene:
            scene.answer = answers(case, self.spoken.dialect, path, scene.places)
            if self.streams and case.ask.op == "generate":
                scene.answer = partial(_streamed, scene.answer, self.spoken.dialect.name)
            base_url = scene.base_url + mount
            told = {
                "first_event": scene.release,
                "left": partial(scene.settle, 1.5),
                "stuck": partial(scene.stuck, 1.5),
                "over": scene.hang_up,
            }
            with self._neighbourhood(case, strays):
                trace = call(self.sayable(case), case.adapter, base_url, told, fixed=self.spoken.fixed)
            if any(not e.ended for e in scene.exchanges):
                scene.settle(0.25)
            trace.exchanges, trace.connections = list(scene.exchanges), scene.connections
            if len(trace.answered) > len(trace.exchanges):
                scene.errors.append(_by_somebody_else(len(trace.answered), len(trace.exchanges), self.spoken.address))
            trace.outcome.crashed = "\n".join(scene.errors)
            trace.strays = list(strays)
        return trace

    @contextmanager
    def _neighbourhood(self, case: Case, strays: deque[str]) -> Iterator[None]:
        """Where a neighbour is built it may look around at its own address, but a question is not for it."""
        if not case.adapter.neighbour:
            yield
            return
        with self.bench.server.scene(good_answer, NEIGHBOUR) as scene:
            try:
                yield
            finally:
                asked = (e for e in scene.exchanges if e.operation in ("chat", None))
                strays.extend(f"{e.method} /{NEIGHBOUR}{e.path}" for e in asked)

    def sayable(self, case: Case) -> Ask:
        """The question without what the dialect has no word for: an adapter may refuse it, and the case is about the
        rest. A case of the dialect's own asks for it on purpose."""
        lacking = () if case.dialect else self.spoken.dialect.facts.untold.ask
        told = {name: getattr(case.ask, name) for name in case.ask.model_fields_set if name not in lacking}
        return Ask().model_copy(update=told)

    def call(
        self,
        ask: Ask,
        adapter: Adapter,
        base_url: str,
        told: Told | None = None,
        *,
        fixed: Sequence[Origin] = (),
        watched: frozenset[str] = frozenset(),
    ) -> Trace:
        """One call of a new adapter, watched."""
        variables = self._variables(adapter, _written(adapter.url, base_url))
        asked = _Asked(ask, adapter, base_url, tuple(fixed), variables, watched)
        with _ONE_AT_A_TIME:
            return self._apart(asked, told or {}) if self.bench.isolated else self._here(asked, told)

    def _here(self, asked: _Asked, told: Told | None) -> Trace:
        with self._watching(asked) as (footprint, tell):
            trace = self._called(asked.ask, asked.adapter, asked.base_url, told, footprint=footprint)
        tell(trace)
        return trace

    def watching(
        self, adapter: Adapter, base_url: str, fixed: Sequence[Origin] = ()
    ) -> AbstractContextManager[tuple[Footprint, Callable[[Trace], None]]]:
        """The process while an adapter is called: yields its footprint, and what tells the trace of it all."""
        variables = self._variables(adapter, _written(adapter.url, base_url))
        return self._watching(_Asked(Ask(), adapter, base_url, tuple(fixed), variables, frozenset()))

    @contextmanager
    def _watching(self, asked: _Asked) -> Iterator[tuple[Footprint, Callable[[Trace], None]]]:
        footprint, fixed, oracle = Footprint(), asked.fixed, self.oracle
        looked_into = self.subject.packages if {"locals", "pickle"} & asked.watched else ()
        with (
            surroundings(asked.watched) as said,
            looking_into(looked_into),
            deciding(oracle),
            environment(asked.variables),
            _changes() as changed,
            self.bench.guard.watch(footprint) as breaches,
            virtual_sleep() as sleeps,
            intercepted(fixed, asked.base_url) if fixed else nullcontext(Seen()) as seen,
            no_exit() as ended,
            kept() as others,
        ):

            def tell(trace: Trace) -> None:
                trace.breaches = [*breaches, *trace.outcome.reached]
                trace.sleeps, trace.answered = sleeps, list(map(str, seen.answered))
                trace.environment, trace.files, trace.processes = changed, footprint.files(), footprint.processes
                trace.ended, trace.changed = ended, others
                trace.logs, trace.output = said.logs + trace.outcome.said, said.output + trace.outcome.said

            yield footprint, tell

    def _apart(self, asked: _Asked, told: Told) -> Trace:
        """The same in the worker's process; what is left of it where that is no more."""
        given_up = asked.given_up
        begun = time.monotonic()
        trace = Trace(Outcome(), base_url=_written(asked.adapter.url, asked.base_url), started=begun)
        try:
            ports = self.bench.guard.ports
            trace, raised = self._worker.call((asked, ports), {**_UNHEARD, **told}, given_up + LATEST)
            self.subject.recipe.raised.extend(raised)
        except Died as exc:
            trace.ended = [str(exc)]
        except Overdue:
            trace.outcome.error = hung(given_up)
        trace.seconds = time.monotonic() - begun
        return trace

    @cached_property
    def _worker(self) -> Worker:
        def handle(request: tuple[_Asked, set[int]], ask: Callable[[str], None]) -> tuple[Trace, list[str]]:
            asked, ports = request
            self.bench.guard.ports = ports
            raised = self.subject.recipe.raised
            raised.clear()
            trace = self._here(asked, {name: partial(ask, name) for name in _UNHEARD})
            return trace, list(raised)

        worker = Worker(handle)
        self.bench.at_end(worker.close)
        return worker

    def _called(
        self,
        ask: Ask,
        adapter: Adapter,
        base_url: str,
        told: Told | None,
        *,
        footprint: Footprint | None = None,
        **_: object,
    ) -> Trace:
        subject, url = self.subject, _written(adapter.url, base_url)
        trace, neighbours = Trace(Outcome(), base_url=url, started=time.monotonic()), []

        def build() -> Any:
            if adapter.neighbour == "before":
                neighbours.append(_neighbour(subject.recipe, base_url))
            key = None if adapter.api_key is None else adapter.api_key.replace("{key}", CANARY)
            made = subject.recipe.build(base_url=url, api_key=key, model=adapter.model, timeout=adapter.timeout)
            trace.built, trace.reached_at_build = True, list(footprint.reached if footprint else ())
            if adapter.neighbour == "after":
                neighbours.append(_neighbour(subject.recipe, base_url))
            return made

        deadline = _given_up(ask, adapter)
        call = replace(Call(build, ask, deadline, timeout=adapter.timeout), **(told or {}))
        trace.outcome = subject.driver.call(call)
        trace.seconds = time.monotonic() - trace.started
        return trace

    def _ask_once(self, mount: str, fixed: Sequence[Origin]) -> Trace:
        with self.bench.server.scene(good_answer) as scene:
            ask = Ask() if self.subject.answers else Ask(op="embed", texts=["one"])
            trace = self.call(ask, Adapter(), scene.base_url + mount, fixed=fixed)
            trace.exchanges = list(scene.exchanges)
        return trace

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


def _streamed(answer: Callable[[Exchange], Script], dialect: str, exchange: Exchange) -> Script:
    """A whole answer as a stream, for what asks for nothing else."""
    made = answer(exchange)
    plain = made.status == 200 and made.fault is None and made.end == "complete" and made.promise is None
    plain = plain and exchange.operation == "chat"
    chunks = retold.as_stream(dialect, made.body) if plain and not made.streamed else None
    if chunks is None:
        return made
    exchange.content_type = "text/event-stream"
    return replace(made, chunks=chunks).with_headers({"content-type": exchange.content_type})


def looked_at(then: Then) -> Iterator[str]:
    """What can be seen only where the adapter runs."""
    yield from (*then.secret_not_in, *then.prompt_not_in, *then.untouched)
    yield from (name for name in ("waits_at_most", "unchanged") if getattr(then, name) is not None)
    for alternative in then.either:
        yield from looked_at(alternative)


def is_exact(case: Case) -> bool:
    """Whether it tells numbers apart that are one and the same double."""
    alternatives = [case.then, *case.then.either]
    wanted = [call for then in alternatives if then.reply for call in then.reply.tool_calls]
    asked = [call.arguments for message in case.ask.messages for call in message.tool_calls]
    numbers = _numbers([asked, [call.arguments for call in wanted]])
    return any(call.exact for call in wanted) or any(isinstance(n, int) and abs(n) >= 2**53 for n in numbers)


def _numbers(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _numbers(part)
    else:
        yield value


def _ways(case: Case) -> Iterator[str]:
    """What a case does with an adapter beyond asking it once, and waiting."""
    ways = {
        "exact": is_exact(case),
        "several": case.several is not None or case.law == "at-once",
        "cancel": case.ask.cancel is not None,
        "drop": case.ask.leave == "drop",
        "imports": case.then.imports is not None,
    }
    return (way for way, taken in ways.items() if taken)


def _written(url: str, base_url: str) -> str:
    """The base URL in the form that the case wants."""
    parts = urlsplit(base_url)
    known = {"base_url": base_url, "key": CANARY, "port": str(parts.port), "path": parts.path}
    for name, value in known.items():
        url = url.replace(f"{{{name}}}", value)
    return url


def _neighbour(recipe: Recipe, base_url: str) -> Any:
    """Another adapter in the same process, which is built and not asked."""
    address = f"http://{urlsplit(base_url).netloc}/{NEIGHBOUR}"
    return recipe.build(base_url=address, api_key="sk-of-the-neighbour", model="model-of-the-neighbour", timeout=1.0)


def _at_once(run: Callable[[Case], Trace], cases: Sequence[Case], within: float) -> list[Trace]:
    """Each in a thread of its own, which is left where it does not come back: then there are fewer traces."""
    done: dict[int, Trace] = {}

    def one(i: int) -> None:
        with suppress(BaseException):  # it is run again, alone
            done[i] = run(cases[i])

    threads = [threading.Thread(target=one, args=(i,), name="adapter", daemon=True) for i in range(len(cases))]
    for thread in threads:
        thread.start()
    until = time.monotonic() + within
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    for thread in threads:
        if thread.is_alive():
            end(thread)
    return [done[i] for i in sorted(done)]


@contextmanager
def _changes() -> Iterator[dict[str, str]]:
    """Variables of the environment that are others at the end: their values, "" for those that are gone."""
    before, found = dict(os.environ), dict[str, str]()
    yield found
    after = dict(os.environ)
    names = sorted(n for n in before.keys() | after.keys() if before.get(n) != after.get(n))
    found.update({name: after.get(name, "") for name in names})
    _set({name: before.get(name) for name in names})


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


def _by_somebody_else(answered: int, seen: int, address: str) -> str:
    """No proof of interception, no verdict."""
    return f"{answered} requests to {address} were answered, and the kit's server saw {seen} of them"


__all__ = ["Bench", "Examiner", "Outcome", "Spoken", "environment"]
