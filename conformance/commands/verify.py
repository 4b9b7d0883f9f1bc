"""`conformance verify [PATH…]`"""

from __future__ import annotations

import argparse
import sys
from datetime import timedelta
from pathlib import Path
from typing import get_args

from conformance import config
from conformance.commands import REGRESSED, USAGE, Commands
from conformance.commands.patterns import pattern
from conformance.report.clean import inert
from conformance.report.markup import visible
from conformance.verification import NothingToVerify, Rule, Verified, Verifier, days

EXAMPLES = """examples:
  conformance verify                                   (what [tool.conformance] cassettes names)
  conformance verify --max-age 365d --strict tests/own
  conformance verify --only secret tests/cassettes     (vcrpy's own, which do not say where they come from)
  conformance verify --json tests/own | jq -r '.problems[] | select(.rule == "secret") | .file'

As a pre-commit hook: docs/recording.md"""


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "verify",
        help="whether cassettes are fit to be committed: form, secrets, origin, use, age",
        description="Looks at cassettes of the kit's format: their schema; secrets, by the second scan; whether they "
        "say where they come from, and without contradiction; whether a case reads them (your own recordings); their "
        "age. One line for each problem, FILE:LINE: RULE: MESSAGE. Exit code 0: fit, 1: not, 4: nothing to look at.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="a cassette, or a folder of them")
    parser.add_argument(
        "--max-age", type=_age, metavar="AGE", help="such as 365d: what was recorded before is warned of"
    )
    parser.add_argument("--strict", action="store_true", help="fail on what is otherwise a warning")
    parser.add_argument(
        "--only", action="append", choices=get_args(Rule), help="this rule, such as secret; may be repeated"
    )
    parser.add_argument("--allow", type=pattern, metavar="REGEX", help="what matches is no secret")
    parser.add_argument("--json", action="store_true", help="for a program (schema: verify.json)")
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    folder, only = Path.cwd(), frozenset(given.only or get_args(Rule))
    try:
        known = config.load(folder)
        paths = given.paths or _configured(known)
        found = Verifier(folder, known, given.max_age, given.strict, only, given.allow).verify(paths)
    except (NothingToVerify, config.BadConfig, OSError) as exc:
        print(f"conformance: {exc}", file=sys.stderr)
        return USAGE
    try:
        print(found.model_dump_json(indent=2) if given.json else "\n".join(_lines(found)))
    except BrokenPipeError:  # `conformance verify … | head`
        sys.stderr.close()
    return 0 if found.ok else REGRESSED


def _lines(found: Verified) -> list[str]:
    wrong = sum(problem.level == "error" for problem in found.problems)
    warned = len(found.problems) - wrong
    counts = [_several(found.files, "file"), _several(found.interactions, "interaction")]
    counts += [_several(n, name) for n, name in ((wrong, "problem"), (warned, "warning")) if n]
    counts += ["nothing to object to"] * (not found.problems)
    return [*(inert(visible(str(problem))) for problem in found.problems), ", ".join(counts)]


def _several(number: int, name: str) -> str:
    return f"{number} {name}" if number == 1 else f"{number} {name}s"


def _configured(known: config.Config) -> list[Path]:
    if known.cassettes is None:
        raise NothingToVerify("name a cassette or a folder, or set [tool.conformance] cassettes in pyproject.toml")
    return [Path(known.cassettes)]


def _age(text: str) -> timedelta:
    try:
        return days(text)
    except ValueError as exc:
        raise argparse.ArgumentTypeError(str(exc)) from None
