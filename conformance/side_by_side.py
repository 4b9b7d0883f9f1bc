"""Cases that only wait, run at the same time."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial

from conformance.case import Case
from conformance.deadline import Endable, end
from conformance.trace import Trace


def side_by_side(run: Callable[[Case], Trace], cases: Sequence[Case], within: float) -> list[Trace]:
    """Each in a thread of its own, which is left where it does not come back: then there are fewer traces."""
    done: dict[int, Trace] = {}

    def one(i: int) -> None:
        with suppress(BaseException):  # it is run again, alone
            done[i] = run(cases[i])

    threads = [Endable(partial(one, i)) for i in range(len(cases))]
    for thread in threads:
        thread.start()
    until = time.monotonic() + within
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    for thread in threads:
        if thread.is_alive():
            end(thread)
    return [done[i] for i in sorted(done)]
