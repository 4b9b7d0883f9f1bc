"""`conformance explain STR-007`"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from itertools import groupby
from textwrap import fill

from conformance import catalogue
from conformance.case import Case, Wire
from conformance.commands import USAGE, Commands
from conformance.explained import Broken, Explained, command, explained, facts
from conformance.requirement import Requirement
from conformance.smallest import Shown

WIDTH = 100
COLUMN = 10
BROKEN = 3  # adapters that are shown
EXAMPLES = """examples:
  conformance explain STR-007
  conformance explain --json STR-007 | jq .broken_by"""


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "explain",
        help="a requirement: its rule, reason, sources and cases, what breaks it and how to mend it",
        description="All that is known of a requirement: the rule, its level, reason and sources, where to look in "
        "your adapter, the smallest wire that shows it, broken adapters that it catches, and cases.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("id", help="such as STR-007")
    parser.add_argument("--json", action="store_true", help="for a program")
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    try:
        told = explained(catalogue.load().with_own(), given.id.upper())
        print(json.dumps(_data(told), indent=2, ensure_ascii=False) if given.json else "\n".join(lines(told)))
    except KeyError as exc:
        print(f"conformance: {exc.args[0]}", file=sys.stderr)
        return USAGE
    except BrokenPipeError:  # `conformance explain STR-007 | head`
        sys.stderr.close()
    return 0


def lines(told: Explained) -> Iterator[str]:
    rule = told.rule
    yield fill(f"{rule.id} ({rule.level}, {rule.area}): {rule.text}", WIDTH)
    yield from _facts(rule)
    if told.mend:
        yield _row("mend", told.mend)
    if told.example:
        yield from _example(told.example)
    yield from _breaking(told.broken_by)
    if not rule.lint and not rule.box:
        yield from _proving(told.cases)
    yield f"\nrun       {command(rule)}"


def _proving(cases: list[Case]) -> Iterator[str]:
    yield "\nproved by"
    if not cases:
        yield "  each cassette of the folder that [tool.conformance] cassettes names (docs/own-recordings.md)"
    for about, group in groupby(cases, key=lambda case: case.about):
        if about:
            yield fill(about, WIDTH, initial_indent="  # ", subsequent_indent="  # ")
        yield from (f"  {case.case:<34} {_wire(case)}" for case in group)


def _facts(rule: Requirement) -> Iterator[str]:
    yield _row("why", rule.why)
    yield "sources   " + "\n          ".join(rule.sources)
    for fact in facts(rule):
        page = f" ({fact.page})" if fact.page else ""
        yield f"{fact.title:<{COLUMN}}{', '.join(fact.names)}: {fact.says}{page}"


def _example(shown: Shown) -> Iterator[str]:
    yield f"\nshown by  {shown.case}, in {shown.dialect}"
    yield _row("asked", shown.asked)
    yield "wire      " + "\n          ".join(shown.wire or ["-"])
    yield _row("then", shown.then)


def _breaking(broken: list[Broken]) -> Iterator[str]:
    """It is not caught if it says another thing: these are the words that the kit's own tests demand."""
    for n, one in enumerate(broken[:BROKEN]):
        yield ("" if n else "\n") + _row("" if n else "broken by", f"{one.name}: {one.lie} It is told: {one.says}")
    if len(broken) > BROKEN:
        yield _row("", f"and {len(broken) - BROKEN} more (docs/kill-matrix.md)")


def _row(title: str, text: str) -> str:
    return fill(f"{title:<{COLUMN}}{text}", WIDTH, subsequent_indent=" " * COLUMN, break_long_words=False)


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
    source = f"error {wire.error}" if wire.error else f"cassette {wire.cassette}" if wire.cassette else "a good answer"
    ending = [] if wire.close == "complete" else [wire.close]
    return " + ".join([source, *changes, *ending])


def _data(told: Explained) -> dict[str, object]:
    return {
        **told.rule.model_dump(mode="json"),
        "area": told.rule.area,
        "cases": [case.case for case in told.cases],
        "example": asdict(told.example) if told.example else None,
        "broken_by": [asdict(one) for one in told.broken_by],
        "mend": told.mend,
    }
