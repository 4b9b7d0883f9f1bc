"""What is said of each bug: our own `coverage.yaml`, and the reports, which are not part of this repository.

They are looked for in $CONFORMANCE_BUGS, or in ../shared/bugs beside the project.
"""

from __future__ import annotations

import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, model_validator

from conformance import catalogue, scene
from conformance.case import Case
from conformance.dialects import Dialect, load

FOLDER = Path(os.environ.get("CONFORMANCE_BUGS") or Path(__file__).parents[3] / "shared" / "bugs")
ABSENT = "the reports of bugs are not part of this repository: set CONFORMANCE_BUGS"
COVERAGE = Path(__file__).with_name("coverage.yaml")
OURS = {"ollama-native": "ollama", "bedrock": "bedrock-converse", "any": "openai-chat"}  # their names of dialects
AREAS_TO_COME = {"TIM", "LAW", "RAT", "CON", "LIF", "PKG"}  # that are being written, or are still to be


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Covered(_Data):
    """What catches it, what is to, or why nothing does."""

    by: list[str] = []
    expected: list[str] = []
    later: str | None = None
    none: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        return {"by": value} if isinstance(value, list) else value

    @model_validator(mode="after")
    def _says_something(self) -> Covered:
        if not (self.by or self.expected or self.later or self.none):
            raise ValueError("says nothing")
        return self

    @property
    def requirements(self) -> list[str]:
        return list(dict.fromkeys(name.partition("/")[0] for name in self.by))


class Instance(Covered):
    name: str
    wire: str | None = None
    ask: str | None = None
    note: str = ""


class Coverage(_Data):
    instances: dict[str, Instance]
    classes: dict[str, Covered]


class Report(BaseModel):
    """One line of bugs.jsonl, as far as it is looked at."""

    id: str
    category: str
    dialect: str
    trigger: str
    bug_class: str

    @property
    def spoken(self) -> Dialect:
        return load(OURS.get(self.dialect, self.dialect))


@cache
def coverage() -> Coverage:
    return Coverage.model_validate(yaml.safe_load(COVERAGE.read_text("utf-8")))


@cache
def reports() -> list[Report]:
    """Empty where they are not there."""
    path = FOLDER / "bugs.jsonl"
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    return [Report(**{"bug_class" if k == "class" else k: v for k, v in json.loads(line).items()}) for line in lines]


@cache
def classes() -> list[str]:
    """The names in the table of CLASSES.md, of which some stand in several categories."""
    path = FOLDER / "CLASSES.md"
    text = path.read_text("utf-8") if path.exists() else ""
    rows = re.findall(r"^\| [a-z][^|]*\| ([^|]+) \| \d+ \|$", text, re.M)
    return list(dict.fromkeys(rows))


# --- the cases that are named ------------------------------------------------------------------


def cases(name: str) -> list[Case]:
    """`STR-004` is all of its cases, `STR-004/unicode` the one."""
    requirement, _, case = name.partition("/")
    return [c for c in catalogue.load().of(requirement) if case in ("", c.case)]


def told_in(dialect: Dialect, names: list[str]) -> list[Case]:
    """Those of the cases that are played in this dialect."""
    return [c for name in names for c in cases(name) if dialect.cannot(c) is None]


def wire_of(case: Case, dialect: Dialect) -> list[str]:
    """What the server sends in the case, one text an answer."""
    return [scene.script(wire, dialect).body.decode("utf-8", "replace") for wire in case.answers if not wire.fault]


def ask_of(case: Case) -> str:
    told = {**case.ask.model_dump(mode="json", exclude_defaults=True), "adapter": case.adapter.model}
    return json.dumps(told, ensure_ascii=False)
