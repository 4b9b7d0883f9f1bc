"""`conformance diff old.json new.json`"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from conformance.commands import REGRESSED, USAGE, Commands
from conformance.report.clean import inert
from conformance.report.diff import Change, Difference, compare
from conformance.report.markup import visible
from conformance.report.reading import NotAReport, read

EXAMPLES = """examples:
  conformance diff main.json branch.json
  conformance diff --json old.json new.json | jq '.providers[].changes[] | select(.kind == "worse")'"""


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "diff",
        help="what changed from one JSON report to another",
        description="What changed from one JSON report to another, by requirement. Exit code 1 where what was met is "
        "not met any more, or a MUST is no longer judged; 0 else; 4 where a report cannot be read.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("old", type=Path, help="a report of --conformance-report")
    parser.add_argument("new", type=Path, help="a later one")
    parser.add_argument("--json", action="store_true", help="for a program")
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    try:
        found = compare(read(given.old), read(given.new))
        if not found:
            raise NotAReport(f"{given.old} and {given.new} tell of no provider of the same name")
    except NotAReport as exc:
        print(f"conformance: {exc}", file=sys.stderr)
        return USAGE
    if given.json:
        print(
            json.dumps({"regressed": any(d.regressed for d in found), "providers": list(map(_data, found))}, indent=2)
        )
    else:
        print("\n".join(inert(visible(line).replace("\n", " ")) for each in found for line in _lines(each)))
    return REGRESSED if any(each.regressed for each in found) else 0


def _lines(found: Difference) -> Iterator[str]:
    before, now = (f"{row.label} {row.version}".strip() for row in (found.old, found.new))
    yield now if before == now else f"{before} -> {now}"
    yield from map(_line, found.changes)
    yield "  " + ", ".join(f"{n} {kind}" for kind, n in found.counts.items())


def _line(change: Change) -> str:
    went = " -> ".join(filter(None, [change.old, change.new])) if change.old != change.new else change.new
    many = f" ({len(change.cases)} case{'s' if len(change.cases) > 1 else ''})" if change.cases else ""
    said = f": {change.said}" if change.said and change.kind != "mended" else ""
    return f"  {change.kind.upper():<8}{change.id}  {went}{many}{said}"


def _data(found: Difference) -> dict[str, object]:
    return {
        "old": {"label": found.old.label, "version": found.old.version},
        "new": {"label": found.new.label, "version": found.new.version},
        "counts": found.counts,
        "changes": [asdict(change) for change in found.changes],
    }
