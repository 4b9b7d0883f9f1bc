"""Requirement sets: which requirements count, and how much. Data under `fixtures/sets/`.

What is new since the set that a project has chosen is a finding there: advice, until the project takes the next set.

python -m conformance.sets              writes the set that is not frozen yet, from the catalogue (from a checkout)
python -m conformance.sets 2026.2       begins this one
python -m conformance.sets --freeze     on release: from then on it is never edited
"""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from conformance import catalogue
from conformance.catalogue import BrokenCatalogue
from conformance.paths import FIXTURES
from conformance.requirement import OWN, Level, Requirement

FOLDER = FIXTURES / "sets"
FROZEN = "frozen.yaml"  # the hash of each set that is frozen
NEXT = "next"  # all that there is today
NAMED = re.compile(r"\d{4}\.\d+")
LEVELS: list[Level] = ["MAY", "SHOULD", "MUST"]


class NoSuchSet(ValueError):
    """One sentence that says which sets there are."""


class RequirementSet(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    set: str
    requirements: dict[str, Level]

    def has(self, rule: Requirement) -> bool:
        """A user's own recordings are in every set."""
        return rule.area == OWN or rule.id in self.requirements

    def levelled(self, rule: Requirement) -> Requirement:
        """No more is demanded than when the set was frozen; and no more than today, if that was too much."""
        frozen = self.requirements.get(rule.id, rule.level)
        level = min(frozen, rule.level, key=LEVELS.index)
        return rule.model_copy(update={"level": level}) if level != rule.level else rule


@dataclass(frozen=True)
class Change:
    """What another set does with one requirement."""

    id: str
    before: Level | None  # None: a finding
    after: Level | None


def names(folder: Path | None = None) -> list[str]:
    """Oldest first."""
    found = [p.stem for p in (folder or FOLDER).glob("*.yaml") if NAMED.fullmatch(p.stem)]
    return sorted(found, key=lambda name: tuple(map(int, name.split("."))))


def current() -> str:
    """The newest that is frozen; before the first release, the first."""
    known = names()
    return next((name for name in reversed(known) if name in _frozen(FOLDER)), known[0])


def load(name: str) -> RequirementSet:
    """Raises `NoSuchSet` and `BrokenCatalogue`."""
    if name == NEXT:
        rules = catalogue.load().requirements.values()
        return RequirementSet(set=NEXT, requirements={rule.id: rule.level for rule in rules})
    if name not in names():
        raise NoSuchSet(f"there is no requirement set {name!r}; there are {', '.join((*names(), NEXT))}")
    try:
        return RequirementSet.model_validate(yaml.safe_load((FOLDER / f"{name}.yaml").read_text("utf-8")))
    except (OSError, yaml.YAMLError, ValidationError) as exc:
        raise BrokenCatalogue(f"sets/{name}.yaml is broken: {exc}") from None


def changes(old: RequirementSet, new: RequirementSet) -> list[Change]:
    """The requirements of which the new one demands something else."""
    rules = catalogue.load().requirements
    found = [Change(id, _level(old, rule), _level(new, rule)) for id, rule in rules.items()]
    return [c for c in found if c.before != c.after]


def _level(chosen: RequirementSet, rule: Requirement) -> Level | None:
    return chosen.levelled(rule).level if chosen.has(rule) else None


# --- keeping them ------------------------------------------------------------------------------


def _frozen(folder: Path) -> dict[str, str]:
    path = folder / FROZEN
    return (yaml.safe_load(path.read_text("utf-8")) or {}) if path.is_file() else {}


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def text(name: str, requirements: dict[str, Requirement]) -> str:
    """The file of a set that holds these."""
    rows = "".join(f"  {id}: {rule.level}\n" for id, rule in sorted(requirements.items()))
    return f'set: "{name}"\nrequirements:\n{rows}'


def complaints(folder: Path | None = None) -> list[str]:
    """What is wrong with the sets: a frozen one was edited or is gone, another is not what the catalogue says."""
    folder = folder or FOLDER
    frozen, known = _frozen(folder), names(folder)
    found = [f"{name} is frozen, and gone" for name in frozen if name not in known]
    for name in known:
        path = folder / f"{name}.yaml"
        if name in frozen and _hash(path) != frozen[name]:
            found.append(f"{name} is frozen, and was edited")
        elif name not in frozen and path.read_text("utf-8") != text(name, catalogue.load().requirements):
            found.append(f"{name} is not what the catalogue says: run python -m conformance.sets")
    return found


def main(arguments: list[str] | None = None, folder: Path | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m conformance.sets", description=__doc__)
    parser.add_argument("set", nargs="?", help="by default the newest")
    parser.add_argument("--freeze", action="store_true")
    given = parser.parse_args(arguments)
    folder = folder or FOLDER
    frozen, name = _frozen(folder), given.set or next(reversed(names(folder)), "")
    if name in frozen or not NAMED.fullmatch(name):
        why = f"{name} is frozen; name the next one" if name in frozen else f"{name!r} is no name, such as 2026.1"
        print(f"conformance.sets: {why}", file=sys.stderr)
        return 1
    path = folder / f"{name}.yaml"
    path.write_text(text(name, catalogue.load().requirements), encoding="utf-8")
    if given.freeze:
        frozen[name] = _hash(path)
        (folder / FROZEN).write_text(yaml.safe_dump(frozen), encoding="utf-8")
    print(path.name, "frozen" if given.freeze else "written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
