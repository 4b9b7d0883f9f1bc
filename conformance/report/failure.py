"""The text of a failure: what it breaks, what came, the wire, and how to see it again."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from textwrap import indent

from conformance.examination import Exam
from conformance.report.clean import printable
from conformance.verdict import Result, Verdict

WIDTH = 10


def told(exam: Exam, verdict: Verdict, nodeid: str, option: str) -> str:
    """Several lines, of which the first is enough to act on."""
    return printable("\n".join(_lines(exam, verdict, nodeid, option)))


def again(exam: Exam, verdict: Verdict, nodeid: str, option: str) -> str:
    """The command that runs this case alone."""
    strict = "" if exam.requirement.level == "MUST" else "--conformance-strict "
    example = f"--conformance-example={shlex.quote(verdict.example)} " if verdict.example else ""
    return f"pytest {option} {strict}{example}{shlex.quote(nodeid)}"


def _lines(exam: Exam, verdict: Verdict, nodeid: str, option: str) -> Iterator[str]:
    rule = exam.requirement
    if verdict.result is Result.FAIL:
        yield f"{rule.id}: {verdict.headline}"
    elif verdict.result is Result.VACUOUS:
        yield f"{rule.id}: vacuous: {verdict.reason}; this is a fault of the kit's case, not of the adapter"
    else:
        yield f"{rule.id}: the kit failed, not the adapter; please report this"
        yield indent(verdict.reason, "  ")
    yield _row("rule", f"{rule.text} ({rule.level}{', from the next set on' if exam.finding else ''})")
    if verdict.asked:
        yield _row("asked", verdict.asked)
    for violation in verdict.violations:
        if len(verdict.violations) > 1:
            yield _row("wrong", violation.headline)
        yield _row("expected", violation.expected)
        yield _row("got", violation.got)
    if verdict.wire:
        yield _row("wire", "\n".join(verdict.wire))
    if verdict.example:
        yield _row("example", verdict.example)
    if verdict.known:
        yield _row("known", verdict.known)
    yield _row("again", again(exam, verdict, nodeid, option))
    if exam.manifest:
        strict = "" if rule.level == "MUST" else "--strict "
        yield _row("or", f"conformance lint {strict}{shlex.quote(exam.manifest)}")
    yield _row("more", f"conformance explain {rule.id}")


def _row(title: str, text: str) -> str:
    first, *rest = text.split("\n") if text else ["-"]
    return "\n".join([f"  {title:<{WIDTH}}{first}", *(" " * (WIDTH + 2) + line for line in rest)])
