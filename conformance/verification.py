"""Whether cassettes are fit to be committed: their form, secrets, origin, age, and whether anything reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Literal, get_args

import yaml
from pydantic import BaseModel, ValidationError

from conformance import cassettes, dialects, own
from conformance.cassette_file import CassetteFile, Origin
from conformance.cassettes import BrokenCassette, Cassette, Interaction
from conformance.config import Config
from conformance.replay import second_scan
from conformance.replay.places import Marked, read
from conformance.replay.scrub import located

Rule = Literal["schema", "secret", "provenance", "compressed", "unused", "age"]
ENDINGS = (".yaml", ".yml")
UNKNOWN = "unknown"
_CLOCKS = timedelta(days=1)  # that two places on earth, or a recorder's day and a server's, may differ by


class NothingToVerify(Exception):
    """A path that is not there, or holds no cassettes."""


class Problem(BaseModel):
    file: str
    line: int
    column: int = 1
    rule: Rule
    level: Literal["error", "warning"] = "error"
    message: str

    def __str__(self) -> str:
        told = "" if self.level == "error" else "warning: "
        return f"{self.file}:{self.line}: {told}{self.rule}: {self.message}"


class Verified(BaseModel):
    """What `conformance verify --json` prints."""

    ok: bool
    files: int
    interactions: int
    problems: list[Problem]


@dataclass(frozen=True)
class Verifier:
    folder: Path  # of the project
    config: Config = field(default_factory=Config)
    max_age: timedelta | None = None
    strict: bool = False
    only: frozenset[Rule] = frozenset(get_args(Rule))  # what cannot be read is a problem in any case
    allowed: re.Pattern[str] | None = None
    today: date = field(default_factory=lambda: datetime.now(UTC).date())

    def verify(self, paths: Sequence[Path]) -> Verified:
        """Raises `NothingToVerify`."""
        found: list[Problem] = []
        files = list(dict.fromkeys(file for path in paths for file in _files(path)))
        count = 0
        for file in files:
            text = _text(file)
            problems, interactions = self._file(file, text)
            found += problems
            count += interactions
        ok = not any(problem.level == "error" for problem in found)
        return Verified(ok=ok, files=len(files), interactions=count, problems=found)

    def _file(self, file: Path, text: str | Problem) -> tuple[list[Problem], int]:
        if isinstance(text, Problem):
            return [text], 0
        try:
            marked = read(text)
        except (yaml.YAMLError, ValueError) as exc:
            line = exc.problem_mark.line + 1 if isinstance(exc, yaml.MarkedYAMLError) and exc.problem_mark else 1
            return [_problem(file, line, "schema", f"it is no YAML: {_one_line(exc)}")], 0
        found = [*self._secrets(file, text, marked), *_form(file, marked)]
        count = 0
        if not any(problem.rule != "secret" for problem in found):
            cassette = cassettes.read(marked.data, file.stem)
            count = len(cassette.interactions)
            found += self._provenance(file, marked, cassette)
            found += _compressed(file, marked, cassette)
            found += self._unused(file, marked, cassette)
        return sorted((p for p in found if p.rule in self.only), key=lambda p: p.line), count

    # --- one rule each ---------------------------------------------------------------------

    def _secrets(self, file: Path, text: str, marked: Marked) -> Iterator[Problem]:
        lines = set()
        for found in second_scan.search_marked(marked, allowed=self.allowed):
            lines.add(found.line)
            yield _problem(file, found.line, "secret", f"{found.kind} in {found.where}", found.column)
        left = self.allowed.sub(lambda match: "·" * len(match[0]), text) if self.allowed else text
        for line, column, kind in located(left):
            if line not in lines:
                yield _problem(file, line, "secret", kind, column)

    def _provenance(self, file: Path, marked: Marked, cassette: Cassette) -> Iterator[Problem]:
        told = cassette.provenance
        at = {name: marked.line(("provenance", name)) for name in ("origin", "date", "transform")}
        day = _day(told.date)
        if day is None and (told.origin != "recorded" or told.date != UNKNOWN):
            yield _problem(file, at["date"], "provenance", f"{told.date!r} is no day, such as 2026-11-21")
        if day and day > self.today + _CLOCKS:
            yield _problem(file, at["date"], "provenance", f"{day} is in the future")
        if told.origin == "derived" and not told.transform:
            yield _problem(file, at["origin"], "provenance", "derived by which transform? name it as `transform`")
        if told.origin != "derived" and told.transform:
            yield _problem(file, at["transform"], "provenance", f"what a transform made is derived, not {told.origin}")
        for n, interaction in enumerate(cassette.interactions):
            where = ("interactions", n, "response")
            if told.origin != "recorded" and "x-broken" in marked.data["interactions"][n]["response"]:
                line = marked.line((*where, "x-broken"))
                yield _problem(file, line, "provenance", f"x-broken is what a recorder saw; this is {told.origin}")
            said = _date_of(interaction)
            if told.origin == "recorded" and said and (day is None or abs(said - day) > _CLOCKS):
                line = marked.line((*where, "headers"))
                yield _problem(file, line, "provenance", f"its answer is of {said}, and it says recorded {told.date}")
        yield from self._age(file, at["date"], told.origin, day)

    def _age(self, file: Path, line: int, origin: str, day: date | None) -> Iterator[Problem]:
        if origin != "recorded" or self.max_age is None:
            return
        told = "of unknown age" if day is None else f"{(self.today - day).days} days old"
        if day is None or self.today - day > self.max_age:
            wanted = f"more than {self.max_age.days} allow: record it anew"
            message = f"the recording is {told}, {wanted}" if day else f"the recording is {told}: record it anew"
            level: Literal["error", "warning"] = "error" if self.strict else "warning"
            yield Problem(file=str(file), line=line, rule="age", level=level, message=message)

    def _unused(self, file: Path, marked: Marked, cassette: Cassette) -> Iterator[Problem]:
        """Only of the project's own recordings, where each has to be a case of OWN-001."""
        if self.config.cassettes is None:
            return
        root = (self.folder / self.config.cassettes).resolve()
        if not file.resolve().is_relative_to(root):
            return
        below = file.resolve().relative_to(root)
        dialect = below.parts[0]
        if len(below.parts) < 2 or dialect not in {*dialects.names(), *self.config.dialects}:
            known = ", ".join([*dialects.names(), *self.config.dialects])
            message = f"no case reads it: cassettes are read from folders of {self.config.cassettes} named {known}"
            yield _problem(file, 1, "unused", message)
        elif file.suffix != ".yaml":
            yield _problem(file, 1, "unused", "no case reads it: its name has to end with .yaml")
        elif len(cassette.interactions) > 1:
            for n in range(1, len(cassette.interactions)):
                message = "no case reads it: a cassette is one exchange (`conformance import` splits them)"
                yield _problem(file, marked.line(("interactions", n)), "unused", message)
        elif dialect in dialects.names():
            try:
                own.case(Path(*below.parts[1:]).with_suffix("").as_posix(), root, dialects.load(dialect))
            except BrokenCassette as exc:
                said = str(exc).removeprefix(f"cassette {root / below} ")
                yield _problem(file, marked.line(("interactions", 0)), "unused", f"it cannot be a case: it {said}")


def days(text: str) -> timedelta:
    """`365d`, `12w` or `2y`. Raises ValueError."""
    found = re.fullmatch(r"([0-9]{1,5})([dwy])", text)
    if not found:
        raise ValueError(f"{text!r} is no age, such as 365d, 12w or 2y")
    return timedelta(days=int(found[1]) * {"d": 1, "w": 7, "y": 365}[found[2]])


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise NothingToVerify(f"there is no file or folder {path}")
    found = sorted(p for p in path.rglob("*") if p.is_file() and p.suffix in ENDINGS)
    if not found:
        raise NothingToVerify(f"the folder {path} holds no cassettes ({', '.join(ENDINGS)})")
    return found


def _text(file: Path) -> str | Problem:
    try:
        return file.read_bytes().decode()
    except UnicodeDecodeError:
        return _problem(file, 1, "schema", "it is no text in UTF-8")
    except OSError as exc:
        raise NothingToVerify(f"{file} cannot be read: {exc.strerror}") from None


def _form(file: Path, marked: Marked) -> Iterator[Problem]:
    data = marked.data
    if not isinstance(data, dict) or "interactions" not in data:
        told = "`conformance import` reads" if isinstance(data, dict) and {"http_interactions", "log"} & {*data} else ""
        message = f"it is no cassette of the kit's, {told} it" if told else "it is no cassette: it has no interactions"
        yield _problem(file, 1, "schema", message)
        return
    if "provenance" not in data:
        message = "it does not say where it comes from: `conformance import` adds that to cassettes of vcrpy"
        yield _problem(file, 1, "provenance", message)
        data = {**data, "provenance": Origin(origin="authored", source="?", date=UNKNOWN).model_dump()}
    try:
        CassetteFile.model_validate(data)
        cassettes.read(data, file.stem)
    except ValidationError as exc:
        for path, message, rule in _apart(exc):
            yield _problem(file, marked.line(path), rule, f"{'.'.join(map(str, path))}: {message}")
    except (KeyError, TypeError, AttributeError, ValueError) as exc:
        yield _problem(file, 1, "schema", _one_line(exc))


def _apart(exc: ValidationError) -> Iterator[tuple[tuple[str | int, ...], str, Rule]]:
    """Place, message and rule of each; of a value that fits none of several types, once. No value is repeated."""
    seen = set()
    for error in exc.errors(include_input=False, include_url=False):
        path = _place(error["loc"])
        message = {"extra_forbidden": "there is no such key", "missing": "it is missing"}.get(
            error["type"], error["msg"]
        )
        if path not in seen:
            seen.add(path)
            yield path, message, "provenance" if path[:1] == ("provenance",) else "schema"


def _place(loc: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """Without what pydantic says of the members of a union."""
    kinds = {"str", "bytes", "int", "float", "bool", "date", "datetime"}
    return tuple(part for part in loc if part not in kinds and not str(part).startswith(("list[", "function-")))


def _compressed(file: Path, marked: Marked, cassette: Cassette) -> Iterator[Problem]:
    for n, interaction in enumerate(cassette.interactions):
        coding = dict(interaction.headers).get("content-encoding", "identity")
        if coding != "identity" or interaction.chunks[0].startswith(b"\x1f\x8b"):
            line = marked.line(("interactions", n, "response", "body"))
            yield _problem(file, line, "compressed", "its body is compressed: nobody can review it")


def _date_of(interaction: Interaction) -> date | None:
    try:
        return parsedate_to_datetime(dict(interaction.headers)["date"]).date()
    except (KeyError, ValueError):
        return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _problem(file: Path, line: int, rule: Rule, message: str, column: int = 1) -> Problem:
    return Problem(file=str(file), line=line, column=column, rule=rule, message=message)


def _one_line(exc: Exception) -> str:
    told: Any = exc.problem if isinstance(exc, yaml.MarkedYAMLError) else exc
    return " ".join(str(told).split())[:160]
