"""`conformance merge shard-1.json shard-2.json … -o report.json`"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from conformance.commands import USAGE, Commands
from conformance.report.clean import inert
from conformance.report.level import sentence
from conformance.report.markup import visible
from conformance.report.merged import NotOfOneRun, merged
from conformance.report.outputs import Outputs
from conformance.report.reading import NotAReport, read

EXAMPLES = """examples:
  pytest --provider=acme --conformance-shard=1/2 --conformance-report=1.json
  pytest --provider=acme --conformance-shard=2/2 --conformance-report=2.json
  conformance merge 1.json 2.json -o report.json --badge badge.svg --html report.html"""


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "merge",
        help="one JSON report of those of several shards, or of several providers",
        description="Makes one report of those of the shards of a run (pytest --conformance-shard), or of runs over "
        "several providers. In GitHub Actions it writes the summary too. Its exit code is that of the worst run; "
        "4 where the reports do not belong together.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("reports", nargs="+", type=Path, metavar="REPORT", help="of --conformance-report")
    parser.add_argument("-o", "--output", required=True, metavar="PATH", help="the report of all, as JSON")
    parser.add_argument("--html", metavar="PATH", help="as one page, too")
    parser.add_argument("--badge", metavar="PATH", help="a badge, too; for each provider one")
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    try:
        report = merged([read(path) for path in given.reports])
        written = Outputs(given.output, given.html, given.badge).write(report, Path())
    except (NotAReport, NotOfOneRun, OSError) as exc:
        print(f"conformance: {exc}", file=sys.stderr)
        return USAGE
    lines = [*map(sentence, report.providers), *written]
    print("\n".join(inert(visible(line).replace("\n", " ")) for line in lines))
    return report.exit_code
