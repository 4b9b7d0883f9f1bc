"""What one case costs, against the least that any suite of this kind could cost.

The floor is an empty parametrised pytest item plus one bare loopback exchange of 1 KiB. Its exchange is measured twice:
with one client for all, which is the stricter floor and the one that the aim is for, and with a new loop and client for
each, which a suite that builds a fresh adapter per case pays whatever else it does.

Cases and items are measured as whole sessions less sessions that only collect them, so that start-up does not count.
What is loaded when the first case needs it (cassettes, schemas) does. Cases that wait by design, laws, cases of several
calls and those of imports are left out: a case is one call here (see `whole_suite` for them all).
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from benchmarks.exchanges import ONE_KIB, bare_server, client_per_exchange, reused_client
from benchmarks.figures import Cost, Figure, shuffled
from benchmarks.sessions import COLLECT, JUDGE, exams, folder, node_id, one_call, pytest_session
from conformance.replay.guard import Guard
from conformance.replay.http import frame

AIM = 4.0
EXCHANGES = 200
EMPTY = "import pytest\n\n@pytest.mark.parametrize('n', range({count}))\ndef test_nothing(n):\n    pass\n"


def measure(rounds: int) -> list[Figure]:
    fast = [exam for exam in exams() if one_call(exam.case)]
    left_out = [f"--deselect={node_id(exam)}" for exam in exams() if not one_call(exam.case)]
    costs: dict[str, list[Cost]] = defaultdict(list)
    # The guard's one certificate: a client is built 40 times slower with all the world's.
    with (
        Guard(),
        bare_server(frame(ONE_KIB, "POST").wire) as url,
        folder({"test_empty.py": EMPTY.format(count=len(fast))}) as where,
    ):
        for arguments in (["test_empty.py"], [*JUDGE, *left_out]):
            pytest_session(where, *arguments)  # leaves its bytecode behind
        for _ in range(rounds):
            for name, cost in _round(where, url, left_out, len(fast)).items():
                costs[name].append(cost)
    return _figures(costs)


def _round(where: Path, url: str, left_out: list[str], count: int) -> dict[str, Cost]:
    """Seconds for one case, item or exchange."""
    total = shuffled(
        {
            "cases": lambda: pytest_session(where, *JUDGE, *left_out),
            "cases collected": lambda: pytest_session(where, *JUDGE, *left_out, COLLECT),
            "items": lambda: pytest_session(where, "test_empty.py"),
            "items collected": lambda: pytest_session(where, "test_empty.py", COLLECT),
            "reused": lambda: reused_client(url, EXCHANGES),
            "fresh": lambda: client_per_exchange(url, EXCHANGES),
        }
    )
    return {
        "case": _each(total["cases"], total["cases collected"], count),
        "item": _each(total["items"], total["items collected"], count),
        "reused": _each(total["reused"], Cost(0, 0), EXCHANGES),
        "fresh": _each(total["fresh"], Cost(0, 0), EXCHANGES),
    }


def _each(whole: Cost, less: Cost, count: int) -> Cost:
    return Cost((whole.wall - less.wall) / count, (whole.cpu - less.cpu) / count)


def _figures(costs: dict[str, list[Cost]]) -> list[Figure]:
    def ratio(floor: str, clock: str) -> list[float]:
        def seconds(name: str) -> list[float]:
            return [getattr(cost, clock) for cost in costs[name]]

        rounds = zip(seconds("case"), seconds("item"), seconds(floor), strict=True)
        return [case / (item + exchange) for case, item, exchange in rounds]

    def milliseconds(name: str) -> list[float]:
        return [cost.wall * 1000 for cost in costs[name]]

    return [
        Figure("a case / item + exchange, reused client", ratio("reused", "wall"), "x", AIM),
        Figure("a case / item + exchange, reused client, CPU", ratio("reused", "cpu"), "x"),
        Figure("a case / item + exchange, new client", ratio("fresh", "wall"), "x"),
        Figure("a case / item + exchange, new client, CPU", ratio("fresh", "cpu"), "x"),
        Figure("a case", milliseconds("case"), "ms"),
        Figure("an empty item", milliseconds("item"), "ms"),
        Figure("a bare exchange, reused client", milliseconds("reused"), "ms"),
        Figure("a bare exchange, new client", milliseconds("fresh"), "ms"),
    ]
