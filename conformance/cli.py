"""The `conformance` command: looks things up in the catalogue, imports and derives cassettes, judges manifests.
Adapters are judged by `pytest --provider=…`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from textwrap import fill

from conformance import __version__, catalogue, dialects, importer, known_update, manifests, upgrade
from conformance.cassettes import BrokenCassette
from conformance.catalogue import AREAS, OWN, Case, Catalogue, Requirement, Wire
from conformance.commands import diff, matrix, merge
from conformance.derive import NotDerivable, derive
from conformance.manifests import telling
from conformance.replay.transforms import TRANSFORMS

USAGE = 4
WIDTH = 100


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code: 0, 1 for manifests that are wrong, or 4 for what cannot be understood."""
    parser = argparse.ArgumentParser(prog="conformance", description=__doc__)
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    listing = commands.add_parser("list", help="the requirements, one a line", description="The requirements.")
    listing.add_argument("area", nargs="?", help=f"only of this area: {', '.join(AREAS.values())}")
    explaining = commands.add_parser("explain", help="a requirement: its rule, reason, sources and cases")
    explaining.add_argument("id", help="such as STR-007")
    importing = commands.add_parser(
        "import",
        help="your own vcrpy cassettes, to be judged by",
        description="Writes each exchange of your own vcrpy cassettes to a file of its own, without secrets.",
    )
    importing.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a cassette, or a folder of them")
    importing.add_argument("--dialect", required=True, choices=dialects.names(), help="the protocol that they speak")
    importing.add_argument("--to", required=True, type=Path, metavar="FOLDER", help="for [tool.conformance] cassettes")
    deriving = commands.add_parser(
        "derive",
        help="a cassette, changed as the kit changes it",
        description="Shows what transforms make of one of the kit's cassettes. A number after a colon is a seed.",
        epilog="transforms: " + ", ".join(sorted(TRANSFORMS)),
    )
    deriving.add_argument("cassette", help="such as streams/three-rivers")
    deriving.add_argument("transforms", nargs="+", metavar="TRANSFORM", help="such as crlf, split:7 or cut@event:3")
    deriving.add_argument("--dialect", default="openai-chat", choices=dialects.names(), help="by default openai-chat")
    deriving.add_argument("-o", "--output", type=Path, metavar="FILE", help="write it there")
    known_update.add_to(commands)
    upgrade.add_to(commands)
    for command in (matrix, diff, merge):
        command.add(commands)
    linting = commands.add_parser(
        "lint",
        help="manifests that tell a host of a provider: what is wrong in them",
        description="Judges openclaw.plugin.json, openclaw.json, OpenClawInstance manifests, entry points of a "
        "pyproject.toml (which it loads) and AgentOS' provider-defaults by the requirements MAN (docs/manifests.md). "
        "Exit code 0: right, 1: not, 4: nothing to judge.",
    )
    linting.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a manifest, or a folder of them")
    linting.add_argument("--json", action="store_true", help="as JSON (schema: lint.json)")
    linting.add_argument("--strict", action="store_true", help="what is otherwise advice fails too")
    try:
        given = parser.parse_args(arguments)
    except SystemExit as exc:
        return USAGE if exc.code else 0
    if "run" in given:
        return int(given.run(given))
    if given.command == "import":
        return _import(given.paths, given.dialect, given.to)
    if given.command == "derive":
        return _derive(given.cassette, given.transforms, given.dialect, given.output)
    if given.command == "lint":
        return _lint(given.paths, as_json=given.json, strict=given.strict)
    known = catalogue.load().with_own()
    lines = _list(known, given.area) if given.command == "list" else _explain(known, given.id.upper())
    try:
        print("\n".join(lines))
    except KeyError as exc:
        print(f"conformance: {exc.args[0]}", file=sys.stderr)
        return USAGE
    except BrokenPipeError:  # `conformance list | head`
        sys.stderr.close()
    return 0


def _lint(paths: Sequence[Path], *, as_json: bool, strict: bool) -> int:
    try:
        told = telling.report(list(manifests.lint(paths)), catalogue.load(), strict=strict)
        print(told.model_dump_json(indent=2) if as_json else "\n".join(telling.lines(told)))
    except manifests.NoManifest as exc:
        print(f"conformance: {exc}", file=sys.stderr)
        return USAGE
    except BrokenPipeError:  # `conformance lint … | head`
        sys.stderr.close()
        return 0
    return 0 if told.conformant else 1


def _derive(cassette: str, transforms: Sequence[str], dialect: str, output: Path | None) -> int:
    try:
        made = derive(cassette, transforms, dialects.load(dialect))
        if output:
            output.write_text(made, encoding="utf-8")
        else:
            sys.stdout.write(made)
    except BrokenPipeError:  # `conformance derive … | head`
        sys.stderr.close()
    except (NotDerivable, BrokenCassette, OSError) as exc:
        print(f"conformance: {exc}", file=sys.stderr)
        return USAGE
    return 0


def _import(paths: Sequence[Path], dialect: str, to: Path) -> int:
    """0 where something was imported and no secret was in the way."""
    lines: list[importer.Line] = []
    try:
        for line in importer.run(paths, dialect, to):
            print(line)
            lines.append(line)
    except (importer.NotReadable, OSError) as exc:
        print(f"conformance: {exc}", file=sys.stderr)
        return USAGE
    imported = [line for line in lines if line.target]
    print(f"{len(imported)} imported, {len(lines) - len(imported)} skipped")
    if leaks := sum(line.leaked for line in lines):
        print(f"conformance: {leaks} not written, for a secret would have been left in them", file=sys.stderr)
    elif not imported:
        print(f"conformance: nothing was imported: no answer of {dialect} is new and can be read", file=sys.stderr)
    else:
        print(f'now set [tool.conformance] cassettes = "{to.as_posix()}" in pyproject.toml')
        return 0
    return USAGE


def _list(known: Catalogue, area: str | None) -> Iterator[str]:
    if area not in (None, *AREAS.values(), *AREAS, OWN, OWN.upper()):
        raise KeyError(f"there is no area {area!r}; there are {', '.join((*AREAS.values(), OWN))}")
    for rule in known.requirements.values():
        if area in (None, rule.area, rule.id[:3]):
            yield f"{rule.id}  {rule.level:<6}  {rule.text}"


def _explain(known: Catalogue, id: str) -> Iterator[str]:
    if id not in known.requirements:
        raise KeyError(f"there is no requirement {id!r}; `conformance list` shows all")
    rule = known.requirements[id]
    yield fill(f"{rule.id} ({rule.level}, {rule.area}): {rule.text}", WIDTH)
    yield from _facts(rule)
    if rule.lint:
        yield "\nrun       conformance lint PATH"
        return
    yield "\nproved by"
    if not known.of(id):
        yield "  each cassette of the folder that [tool.conformance] cassettes names (docs/own-recordings.md)"
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
    if rule.lint:
        yield f"judges    {', '.join(rule.lint)}: manifests (docs/manifests.md)"
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
