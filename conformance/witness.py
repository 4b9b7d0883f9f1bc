"""The process while an adapter is called in it: what it says, changes, starts, reaches for and leaves behind."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, nullcontext

from conformance.asked import Asked
from conformance.belongings import kept
from conformance.bench import Bench
from conformance.drivers.failures import deciding, looking_into
from conformance.environment import changes, environment
from conformance.exits import no_exit
from conformance.failover.oracles import Oracle
from conformance.replay.clock import virtual_sleep
from conformance.replay.footprint import Footprint
from conformance.replay.intercept import Seen, intercepted
from conformance.surroundings import surroundings
from conformance.trace import Trace


@contextmanager
def witnessed(
    asked: Asked, bench: Bench, packages: Collection[str], oracle: Oracle | None
) -> Iterator[tuple[Footprint, Callable[[Trace], None]]]:
    """Yields its footprint, and what tells the trace of it all. `packages` are the adapter's own."""
    footprint, fixed = Footprint(), asked.fixed
    looked_into = packages if {"locals", "pickle"} & asked.watched else ()
    with (
        surroundings(asked.watched) as said,
        looking_into(looked_into),
        deciding(oracle),
        environment(asked.variables),
        changes() as changed,
        bench.guard.watch(footprint) as breaches,
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
