"""The `conformance` command: judges adapters and manifests, looks things up in the catalogue, imports and derives
cassettes, compares reports."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from conformance import __version__, catalogue, dialects, known_update, manifests, upgrade
from conformance.cassettes import BrokenCassette
from conformance.catalogue import Catalogue
from conformance.commands import (
    checklist,
    completion,
    diff,
    explain,
    importing,
    init,
    matrix,
    merge,
    record,
    running,
    verify,
)
from conformance.derive import NotDerivable, derive
from conformance.manifests import telling
from conformance.replay.transforms import TRANSFORMS
from conformance.requirement import AREAS, OWN, Requirement

USAGE = 4


def parser() -> argparse.ArgumentParser:
    """With all commands."""
    made = argparse.ArgumentParser(prog="conformance", description=__doc__)
    made.add_argument("--version", action="version", version=__version__)
    commands = made.add_subparsers(dest="command", metavar="COMMAND", required=True)
    listing = commands.add_parser(
        "list",
        help="the requirements, one a line",
        description="The requirements.",
        epilog="example: conformance list streaming",
    )
    listing.add_argument("area", nargs="?", help=f"only of this area: {', '.join(AREAS.values())}")
    listing.add_argument("--json", action="store_true", help="for a program")
    deriving = commands.add_parser(
        "derive",
        help="a cassette, changed as the kit changes it",
        description="Shows what transforms make of one of the kit's cassettes. A number after a colon is a seed.",
        epilog="example: conformance derive streams/three-rivers crlf split:7; "
        f"transforms: {', '.join(sorted(TRANSFORMS))}",
    )
    deriving.add_argument("cassette", help="such as streams/three-rivers")
    deriving.add_argument("transforms", nargs="+", metavar="TRANSFORM", help="such as crlf, split:7 or cut@event:3")
    deriving.add_argument("--dialect", default="openai-chat", choices=dialects.names(), help="by default openai-chat")
    deriving.add_argument("-o", "--output", type=Path, metavar="FILE", help="write it there")
    known_update.add_to(commands)
    upgrade.add_to(commands)
    for command in (running, explain, init, checklist, record, importing, verify, matrix, diff, merge):
        command.add(commands)
    linting = commands.add_parser(
        "lint",
        help="manifests that tell a host of a provider: what is wrong in them",
        description="Judges openclaw.plugin.json, openclaw.json, OpenClawInstance manifests, entry points of a "
        "pyproject.toml (which it loads) and AgentOS' provider-defaults by the requirements MAN (docs/manifests.md). "
        "Exit code 0: right, 1: not, 4: nothing to judge.",
        epilog="example: conformance lint openclaw.plugin.json pyproject.toml",
    )
    linting.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a manifest, or a folder of them")
    linting.add_argument("--json", action="store_true", help="as JSON (schema: lint.json)")
    linting.add_argument("--strict", action="store_true", help="what is otherwise advice fails too")
    completion.add(commands, made)
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code: 0, 1 for what is wrong, or 4 for what cannot be understood."""
    own, more = _parted(sys.argv[1:] if arguments is None else list(arguments))
    whole = parser()
    try:
        given = whole.parse_args(own)
        if more and "takes_more" not in given:
            whole.error(f"nothing may follow --, but {more[0]} does")
    except SystemExit as exc:
        return USAGE if exc.code else 0
    given.more = more
    if "run" in given:
        return int(given.run(given))
    if given.command == "derive":
        return _derive(given.cassette, given.transforms, given.dialect, given.output)
    if given.command == "lint":
        return _lint(given.paths, as_json=given.json, strict=given.strict)
    known = catalogue.load().with_own()
    try:
        rules = list(_list(known, given.area))
        told = [{"id": r.id, "level": r.level, "area": r.area, "text": r.text} for r in rules]
        lines = [f"{rule.id}  {rule.level:<6}  {rule.text}" for rule in rules]
        print(json.dumps(told, indent=2, ensure_ascii=False) if given.json else "\n".join(lines))
    except KeyError as exc:
        print(f"conformance: {exc.args[0]}", file=sys.stderr)
        return USAGE
    except BrokenPipeError:  # `conformance list | head`
        sys.stderr.close()
    return 0


def _parted(arguments: list[str]) -> tuple[list[str], list[str]]:
    """What is ours, and what comes after `--`."""
    at = arguments.index("--") if "--" in arguments else len(arguments)
    return arguments[:at], arguments[at + 1 :]


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


def _list(known: Catalogue, area: str | None) -> Iterator[Requirement]:
    if area not in (None, *AREAS.values(), *AREAS, OWN, OWN.upper()):
        raise KeyError(f"there is no area {area!r}; there are {', '.join((*AREAS.values(), OWN))}")
    for rule in known.requirements.values():
        if area in (None, rule.area, rule.id[:3]):
            yield rule


if __name__ == "__main__":
    sys.exit(main())
