"""`conformance checklist --provider=…`, or `--provider-command=…`"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from conformance import catalogue
from conformance.commands import USAGE, Commands, add_providers, named
from conformance.packaging import ASKED, JUDGES, checked, telling
from conformance.packaging.project import Project
from conformance.run import Unusable

REFUSED = 1
EXAMPLES = """examples:
  conformance checklist --provider=acme
  conformance checklist --provider=acme --title "$TITLE" --base origin/main        (in a pull request)
  conformance checklist --provider-command='node my-shim.mjs'
  conformance checklist --provider=acme --json | jq '.boxes[] | select(.result == "fail")'"""


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "checklist",
        help="what a pull request for a provider has to bring: whether it is there",
        description="Judges the repository in this folder by the requirements PKG (docs/checklist.md): operations, "
        "registration, defaults, tests that run, keys, documentation, dependencies, owner and titles. It runs the "
        "tests that name the provider, without keys and without a network. Exit code 0: no box fails, 1: one does, 4: "
        "nothing could be judged. What no program can decide is a line that asks a person, and no pass.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("ids", nargs="*", metavar="ID", help="only these boxes, such as PKG-019")
    add_providers(parser)
    parser.add_argument(
        "--path", type=Path, default=Path(), metavar="FOLDER", help="of the repository; by default here"
    )
    parser.add_argument("--title", metavar="TEXT", help="of the pull request; by default what GitHub's event says")
    parser.add_argument("--base", metavar="REF", help="what it is to be merged into; by default the main branch")
    parser.add_argument(
        "--tests", action="append", default=[], metavar="PATH", help="of the provider; by default those that name it"
    )
    parser.add_argument("--json", action="store_true", help="for a program (schema: checklist.json)")
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    ids = [id.upper() for id in given.ids]
    try:
        if unknown := [id for id in ids if id not in JUDGES]:
            raise Unusable(f"there is no box {unknown[0]}; there are {next(iter(JUDGES))} to {[*JUDGES][-1]}")
        if not given.path.is_dir():
            raise Unusable(f"there is no folder {given.path}")
        specs = named(given)
        if len(specs) > 1:
            raise Unusable(f"a checklist is about one adapter, and {len(specs)} are named")
        made = Project.of(specs[0], given.path, title=given.title, base=given.base, tests=given.tests)
        with made as project:
            if given.base and project.git("rev-parse", "--verify", "--quiet", f"{given.base}^{{commit}}") is None:
                raise Unusable(f"git knows no {given.base!r} here: fetch it, or leave --base out")
            told = telling.report(project.id, list(checked(project, ids, _say)), () if ids else ASKED)
            _say("")
    except (Unusable, catalogue.BrokenCatalogue, OSError) as exc:
        print(f"conformance: {exc}", file=sys.stderr)
        return USAGE
    texts = {id: rule.text for id, rule in catalogue.load().requirements.items()}
    try:
        print(told.model_dump_json(indent=2) if given.json else "\n".join(telling.lines(told, texts)))
    except BrokenPipeError:  # `conformance checklist … | head`
        sys.stderr.close()
    return 0 if told.accepted else REFUSED


def _say(text: str) -> None:
    """To a person who waits, over one line."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{text[:70]:<70}\r")
        sys.stderr.flush()
