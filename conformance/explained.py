"""All that is known of one requirement, from the data: what to read when it is not met."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import yaml

from conformance.case import Case
from conformance.catalogue import Catalogue
from conformance.paths import FIXTURES
from conformance.requirement import OWN, Requirement
from conformance.smallest import Shown, smallest

KILLS = FIXTURES / "kills.json"  # written by `python -m tests.mutants.kills`
MENDING = FIXTURES / "mending.yaml"


@dataclass(frozen=True)
class Broken:
    """An adapter, or a manifest, with one lie by which the requirement is proved."""

    name: str
    lie: str
    says: str  # a part of what the kit says of it


@dataclass(frozen=True)
class Explained:
    rule: Requirement
    cases: list[Case]
    example: Shown | None
    broken_by: list[Broken]
    mend: str


@dataclass(frozen=True)
class Fact:
    """When the requirement counts: for what, and why that matters; `page` tells more."""

    title: str
    names: list[str]
    says: str
    page: str = ""


def facts(rule: Requirement) -> Iterator[Fact]:
    if rule.vendor:
        says = "demanded of an adapter that is configured for it, else advice"
        yield Fact("vendor", [rule.vendor], says, "docs/vendors.md")
    if rule.box:
        yield Fact("box", [rule.box], "of the checklist", "docs/checklist.md")
    if rule.lint:
        yield Fact("judges", list(rule.lint), "manifests", "docs/manifests.md")
    if rule.needs:
        yield Fact("needs", list(rule.needs), "unsupported where the adapter declares that it cannot")
    if rule.lacks:
        yield Fact("lacks", list(rule.lacks), "only where the adapter declares that it cannot")
    if rule.after:
        yield Fact("after", list(rule.after), "blocked while one of these is broken")


def command(rule: Requirement) -> str:
    """Which judges by it."""
    if rule.lint:
        return "conformance lint PATH"
    adapter = "--provider=module:attribute"
    return f"conformance checklist {rule.id} {adapter}" if rule.box else f"pytest {adapter} -k {rule.id}"


def explained(known: Catalogue, id: str) -> Explained:
    """Raises KeyError with a sentence."""
    if id not in known.requirements:
        raise KeyError(f"there is no requirement {id!r}; `conformance list` shows all")
    rule, cases = known.requirements[id], known.of(id)
    mine = [Broken(**row) for row in _kills().get(id, [])]
    return Explained(rule, cases, smallest(cases), mine, mending().get(id[:3], ""))


@cache
def _kills() -> dict[str, list[dict[str, str]]]:
    read: dict[str, list[dict[str, str]]] = json.loads(KILLS.read_text("utf-8"))
    return read


@cache
def mending() -> dict[str, str]:
    """For each area by its three letters; none for a user's own recordings."""
    read: dict[str, str] = yaml.safe_load(MENDING.read_text("utf-8"))
    return read | {OWN.upper(): "Compare the reply in the failure with what the recording says."}
