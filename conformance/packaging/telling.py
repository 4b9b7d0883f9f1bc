"""What `conformance checklist` says: for people, and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Literal

from pydantic import BaseModel

from conformance import __version__
from conformance.packaging.answers import Answer, Result
from conformance.requirement import Level

WORDS: dict[Result, str] = {
    "pass": "[x]",
    "fail": "[ ]",
    "ask": "[?]",
    "unsupported": "[-]",
    "excused": "[~]",
}


class AnswerRow(BaseModel):
    rule: str
    level: Level
    box: str
    result: Result
    said: str  # what was found; of "ask" the question for a person
    write: str = ""  # instead, where it fails


class Checklist(BaseModel):
    """`conformance checklist --json`."""

    schema_version: Literal[1] = 1
    kit: str = __version__
    provider: str
    accepted: bool  # nothing fails; what a person is asked is still to be answered
    boxes: list[AnswerRow]
    asked: list[str]  # beside the boxes, what no program can decide


def report(provider: str, answers: Sequence[Answer], asked: Sequence[str], *, strict: bool = False) -> Checklist:
    rows = [
        AnswerRow(rule=a.rule, level=a.level, box=a.box, result=a.result, said=a.said, write=a.write) for a in answers
    ]
    failed = any(row.result == "fail" and (strict or row.level == "MUST") for row in rows)
    return Checklist(provider=provider, accepted=not failed, boxes=rows, asked=list(asked))


def lines(told: Checklist, texts: dict[str, str]) -> Iterator[str]:
    """`texts` are the rules'."""
    yield f"acceptance checklist of {told.provider}"
    box = ""
    for row in told.boxes:
        if row.box != box:
            box = row.box
            yield f"\n{box}"
        yield f"  {WORDS[row.result]} {row.rule} {texts[row.rule]}"
        yield f"        {_said(row)}"
        if row.result == "fail":
            yield f"        write {row.write}"
    if told.asked:
        yield "\nWhat no program can tell"
        yield from (f"  [?] ask a person: {question}" for question in told.asked)
    counts = Counter(row.result for row in told.boxes)
    asked = counts["ask"] + len(told.asked)
    said = [
        f"{counts['pass']} of {len(told.boxes)} boxes are met",
        *([f"{counts['fail']} not"] if counts["fail"] else []),
        *([f"{counts['excused']} excused"] if counts["excused"] else []),
        *([f"{counts['unsupported']} say nothing here"] if counts["unsupported"] else []),
        f"{asked} to ask a person",
    ]
    yield f"\n{told.provider}: {', '.join(said)}"
    if failed := next((row.rule for row in told.boxes if row.result == "fail"), None):
        yield f"more      conformance explain {failed}"


def _said(row: AnswerRow) -> str:
    if row.result == "ask":
        return f"ask a person: {row.said}"
    if row.result == "excused":
        return f"excused by pyproject.toml; ask a person whether that holds: {row.said}"
    return f"says nothing here: {row.said}" if row.result == "unsupported" else row.said
