"""What a project pays on every pytest run for having the plugin installed, without using it.

One empty test file in an otherwise empty folder: a session with the plugin against one without. All other third-party
plugins are off on both sides, so the ratio is as strict as it can be.
"""

from __future__ import annotations

from benchmarks.figures import Figure, shuffled
from benchmarks.sessions import PLUGIN, folder, pytest_session

AIM = 1.05


def measure(rounds: int) -> list[Figure]:
    with folder({"test_empty.py": ""}) as where:
        jobs = {"with": lambda: pytest_session(where, *PLUGIN), "without": lambda: pytest_session(where)}
        shuffled(jobs)  # leaves its bytecode behind
        pairs = [shuffled(jobs) for _ in range(rounds)]
    return [
        Figure("start-up with the plugin / without, CPU", [p["with"].cpu / p["without"].cpu for p in pairs], "x", AIM),
        Figure("start-up with the plugin / without", [p["with"].wall / p["without"].wall for p in pairs], "x", AIM),
        Figure("start-up without the plugin", [1000 * p["without"].wall for p in pairs], "ms"),
    ]
