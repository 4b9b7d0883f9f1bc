"""What is said of one box of the checklist."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from conformance.requirement import Level

Result = Literal[
    "pass",
    "fail",
    "ask",  # no program can tell here: a person is asked, and it is never a pass
    "unsupported",  # it says nothing of this provider
    "excused",  # it fails, and pyproject.toml says why it may
]


class Judgement(NamedTuple):
    result: Result
    said: str  # what was found; of "ask" the question
    write: str = ""  # instead, where it fails


@dataclass(frozen=True)
class Answer:
    rule: str
    level: Level
    box: str
    result: Result
    said: str
    write: str


def ok(said: str) -> Judgement:
    return Judgement("pass", said)


def wrong(said: str, write: str) -> Judgement:
    return Judgement("fail", said, write)


def ask(question: str) -> Judgement:
    return Judgement("ask", question)


def nothing(reason: str) -> Judgement:
    return Judgement("unsupported", reason)
