"""What all drivers do around a call: it ends in time, and nothing that it raises escapes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from conformance.deadline import GivenUp, deadline
from conformance.drivers import Call
from conformance.drivers.failures import LONG, failure, hung
from conformance.drivers.plain import plain_text, read, shown
from conformance.trace import Failure, Outcome

MOST = 100_000  # events of a stream
MOST_TEXT = 300_000_000  # characters of them
LATE = 1.0  # seconds after its own deadline before a loop that is held is broken into


def called(call: Call, run: Callable[[Outcome], None], fault: Callable[[BaseException], Failure] = failure) -> Outcome:
    """The outcome that `run` fills; an error where it raises, whatever that is."""
    outcome = Outcome()
    try:
        with deadline(call.deadline + LATE) as watch:
            try:
                run(outcome)
            except GivenUp:
                raise
            except BaseException as exc:  # pytest.skip() and KeyboardInterrupt too: they are the adapter's own
                if watch.interrupted:
                    raise
                outcome.error = outcome.error or fault(exc)
    except GivenUp:
        outcome.error = hung(call.deadline)
    if watch.interrupted:
        raise KeyboardInterrupt
    outcome.finished_at = outcome.finished_at or time.monotonic()
    return outcome


def introduce(adapter: Any, outcome: Outcome) -> None:
    """What it says of itself; that it cannot is not this case's finding."""
    name = read(adapter, "name")
    outcome.provider = plain_text(name) if isinstance(name, str) else ""
    outcome.repr = f"{shown(adapter, LONG)}\n{_str(adapter)}"


def _str(adapter: Any) -> str:
    try:
        return plain_text(str(adapter))
    except Exception as exc:
        return f"<str() raised {type(exc).__name__}>"


def endless(outcome: Outcome) -> bool:
    """Whether a stream gave more than any answer holds: nobody waits for the rest."""
    events = outcome.events
    if len(events) < MOST and len(events[-1].text) < MOST_TEXT / MOST:
        return False
    if len(events) < MOST and sum(len(e.text) for e in events) < MOST_TEXT:
        return False
    outcome.nonsense = f"a stream without an end: {len(events)} events, and more to come"
    return True
