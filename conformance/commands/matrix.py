"""`conformance matrix a.json b.json … -o site/`"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from conformance.commands import USAGE, Commands
from conformance.report.matrix import site
from conformance.report.reading import NotAReport, read

EXAMPLES = """examples:
  conformance matrix reports/*.json -o site/
  conformance matrix acme-1.json acme-2.json other.json -o site/    (two reports of one adapter are its trend)"""


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "matrix",
        help="many JSON reports as static pages that compare the providers",
        description="Writes static pages that compare the providers of many JSON reports by area and by requirement, "
        "with versions and trend: index.html, a page for each provider's latest report, and matrix.json.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("reports", nargs="+", type=Path, metavar="REPORT", help="of --conformance-report")
    parser.add_argument(
        "-o", "--output", required=True, type=Path, metavar="FOLDER", help="is made where it is missing"
    )
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    try:
        files = site([read(path) for path in given.reports])
        given.output.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (given.output / name).write_text(content, encoding="utf-8")
    except (NotAReport, OSError) as exc:
        print(f"conformance: {exc}", file=sys.stderr)
        return USAGE
    print(f"{given.output / 'index.html'}: {len(files) - 2} providers of {len(given.reports)} reports")
    return 0
