"""`conformance upgrade --to 2026.2 --provider=…`: what another requirement set would change for an adapter."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from conformance import sets
from conformance.catalogue import BrokenCatalogue
from conformance.commands import add_providers, named
from conformance.examination import Examination
from conformance.hushed import hushed
from conformance.run import Run, Unusable
from conformance.sets import Change, NoSuchSet
from conformance.verdict import Result

USAGE = 4
FAILS = 1


def add_to(commands: Any) -> None:
    upgrade = commands.add_parser(
        "upgrade",
        help="what another requirement set would change for an adapter",
        description="Judges the adapter by what is new in another set, and changes nothing. Exit code 1 where it would "
        "fail.",
        epilog="example: conformance upgrade --to next --provider=acme",
    )
    upgrade.add_argument("--to", required=True, metavar="NAME", help="a set, or next for all that there is")
    upgrade.add_argument("--from", dest="old", metavar="NAME", help="by default the set of the project in this folder")
    add_providers(upgrade)
    upgrade.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    folder, here = Path.cwd(), str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        target = sets.load(given.to)
        with hushed(), closing(Run(named(given), folder, chosen=given.old)) as made:
            changes = sets.changes(made.set, target)
            for examination in made.examinations:
                examination.choose(target)
            outcome = [row for e in made.examinations for row in _told(e, changes)]
        print(f"from {made.set.set} to {target.set}: {len(changes) or 'no'} requirements change")
    except (Unusable, NoSuchSet, BrokenCatalogue) as exc:
        print(f"conformance: {exc}", file=sys.stderr)
        return USAGE
    print("\n".join(line for line, _ in outcome))
    return FAILS if any(fails for _, fails in outcome) else 0


def _told(examination: Examination, changes: list[Change]) -> Iterator[tuple[str, bool]]:
    """A line for each change, and whether it would fail the run."""
    label = examination.subject.label
    failing = 0
    for change in changes:
        exams = [e for e in examination.exams if e.requirement.id == change.id]
        if not exams:
            continue
        verdicts = [examination.verdict(e) for e in exams]
        bad = next((v for v in verdicts if v.result not in (Result.PASS, Result.UNSUPPORTED, Result.KNOWN)), None)
        level = exams[0].requirement.level
        counts = not exams[0].finding and level == "MUST"
        if bad is None:
            said = "unsupported" if all(v.result is Result.UNSUPPORTED for v in verdicts) else "met"
        else:
            said = ("would fail: " if counts else "advice: ") + bad.headline
        fails = bad is not None and counts
        failing += fails
        yield f"  {label} {change.id} {change.before or 'finding'} -> {change.after or 'finding'}: {said}", fails
    told = f"{failing} would fail the run" if failing else "nothing would fail that does not fail now"
    yield f"{label}: {told}", False
