"""`conformance import PATH … --to FOLDER`"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from conformance import dialects
from conformance.commands import USAGE, Commands
from conformance.commands.patterns import pattern
from conformance.importer import Import
from conformance.recording import Line
from conformance.recordings import NotReadable

EXAMPLES = """examples:
  conformance import tests/cassettes --to tests/own                      (vcrpy, pytest-recording)
  conformance import spec/cassettes/chat.yml --to tests/own              (ruby-vcr)
  conformance import session.har --dialect openai-chat --to tests/own    (a browser's or a proxy's HAR)"""


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "import",
        help="your own recordings (vcrpy, pytest-recording, ruby-vcr, HAR), to be judged by",
        description="Writes each exchange of your own recordings to a file of its own, without secrets. What a file is "
        "(vcrpy, pytest-recording, ruby-vcr, HAR) its content tells. What cannot be read is skipped, and why is told. "
        "Exit code 4 where nothing was imported, or a secret would have been left in something.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a recording, or a folder of them")
    parser.add_argument("--dialect", choices=dialects.names(), help="the protocol; by default told by the routes")
    parser.add_argument("--to", required=True, type=Path, metavar="FOLDER", help="for [tool.conformance] cassettes")
    parser.add_argument("--allow", type=pattern, metavar="REGEX", help="what matches is no secret")
    parser.add_argument("--json", action="store_true", help="for a program")
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """0 where something was imported and no secret was in the way."""
    lines: list[Line] = []
    try:
        for line in Import(given.to, given.dialect, given.allow, os.environ).run(given.paths):
            lines.append(line)
            if not given.json:
                print(line)
    except (NotReadable, OSError) as exc:
        print(f"conformance: {exc}", file=sys.stderr)
        return USAGE
    imported = [line for line in lines if line.target]
    if given.json:
        print(json.dumps([_data(line) for line in lines], indent=2))
    else:
        print(f"{len(imported)} imported, {len(lines) - len(imported)} skipped")
    if leaks := sum(line.leaked for line in lines):
        print(f"conformance: {leaks} not written, for a secret would have been left in them", file=sys.stderr)
    elif not imported:
        spoken = given.dialect or "a protocol that is known here"
        print(f"conformance: nothing was imported: no answer of {spoken} is new and can be read", file=sys.stderr)
    elif given.json:
        return 0
    else:
        print(f'now set [tool.conformance] cassettes = "{given.to.as_posix()}" in pyproject.toml')
        return 0
    return USAGE


def _data(line: Line) -> dict[str, object]:
    target = line.target and line.target.as_posix()
    return {"source": line.source, "target": target, "reason": line.reason or None, "secret": line.leaked}
