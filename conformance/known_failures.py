"""Failures that are known: data that a project keeps beside its code. They still run, and fail nothing while they stay.

[[failure]]
provider = "acme"                      # as the report calls it; left out: of every provider that is judged
requirement = "STR-007"
cases = ["three-rivers"]               # left out: all of its cases
reason = "the SDK takes every end of a stream for its end"
link = "https://github.com/acme/acme-python/issues/12"
expires = 2027-01-31                   # may be left out; from that day on it is a failure again
fingerprint = ["a reply came, not an error"]     # how it fails: `conformance known-failures update` writes it
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, field_validator

from conformance.verdict import Result, Verdict

NAME = "conformance-known-failures.toml"  # found by itself where pytest has its root
TO_DO = "TODO"
HEAD = re.compile(r"^[ \t]*\[\[ *failure *\]\]", re.MULTILINE)
UPDATE = "conformance known-failures update"

_VARYING = [  # what differs from run to run, and what is put in its place
    (re.compile(r"(?:\w+://)?(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?(?:/[a-z]{12}\b)?"), "<address>"),
    (re.compile(r"(?<![\w/.])/(?:tmp|var|private|home|root|Users)/[^\s'\",)]+"), "<path>"),
    (re.compile(r"\b0x[0-9a-fA-F]+\b"), "<id>"),
    (re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b|\b(?=[a-f]*\d)[0-9a-f]{16,}\b"), "<id>"),
    (re.compile(r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d:\d\d\S*)?\b|\b\d\d:\d\d:\d\d(?:\.\d+)?\b"), "<time>"),
    (re.compile(r"\b\d+(?:\.\d+)? ?(?:ms|s|seconds?|minutes?)\b"), "<time>"),
    (re.compile(r"\b(port|pid|fd|process|thread)([ =:]+)\d+\b", re.IGNORECASE), r"\1\2<n>"),
]


class BadKnownFailures(Exception):
    """The file cannot be used; one sentence that names it and says how to mend it."""


def fingerprint(headline: str) -> str:
    """How it fails, in a form that is the same in every run."""
    for pattern, instead in _VARYING:
        headline = pattern.sub(instead, headline)
    return " ".join(headline.split())


class Entry(BaseModel):
    """One fault of an adapter, in one requirement."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    provider: str | None = None
    requirement: str
    cases: tuple[str, ...] | None = Field(None, min_length=1)
    reason: str
    link: str
    expires: date | None = None
    fingerprint: tuple[str, ...] = ()
    _place: str = PrivateAttr("")

    @field_validator("fingerprint", mode="before")
    @classmethod
    def _listed(cls, given: Any) -> Any:
        return (given,) if isinstance(given, str) else given

    @property
    def place(self) -> str:
        return self._place

    def is_of(self, label: str) -> bool:
        return self.provider in (None, label)

    def covers(self, case: str) -> bool:
        return self.cases is None or case in self.cases

    def overlaps(self, other: Entry) -> bool:
        if self.requirement != other.requirement or (self.provider or other.provider) != (
            other.provider or self.provider
        ):
            return False
        return self.cases is None or other.cases is None or bool({*self.cases} & {*other.cases})


@dataclass(frozen=True)
class KnownFailures:
    """The entries of a file; none where there is no file."""

    name: str = ""
    entries: Sequence[Entry] = ()
    today: date = field(default_factory=date.today)

    def entry(self, label: str, requirement: str, case: str) -> Entry | None:
        found = (e for e in self.entries if e.is_of(label) and e.requirement == requirement and e.covers(case))
        return next(found, None)

    def judged(self, label: str, requirement: str, case: str, failure: Verdict) -> Verdict:
        """The failure as known; or as it is, with what is wrong about its entry."""
        entry = self.entry(label, requirement, case)
        if entry is None:
            return failure
        if self.has_expired(entry):
            return replace(failure, known=f"{entry.place}: its entry expired on {entry.expires}")
        if (seen := fingerprint(failure.headline)) not in entry.fingerprint:
            return replace(failure, known=f"{entry.place}: known is another failure, not {seen!r}")
        return replace(failure, result=Result.KNOWN, known=f"{entry.reason} ({entry.link})")

    def has_expired(self, entry: Entry) -> bool:
        return entry.expires is not None and entry.expires <= self.today


# --- reading -----------------------------------------------------------------------------------


def load(path: Path, name: str | None = None) -> KnownFailures:
    """The file, under the name that messages give it. Raises `BadKnownFailures`."""
    name = name or path.name
    entries = read(path, name)
    for entry in entries:
        for key in ("reason", "link"):
            if not (said := getattr(entry, key).strip()) or said.upper().startswith(TO_DO):
                raise BadKnownFailures(f"{entry.place}: fill in the {key} of {entry.requirement}")
        if "://" not in entry.link:
            raise BadKnownFailures(f"{entry.place}: the link of {entry.requirement} must be one, such as https://…")
        if not entry.fingerprint:
            raise BadKnownFailures(f"{entry.place}: {entry.requirement} has no fingerprint: `{UPDATE}` writes it")
    for n, entry in enumerate(entries):
        if other := next((e for e in entries[:n] if entry.overlaps(e)), None):
            raise BadKnownFailures(f"{entry.place}: {entry.requirement} is an entry already, at {other.place}")
    return KnownFailures(name, entries)


def read(path: Path, name: str) -> list[Entry]:
    """The entries as they are, what is still to be filled in too. Raises `BadKnownFailures`."""
    try:
        text = path.read_text("utf-8")
        data = tomllib.loads(text)
    except OSError as exc:
        raise BadKnownFailures(f"{name} cannot be read: {exc.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise BadKnownFailures(f"{name} cannot be read: {exc}") from None
    rows = data.pop("failure", [])
    if data or not isinstance(rows, list):
        wrong = next(iter(data), "failure")
        raise BadKnownFailures(f"{name}: {wrong}: there is no such key; each entry is a table [[failure]]")
    lines = [text.count("\n", 0, m.start()) + 1 for m in HEAD.finditer(text)]
    if len(lines) != len(rows):
        raise BadKnownFailures(f"{name}: write each entry as a table [[failure]]")
    return [_entry(row, f"{name}:{line}") for row, line in zip(rows, lines, strict=True)]


def _entry(row: dict[str, Any], place: str) -> Entry:
    try:
        entry = Entry.model_validate(row)
        entry._place = place
        return entry
    except ValidationError as exc:
        first = exc.errors()[0]
        known = {"extra_forbidden": "there is no such key", "missing": "it is missing"}
        where = ".".join(map(str, first["loc"]))
        raise BadKnownFailures(f"{place}: {where}: {known.get(first['type'], first['msg'])}") from None


# --- what a run shows of the entries ------------------------------------------------------------


@dataclass(frozen=True)
class Judged:
    """What was judged of one provider."""

    cases: Mapping[str, Sequence[str]]  # of each requirement, those that there are for it
    told: Mapping[str, Mapping[str, Any]]  # by "STR-007/three-rivers", those that ran: `Verdict.as_data()`


def problems(known: KnownFailures, judged: Mapping[str, Judged], requirements: Sequence[str]) -> list[str]:
    """What is to be edited, a line each: a file that is not true any more fails the run."""
    lines = (line for entry in known.entries for line in _problems(known, entry, judged, requirements))
    return list(dict.fromkeys(lines))


def _problems(
    known: KnownFailures, entry: Entry, judged: Mapping[str, Judged], requirements: Sequence[str]
) -> Iterator[str]:
    mine = {label: j for label, j in judged.items() if entry.is_of(label)}
    if not mine:
        return
    if entry.requirement not in requirements:
        yield f"{entry.place}: there is no requirement {entry.requirement}: mend the id, or remove the entry"
        return
    asked = {label: j for label, j in mine.items() if entry.requirement in j.cases}
    if not asked:
        yield f"{entry.place}: {entry.requirement} is not asked of {', '.join(mine)}: remove the entry"
        return
    there = {case for j in asked.values() for case in j.cases[entry.requirement]}
    for case in (c for c in entry.cases or () if c not in there):
        yield f"{entry.place}: {entry.requirement} has no case {case}: mend its name, or remove it from cases"
    for label, j in asked.items():
        yield from _of_one(known, entry, j, f" of {label}" if len(judged) > 1 else "")


def _of_one(known: KnownFailures, entry: Entry, judged: Judged, of: str) -> Iterator[str]:
    named = [c for c in judged.cases[entry.requirement] if entry.covers(c)]
    ran = {c: told for c in named if (told := judged.told.get(f"{entry.requirement}/{c}"))}
    by: dict[str, list[str]] = {}
    for case, told in ran.items():
        word = "behind" if told["result"] == Result.BLOCKED and told["known"] else told["result"]
        by.setdefault(word, []).append(case)
    failing = by.get(Result.FAIL, [])
    if failing and known.has_expired(entry):
        yield f"{entry.place}: {entry.requirement}{of} expired on {entry.expires}: mend it, or set expires anew"
    elif failing:
        seen = dict.fromkeys(fingerprint(_headline(ran[c])) for c in failing)
        yield from (
            f"{entry.place}: {entry.requirement}{of} fails in another way than is known: if that is known too, "
            f'add it to fingerprint: "{said}"'
            for said in seen
        )
    if entry.cases is not None:
        yield from _out_of_place(entry, entry.cases, by, ran, of)
    elif len(ran) == len(named) and not {*by} - {Result.PASS, Result.UNSUPPORTED, "behind"}:
        yield from _out_of_place(entry, None, by, ran, of)


def _out_of_place(
    entry: Entry, cases: Sequence[str] | None, by: Mapping[str, list[str]], ran: Mapping[str, Any], of: str
) -> Iterator[str]:
    """What passes, and what was not judged: the entry is about a failure."""
    said = {Result.PASS: "passes now", Result.UNSUPPORTED: "is unsupported", "behind": "is blocked"}
    for word, text in said.items():
        found = by.get(word, [])
        if not found or (cases is None and word != next(w for w in said if by.get(w))):
            continue
        whole = cases is None or len(found) == len(cases)
        what = entry.requirement if whole else ", ".join(f"{entry.requirement}/{c}" for c in found)
        why = f" ({ran[found[0]]['reason'].partition(': ')[0]})" if word != Result.PASS else ""
        yield f"{entry.place}: {what}{of} {text}{why}: remove {'the entry' if whole else 'it from cases'}"


def _headline(told: Mapping[str, Any]) -> str:
    first, *more = (v["headline"] for v in told["violations"])
    return str(first) + (f" (and {len(more)} more)" if more else "")
