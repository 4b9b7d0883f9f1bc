"""The kill matrix: which requirement catches which mutant.

python -m tests.mutants.matrix            writes docs/kill-matrix.md
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

from conformance import catalogue
from conformance.examination import Exam, Examination
from conformance.examiner import Bench
from conformance.provider import resolve
from conformance.verdict import Result
from tests.mutants import Mutant, everything

PAGE = Path(__file__).parents[2] / "docs" / "kill-matrix.md"

CASES = 6  # of a requirement that a mutant is not made for

HEAD = """# Kill matrix

Each mutant is the reference adapter with one lie. Each requirement is proved by a mutant that it kills, by name and
with the words that the test demands. `python -m tests.mutants.matrix` writes this page, and a test keeps it true.
"Fails too" and "blocked" are from at most {cases} cases of each other requirement, without those that wait.

{counts}
"""


@dataclass
class Row:
    """What one mutant's run gave: for each requirement that failed, the headlines; and what was blocked."""

    killed_by: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    blocked: set[str] = field(default_factory=set)
    broken: list[str] = field(default_factory=list)  # kit errors and vacuous cases: none may be

    def line(self, mutant: Mutant) -> str:
        others = sorted(set(self.killed_by) - {mutant.kills})
        also = ", ".join(others) or "-"
        return f"| {mutant.kills} | {mutant.name} | {mutant.lie} | {also} | {len(self.blocked)} |"


def run(mutant: Mutant, bench: Bench) -> Row:
    """All cases of the requirement that must kill it, and some of all the others."""
    row = Row()
    examination = Examination(resolve([mutant.spec], {})[0], bench, catalogue.load())
    for exam in _chosen(examination.exams, mutant.kills):
        with redirect_stdout(StringIO()), redirect_stderr(StringIO()):  # what a mutant prints is for the kit alone
            verdict = examination.verdict(exam)
        if verdict.result is Result.FAIL:
            row.killed_by[exam.requirement.id] += [v.headline for v in verdict.violations]
        elif verdict.result is Result.BLOCKED:
            row.blocked.add(exam.requirement.id)
        elif verdict.result in (Result.KIT_ERROR, Result.VACUOUS):
            row.broken.append(f"{exam.id}: {verdict.reason}")
    row.blocked -= set(row.killed_by)
    return row


def _chosen(exams: list[Exam], kills: str) -> Iterator[Exam]:
    """Of other requirements the first cases, and none that wait for a timeout: one mutant must not take seconds."""
    seen: Counter[str] = Counter()
    for exam in exams:
        seen[exam.requirement.id] += 1
        waits = any(w.fault in ("silence", "connect_timeout") or w.close == "stall" for w in exam.case.answers)
        if exam.requirement.id == kills or (seen[exam.requirement.id] <= CASES and not waits):
            yield exam


def page(rows: dict[str, str]) -> str:
    """The page, from the lines of all mutants by name."""
    mutants = everything()
    requirements = catalogue.load().requirements
    covered = {m.kills for m in mutants}
    left = len(requirements) - len(covered)
    counts = f"{len(requirements)} requirements, {len(mutants)} mutants, {left} requirements without one."
    table = ["| requirement | mutant | its lie | fails too | blocked |", "|---|---|---|---|---|"]
    return "\n".join([HEAD.format(counts=counts, cases=CASES), *table, *(rows[m.name] for m in mutants), ""])


def main() -> None:
    rows = {}
    with Bench() as bench:
        for i, mutant in enumerate(everything(), 1):
            rows[mutant.name] = run(mutant, bench).line(mutant)
            print(f"{i:4} {mutant.kills} {mutant.name}", file=sys.stderr)
    PAGE.write_text(page(rows), encoding="utf-8")
    print(f"{PAGE.name}: {len(rows)} mutants")


if __name__ == "__main__":
    main()
