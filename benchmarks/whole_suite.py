"""How long the whole suite takes on the reference adapter, and how much of it is waiting by design.

A case whose wire falls silent lasts until the adapter's timeout: that is what it tests. Such cases wait side by side.
Their seconds are told apart, because only a shorter timeout makes them less. A reset waits 0.02 s and counts as none.
"""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.figures import Figure, shuffled
from benchmarks.sessions import JUDGE, exams, folder, pytest_session, waits

REPORT = "report.json"


def measure(rounds: int) -> list[Figure]:
    all_of_them = exams()
    with folder({}) as where:

        def alone() -> tuple[float, float]:
            wall = pytest_session(where, *JUDGE, f"--conformance-report={REPORT}").wall
            return wall, _waited(where / REPORT)

        def in_two() -> tuple[float, float]:
            return pytest_session(where, "-p", "xdist", "-n2", *JUDGE).wall, 0.0

        runs = [shuffled({"alone": alone, "in two": in_two}) for _ in range(rounds)]
    waiting = sum(waits(exam.case) for exam in all_of_them)
    return [
        Figure(f"whole suite, {len(all_of_them)} cases", [r["alone"][0] for r in runs], "s"),
        Figure(f"of it the {waiting} cases that wait by design", [r["alone"][1] for r in runs], "s"),
        Figure("share of waiting by design", [100 * r["alone"][1] / r["alone"][0] for r in runs], "%"),
        Figure("whole suite with -n 2", [r["in two"][0] for r in runs], "s"),
        Figure("whole suite with -n 2 / without", [r["in two"][0] / r["alone"][0] for r in runs], "x"),
    ]


def _waited(report: Path) -> float:
    """Seconds that the calls of the waiting cases took: the longest of those side by side, and each of the others."""
    (provider,) = json.loads(report.read_text("utf-8"))["providers"]
    told = {(r["id"], c["case"]): float(c["seconds"]) for r in provider["requirements"] for c in r["cases"]}
    waiting = [(told[e.requirement.id, e.case.case], e.case.waits) for e in exams() if waits(e.case)]
    return max(s for s, shared in waiting if shared) + sum(s for s, shared in waiting if not shared)
