"""How long the whole suite takes on the reference adapter, and how much of it is waiting by design.

A case whose wire falls silent lasts until the adapter's timeout: that is what it tests. Its seconds are told apart,
because only a shorter timeout or another process makes them less. A reset waits 0.02 s and counts as no waiting case.
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
    """Seconds that the calls of the waiting cases took."""
    waiting = {(exam.requirement.id, exam.case.case) for exam in exams() if waits(exam.case)}
    (provider,) = json.loads(report.read_text("utf-8"))["providers"]
    return sum(
        float(case["seconds"])
        for rule in provider["requirements"]
        for case in rule["cases"]
        if (rule["id"], case["case"]) in waiting
    )
