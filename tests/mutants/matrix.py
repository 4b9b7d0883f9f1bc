"""The kill matrix: which requirement catches which mutant.

python -m tests.mutants.matrix            writes docs/kill-matrix.md and fixtures/kills.json
python -m tests.mutants.matrix --new      the same, but only what the page does not list is run
python -m tests.mutants.matrix --check    exit 1 where the page is not what it would write
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

from conformance import catalogue
from conformance.bench import Bench
from conformance.examination import Exam, Examination
from conformance.provider import resolve
from conformance.verdict import Result
from tests.mutants import Mutant, everything, kills
from tests.mutants.manifests import BrokenManifest, broken
from tests.mutants.repositories import BrokenRepository, repositories

PAGE = Path(__file__).parents[2] / "docs" / "kill-matrix.md"

CASES = 3  # of a requirement that a mutant is not made for
PART = 10  # mutants at a time

HEAD = """# Kill matrix

Each mutant is the reference adapter with one lie, or a good manifest (MAN) or repository (PKG) with one. Each
requirement is proved by a mutant that it kills, by name and with the words that the test demands:
`pytest tests/test_mutants.py` shows it.
`python -m tests.mutants.matrix` writes this page, and with `--check` tells whether it is true.
"Fails too" and "blocked" are from at most {cases} cases of each other requirement, without those that wait, laws,
cases of several calls and imports.

{counts}
"""


def beginning(mutant: Mutant | BrokenManifest | BrokenRepository) -> str:
    """Of its line: what the page says of it that no run is needed for."""
    return f"| {mutant.kills} | {mutant.name} | {mutant.lie} |"


@dataclass
class Row:
    """What one mutant's run gave: for each requirement that failed, the headlines; and what was blocked."""

    killed_by: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    blocked: set[str] = field(default_factory=set)
    broken: list[str] = field(default_factory=list)  # kit errors and vacuous cases: none may be

    def line(self, mutant: Mutant) -> str:
        others = sorted(set(self.killed_by) - {mutant.kills})
        also = ", ".join(others) or "-"
        return f"{beginning(mutant)} {also} | {len(self.blocked)} |"


def run(mutant: Mutant, bench: Bench, others: int = 0) -> Row:
    """All cases of the requirement that must kill it, and so many of each other one."""
    row = Row()
    examination = Examination(resolve([mutant.spec], {mutant.spec: mutant.config})[0], bench, catalogue.load())
    for exam in _chosen(examination.exams, mutant.kills, others):
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


def _chosen(exams: list[Exam], kills: str, others: int) -> Iterator[Exam]:
    """Of other requirements the first cases, and none that take long: one mutant must not take seconds."""
    seen: Counter[str] = Counter()
    for exam in exams:
        seen[exam.requirement.id] += 1
        case = exam.case
        door = any(w.fault == "connect_timeout" for w in case.answers)
        long = case.waits or door or case.law or case.several or case.then.imports
        if exam.requirement.id == kills or (seen[exam.requirement.id] <= others and not long):
            yield exam


def manifest(mutant: BrokenManifest) -> str:
    """Its line: what else is found in it, beyond what the good one is advised."""
    others = {f.rule for f in mutant.findings()} - {mutant.kills} - mutant.advised
    return f"{beginning(mutant)} {', '.join(sorted(others)) or '-'} | 0 |"


def repository(mutant: BrokenRepository) -> str:
    """Its line: what else fails in it, of what runs no tests."""
    return f"{beginning(mutant)} {', '.join(sorted(mutant.others())) or '-'} | 0 |"


def page(lines: Iterable[str]) -> str:
    """The page, from the lines of all mutants in their order."""
    mutants = [*everything(), *broken(), *repositories()]
    requirements = catalogue.load().requirements
    left = len(set(requirements) - {m.kills for m in mutants})
    counts = f"{len(requirements)} requirements, {len(mutants)} mutants, {left} requirements without one."
    table = ["| requirement | mutant | its lie | fails too | blocked |", "|---|---|---|---|---|"]
    return "\n".join([HEAD.format(counts=counts, cases=CASES), *table, *lines, ""])


def _lines(specs: list[str]) -> list[str]:
    """In a process of its own."""
    with Bench() as bench:
        return [run(m, bench, CASES).line(m) for m in everything() if m.spec in specs]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--new", action="store_true", help="run only mutants that the page does not list")
    parser.add_argument("--check", action="store_true", help="write nothing, and tell whether the page is true")
    given = parser.parse_args()
    written = PAGE.read_text("utf-8").splitlines() if PAGE.exists() else []
    known = {beginning(m): line for m in everything() for line in written if line.startswith(beginning(m))}
    specs = [m.spec for m in everything() if not given.new or beginning(m) not in known]
    parts = [specs[i : i + PART] for i in range(0, len(specs), PART)]
    made_anew: dict[str, str] = {}
    with ProcessPoolExecutor() as pool:
        for part, done in zip(parts, pool.map(_lines, parts), strict=True):
            made_anew |= zip(part, done, strict=True)
            print(f"{len(made_anew)} of {len(specs)}", file=sys.stderr)
    lines = [made_anew.get(m.spec) or known[beginning(m)] for m in everything()] + [manifest(m) for m in broken()]
    lines += [repository(m) for m in repositories()]
    lines.sort(key=lambda line: line.split(" | ")[:2])
    made = page(lines)
    if given.check:
        wrong = [line for line in made.splitlines() if line not in written]
        print("\n".join(wrong) or f"{PAGE.name} is true")
        return bool(wrong or made.splitlines() != written)
    PAGE.write_text(made, encoding="utf-8")
    kills.KILLS.write_text(kills.made(), encoding="utf-8")
    print(f"{PAGE.name}: {len(lines)} mutants")
    return 0


if __name__ == "__main__":
    sys.exit(main())
