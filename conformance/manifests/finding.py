"""What is wrong in a manifest, where, and what to write instead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from conformance.requirement import ManifestKind

Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Finding:
    rule: str  # MAN-004
    place: Place  # inside of the manifest
    said: str
    write: str  # instead

    @property
    def where(self) -> str:
        return dotted(self.place)


@dataclass(frozen=True)
class Manifest:
    """One thing to be judged: a file, or a document of a YAML file."""

    path: Path
    kind: ManifestKind
    data: Mapping[str, Any]
    whole: bool = True  # False: a part of one, as documentation shows; what it lacks says nothing
    document: int | None = None  # of several in a file, counted from one


@dataclass(frozen=True, eq=False)
class Found:
    """A manifest that is still to be judged, or why it cannot be read."""

    path: Path
    kind: ManifestKind  # a guess where it cannot be read
    what: Manifest | Finding


@dataclass
class Linted:
    """What became of one manifest."""

    path: str
    kind: ManifestKind
    findings: list[Finding] = field(default_factory=list)


def dotted(place: Place) -> str:
    """`providerAuthChoices[0].choiceId`"""
    said = ""
    for step in place:
        said += f"[{step}]" if isinstance(step, int) else f".{step}"
    return said.removeprefix(".")


def table(value: Any) -> Mapping[str, Any]:
    """An object, or an empty one for whatever else stands there: that is told by the schema."""
    return value if isinstance(value, Mapping) else {}


def rows(value: Any) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The objects of a list, with their numbers."""
    yield from ((i, row) for i, row in enumerate(value) if isinstance(row, Mapping)) if isinstance(value, list) else ()


def texts(value: Any) -> Iterator[tuple[int, str]]:
    """The texts of a list, with their numbers."""
    yield from ((i, text) for i, text in enumerate(value) if isinstance(text, str)) if isinstance(value, list) else ()
