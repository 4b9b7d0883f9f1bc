"""`conformance run acme`: what `pytest --provider=acme` does, for those who do not know pytest."""

from __future__ import annotations

import argparse
import sys

from conformance.commands import USAGE, Commands
from conformance.requirement import AREAS, OWN

EXAMPLES = """examples:
  conformance run mypkg:MyProvider
  conformance run acme --only STR-007 --only tools --stop
  conformance run acme --html report.html --badge badge.svg
  conformance run ./plugin.mjs -- -n 2 --junitxml=junit.xml    (what follows -- is for pytest)"""
FILES = {"report": "every verdict, as JSON", "html": "one page for people", "badge": "a badge, as SVG"}


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "run",
        help="judge an adapter",
        description="Judges adapters, as `pytest --provider=SPEC` does. Exit code 0: conformant, 1: not, 3: a fault of "
        "the kit, 4: something that was given cannot be used.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "specs",
        nargs="+",
        metavar="SPEC",
        help="module:attribute (a class, a factory or an instance), an entry point of the group conformance.providers, "
        "a name of [tool.conformance.providers], or a module for Node",
    )
    parser.add_argument(
        "--only", action="append", default=[], metavar="WHAT", help="a requirement or an area, such as STR-007 or tools"
    )
    parser.add_argument("--stop", action="store_true", help="end with the first failure")
    parser.add_argument("--strict", action="store_true", help="a SHOULD that is not met fails too")
    for name, about in FILES.items():
        parser.add_argument(f"--{name}", metavar="PATH", help=f"write {about}")
    parser.add_argument("--shard", metavar="N/OF", help="a part of the run, such as 1/3")
    parser.add_argument("--set", metavar="NAME", help="the requirement set, such as 2026.1")
    parser.set_defaults(run=run, takes_more=True, more=[])


def run(given: argparse.Namespace) -> int:
    import pytest  # noqa: PLC0415 - the other commands need none

    try:
        return int(pytest.main(_arguments(given)))
    except KeyError as exc:
        print(f"conformance: {exc.args[0]}", file=sys.stderr)
        return USAGE


def _arguments(given: argparse.Namespace) -> list[str]:
    """Of pytest. No cache: what is judged may lie in a folder that nothing is to be written to."""
    options = {"report": given.report, "html": given.html, "badge": given.badge, "shard": given.shard, "set": given.set}
    return [
        "-pno:cacheprovider",
        "-Wignore::pytest.PytestAssertRewriteWarning",  # of the kit, which this command has loaded before
        *(f"--provider={spec}" for spec in given.specs),
        *(f"--conformance-{name}={value}" for name, value in options.items() if value is not None),
        *(["--conformance-strict"] if given.strict else []),
        *(["--exitfirst"] if given.stop else []),
        *given.more,
        *map(_selected, given.only),
    ]


def _selected(what: str) -> str:
    """As the plugin's ids are written. Raises KeyError."""
    prefix, area = what[:3].upper(), {**AREAS, OWN.upper(): OWN}
    if what in area.values():
        return f"conformance/{what}"
    if prefix not in area or what[3:4] not in ("", "-"):
        raise KeyError(f"there is no requirement and no area {what!r}; `conformance list` shows all")
    return f"conformance/{area[prefix]}" + (f"::{what.upper()}" if what[3:] else "")
