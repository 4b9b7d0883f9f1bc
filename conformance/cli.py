"""The `conformance` command: looks things up in the catalogue. Judging is done by `pytest --provider=…`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from itertools import groupby
from textwrap import fill

from conformance import __version__, catalogue
from conformance.catalogue import AREAS, Case, Catalogue, Requirement, Wire

USAGE = 4
WIDTH = 100


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code: 0, or 4 for what cannot be understood."""
    parser = argparse.ArgumentParser(prog="conformance", description=__doc__)
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    listing = commands.add_parser("list", help="the requirements, one a line", description="The requirements.")
    listing.add_argument("area", nargs="?", help=f"only of this area: {', '.join(AREAS.values())}")
    explaining = commands.add_parser("explain", help="a requirement: its rule, reason, sources and cases")
    explaining.add_argument("id", help="such as STR-007")
    try:
        given = parser.parse_args(arguments)
    except SystemExit as exc:
        return USAGE if exc.code else 0
    known = catalogue.load()
    lines = _list(known, given.area) if given.command == "list" else _explain(known, given.id.upper())
    try:
        print("\n".join(lines))
    except KeyError as exc:
        print(f"conformance: {exc.args[0]}", file=sys.stderr)
        return USAGE
    except BrokenPipeError:  # `conformance list | head`
        sys.stderr.close()
    return 0


def _list(known: Catalogue, area: str | None) -> Iterator[str]:
    if area not in (None, *AREAS.values(), *AREAS):
        raise KeyError(f"there is no area {area!r}; there are {', '.join(AREAS.values())}")
    for rule in known.requirements.values():
        if area in (None, rule.area, rule.id[:3]):
            yield f"{rule.id}  {rule.level:<6}  {rule.text}"


def _explain(known: Catalogue, id: str) -> Iterator[str]:
    if id not in known.requirements:
        raise KeyError(f"there is no requirement {id!r}; `conformance list` shows all")
    rule = known.requirements[id]
    yield fill(f"{rule.id} ({rule.level}, {rule.area}): {rule.text}", WIDTH)
    yield from _facts(rule)
    yield "\nproved by"
    for about, cases in groupby(known.of(id), key=lambda case: case.about):
        if about:
            yield fill(about, WIDTH, initial_indent="  # ", subsequent_indent="  # ")
        yield from (f"  {case.case:<34} {_wire(case)}" for case in cases)
    yield f"\nrun       pytest --provider=module:attribute -k {id}"


def _facts(rule: Requirement) -> Iterator[str]:
    yield fill(f"why       {rule.why}", WIDTH, subsequent_indent=" " * 10)
    yield "sources   " + "\n          ".join(rule.sources)
    if rule.vendor:
        yield f"vendor    {rule.vendor}: demanded where the adapter is configured for it, see docs/vendors.md"
    if rule.needs:
        yield f"needs     {', '.join(rule.needs)}: unsupported where the adapter declares that it cannot"
    if rule.after:
        yield f"after     {', '.join(rule.after)}: blocked while one of these is broken"


def _wire(case: Case) -> str:
    said = " then ".join(map(_answer, case.answers))
    return f"{case.ask.op}; the server: {said}"


def _answer(wire: Wire) -> str:
    if wire.fault:
        return wire.fault.replace("_", " ")
    if isinstance(wire.body, dict):
        return f"{wire.status or 200} a body in {', '.join(wire.body)}"
    if wire.body is not None:
        return f"{wire.status or 200} {' '.join(wire.body.split())[:40]!r}"
    changes = [wire.transform] if isinstance(wire.transform, str) else wire.transform
    source = f"error {wire.error}" if wire.error else f"cassette {wire.cassette}"
    ending = [] if wire.close == "complete" else [wire.close]
    return " + ".join([source, *changes, *ending])


if __name__ == "__main__":
    sys.exit(main())
