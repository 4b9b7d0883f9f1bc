"""Runs one case: a scene on the server, the driver, the guard and the clock make a trace.

The examiner asks and watches; it judges nothing.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from functools import cached_property, partial
from typing import Any
from urllib.parse import urlsplit

from conformance import dialects, imports
from conformance.ask import Adapter, Ask
from conformance.asked import UNHEARD, Asked, Job, Told, given_up_after, written
from conformance.belongings import kept
from conformance.bench import Bench
from conformance.canary import CANARY
from conformance.case import Case
from conformance.demands import demands
from conformance.dialects import retold
from conformance.drivers import Call
from conformance.drivers.failures import deciding, hung
from conformance.environment import environment
from conformance.exits import no_exit
from conformance.failover.oracles import Oracle
from conformance.failover.oracles import of as oracle_of
from conformance.probe import Spoken, good_answer, probe
from conformance.recipe import Recipe
from conformance.replay.clock import virtual_sleep
from conformance.replay.faults import door
from conformance.replay.footprint import Footprint
from conformance.replay.intercept import Origin
from conformance.replay.script import Script
from conformance.replay.server import Scene
from conformance.scene import answers, is_whole, script, streamed
from conformance.series import several
from conformance.side_by_side import side_by_side
from conformance.subject import Subject
from conformance.trace import Exchange, Fault, Outcome, Trace
from conformance.witness import witnessed
from conformance.worker import Died, Overdue, Worker

DOORS: tuple[Fault, ...] = ("refuse", "connect_timeout", "bad_tls")  # faults before any request
NEIGHBOUR = "neighbour"  # where another adapter in the same process is pointed at
NO_BUNDLE = dict.fromkeys(("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"), "")  # requests takes one for `verify=True`
LATEST = 3.0  # seconds beyond that before what cannot be ended is left, or its process killed

# Environment, clock, guard and log belong to the whole process: while one call is watched no other may run.
_ONE_AT_A_TIME = threading.RLock()


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
        for what in demands(case):
            if reason := self.subject.unseen.get(what):
                return f"not testable here: {reason}"
        if case.then.imports:
            without = case.then.imports != "needed" and not self.imported.imports.used
            return self.imported.problem or ("it uses no provider's SDK" if without else None)
        told = (case.adapter.base, case.adapter.url) == (Adapter().base, Adapter().url)
        if not told and self.spoken.fixed:
            return f"not testable here: its address is fixed ({self.spoken.address}), and the case needs another"
        if case.then.signed and not self.subject.secrets:
            return "it is configured with no secret key to sign with"
        sent = [part.then.sent for part in case.parts]
        if self.spoken.streams and any(wanted and wanted.stream is False for wanted in sent):
            return "not testable here: it asks for a stream inside, and reads it"
        if case.ask.op == "generate" and self.streams and self.spoken.dialect.name not in retold.DIALECTS:
            who = "its host" if self.subject.only_streams else "it"
            only = " and ".join(retold.DIALECTS)
            return f"not testable here: {who} only streams, and answers become streams in {only} alone"
        if case.ask.op == "generate" and self.streams and any(wire.again for wire in case.answers):
            return "not testable here: what has no end cannot be told as a stream"
        if case.ask.op == "generate" and self.streams and not self._is_tellable(case):
            return "not testable here: what is answered cannot be told as a stream"
        return None

    def _is_tellable(self, case: Case) -> bool:
        """Whether the reply that is wanted can come as a stream; what is no answer may come as it is."""
        wanted = any(then.reply for then in (case.then, *case.then.either))
        made = [script(wire, self.spoken.dialect) for wire in case.answers] if wanted else []
        return all(retold.as_stream(self.spoken.dialect.name, m.body) for m in made if is_whole(m))

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
            longest = max((given_up_after(case.ask, case.adapter) for case in cases), default=0.0)
            traces = side_by_side(run, cases, longest + LATEST)
        odd = breaches or sleeps or ended or changed or len(traces) < len(cases)
        return [] if odd or any(trace.strays for trace in traces) else traces

    def _at_a_door(self, case: Case, fault: Fault, mount: str, watched: frozenset[str]) -> Trace:
        with door(fault) as broken, self.bench.guard.allow(broken.port):
            url, ask, adapter = broken.base_url + mount, self.sayable(case), case.adapter
            if fault == "bad_tls":
                adapter = adapter.model_copy(update={"env": {**NO_BUNDLE, **adapter.env}})
            trace = self.call(ask, adapter, url, fixed=self.spoken.fixed, watched=watched)
            trace.trusted = broken.trusted > 0
            return trace

    def _on_the_server(self, case: Case, mount: str, call: Callable[..., Trace]) -> Trace:
        strays = self.bench.server.strays
        strays.clear()  # it keeps only so many
        path = mount.rstrip("/") + self.spoken.added
        with self.bench.server.scene() as scene:
            scene.answer = self.answers(case, path, scene)
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

    def answers(self, case: Case, mount: str, scene: Scene) -> Callable[[Exchange], Script]:
        """What the server answers in this scene; as a stream, where nothing else is asked for."""
        answer = answers(case, self.spoken.dialect, mount, scene.places)
        if self.streams and case.ask.op == "generate":
            return partial(streamed, answer, self.spoken.dialect.name)
        return answer

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
        if not case.ask.model_fields_set.intersection(lacking):
            return case.ask
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
        variables = self._variables(adapter, written(adapter.url, base_url))
        asked = Asked(ask, adapter, base_url, tuple(fixed), variables, watched)
        return self.run(asked, {**UNHEARD, **(told or {})})

    def run(self, job: Job, told: Told) -> Trace:
        with _ONE_AT_A_TIME:
            return self._apart(job, told) if self.bench.isolated else job.run(self, told)

    def here(self, asked: Asked, told: Told) -> Trace:
        with witnessed(asked, self.bench, self.subject.packages, self.oracle) as (footprint, tell):
            trace = self._called(asked.ask, asked.adapter, asked.base_url, told, footprint=footprint)
        tell(trace)
        return trace

    def watching(
        self, adapter: Adapter, base_url: str, fixed: Sequence[Origin] = ()
    ) -> AbstractContextManager[tuple[Footprint, Callable[[Trace], None]]]:
        """The process while an adapter is called: yields its footprint, and what tells the trace of it all."""
        variables = self._variables(adapter, written(adapter.url, base_url))
        asked = Asked(Ask(), adapter, base_url, tuple(fixed), variables, frozenset())
        return witnessed(asked, self.bench, self.subject.packages, self.oracle)

    def _apart(self, job: Job, told: Told) -> Trace:
        """The same in the worker's process; what is left of it where that is no more."""
        given_up = job.given_up
        begun = time.monotonic()
        trace = Trace(Outcome(), base_url=job.address, started=begun)
        try:
            request = (job, self.bench.guard.ports, list(told))
            trace, raised = self._worker.call(request, told, given_up + LATEST)
            self.subject.recipe.raised.extend(raised)
        except Died as exc:
            trace.ended = [str(exc)]
        except Overdue:
            trace.outcome.error = hung(given_up)
        trace.seconds = time.monotonic() - begun
        return trace

    @cached_property
    def _worker(self) -> Worker:
        def handle(request: tuple[Job, set[int], list[str]], ask: Callable[..., Any]) -> tuple[Trace, list[str]]:
            job, ports, names = request
            self.bench.guard.ports = ports
            raised = self.subject.recipe.raised
            raised.clear()
            trace = job.run(self, {name: partial(ask, name) for name in names})
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
        subject, url = self.subject, written(adapter.url, base_url)
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

        deadline = given_up_after(ask, adapter)
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
        given |= {k: v.replace("{netrc}", self.bench.netrc) for k, v in asked.items() if "{netrc}" in v}
        if "base_url" not in self.subject.recipe.takes:
            given = {**dict.fromkeys(dialects.address_variables(), "{base_url}"), **given}
        return {k: v.replace("{key}", CANARY).replace("{base_url}", base_url) for k, v in given.items()}

    @property
    def own_variables(self) -> Sequence[str]:
        """Where adapters of this dialect look for a key that they are not given."""
        return self.spoken.dialect.facts.key_variables


def _neighbour(recipe: Recipe, base_url: str) -> Any:
    """Another adapter in the same process, which is built and not asked."""
    address = f"http://{urlsplit(base_url).netloc}/{NEIGHBOUR}"
    return recipe.build(base_url=address, api_key="sk-of-the-neighbour", model="model-of-the-neighbour", timeout=1.0)


def _by_somebody_else(answered: int, seen: int, address: str) -> str:
    """No proof of interception, no verdict."""
    return f"{answered} requests to {address} were answered, and the kit's server saw {seen} of them"
