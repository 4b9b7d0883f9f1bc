"""Requirements and cases: data under `fixtures/`, loaded and checked here.

Their models (`requirement`, `case`, `ask`, `then`) are the source of the JSON Schemas in `fixtures/schemas/`.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from copy import copy
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from conformance.case import Case, EachStream, Wire
from conformance.data import Data
from conformance.paths import FIXTURES
from conformance.requirement import Requirement
from conformance.then import ErrorThen, StreamThen, Then

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # libyaml is optional
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]

T = TypeVar("T", bound=Data)


class BrokenCatalogue(ValueError):
    """Data that cannot be used; the text names the file and what is wrong with it."""


class Catalogue:
    def __init__(self, requirements: list[Requirement], cases: list[Case]) -> None:
        self.requirements = {r.id: r for r in requirements}
        for case in cases:
            if case.proves not in self.requirements:
                raise BrokenCatalogue(f"case {case.case} proves {case.proves}, which is no requirement")
        self.cases = [c for case in cases for c in self._expanded(case, cases)]
        if twice := _first_twice(r.id for r in requirements):
            raise BrokenCatalogue(f"there are two requirements {twice}")
        for dialect in {c.dialect for c in self.cases}:
            if twice := _first_twice(f"{c.proves}/{c.case}" for c in self.cases if c.dialect in (None, dialect)):
                raise BrokenCatalogue(f"there are two cases {twice}")
        for requirement in requirements:
            self._check_order(requirement.id, ())
        if "STR-001" in self.requirements:
            self.cases = [self._as_stream(c, self._below("STR-001")) for c in self.cases]

    @property
    def vendors(self) -> list[str]:
        """All that a requirement is about, in order."""
        return sorted({r.vendor for r in self.requirements.values() if r.vendor})

    def with_own(self, cases: Iterable[Case] = ()) -> Catalogue:
        """These and the requirement that a user's own recordings are judged by, with a case for each of them."""
        added = Catalogue([*self.requirements.values(), *_read(FIXTURES / "own.yaml", Requirement)], [])
        added.cases = [*self.cases, *(added._as_stream(case, set()) for case in cases)]
        return added

    def with_cases(self, cases: Iterable[Case]) -> Catalogue:
        """These and more of the same requirements."""
        made = copy(self)
        made.cases = [*self.cases, *cases]
        return made

    def of(self, requirement: str) -> list[Case]:
        return [c for c in self.cases if c.proves == requirement]

    def told_in(self, dialect: str) -> Catalogue:
        """Without what is of other dialects (their cases, and the requirements that have no others), and without what
        manifests and repositories are judged by."""
        made = copy(self)
        made.cases = [c for c in self.cases if c.dialect in (None, dialect)]
        told, tried = {c.proves for c in made.cases}, {c.proves for c in self.cases}
        mine = {id: rule for id, rule in self.requirements.items() if id in told or id not in tried}
        made.requirements = {id: rule for id, rule in mine.items() if not rule.lint and not rule.box}
        return made

    def _check_order(self, id: str, later: tuple[str, ...]) -> None:
        if id not in self.requirements:
            raise BrokenCatalogue(f"{later[-1]} comes after {id}, which is no requirement")
        if id in later:
            raise BrokenCatalogue(f"{' comes after '.join((*later, id))}: a circle")
        for prerequisite in self.requirements[id].after:
            self._check_order(prerequisite, (*later, id))
            levels = self.requirements[id].level, self.requirements[prerequisite].level
            if levels[0] == "MUST" and levels[1] != "MUST":
                raise BrokenCatalogue(f"{id} is demanded and comes after {prerequisite}, which is only advised")

    def _expanded(self, case: Case, cases: list[Case]) -> list[Case]:
        each = case.each_stream
        if each is None:
            return [case]
        streams = [c for c in cases if self._is_demanded(c) and c.plain_stream and (c.then.reply or not each.cut)]
        return [_derived(case, each, stream, self._needs(stream)) for stream in streams]

    def _as_stream(self, case: Case, sooner: set[str]) -> Case:
        """Whatever is read from a stream builds on streams being read at all."""
        streams = [part.then for part in case.parts if part.ask.op == "stream"]
        reads = any(then.reply or then.stream for then in streams) and case.proves not in sooner
        return case.model_copy(update={"after": [*case.after, "STR-001"]}) if reads else case

    def _below(self, id: str) -> set[str]:
        """The requirement and all that it builds on."""
        return {id}.union(*map(self._below, self.requirements[id].after))

    def _is_demanded(self, case: Case) -> bool:
        """What is only advised is nothing to build on: an adapter may do without."""
        return self.requirements[case.proves].level == "MUST"

    def _needs(self, case: Case) -> list[str]:
        return [*self.requirements[case.proves].needs, *case.needs]


def _first_twice(names: Iterable[str]) -> str | None:
    seen: set[str] = set()
    return next((n for n in names if n in seen or seen.add(n)), None)  # type: ignore[func-returns-value]


def _derived(case: Case, each: EachStream, origin: Case, needs: list[str]) -> Case:
    """The same question and the same answer, told in another way, or cut."""
    then, reply = origin.then, origin.then.reply
    if reply is not None and each.cut:
        then = Then(error=ErrorThen(kind=["network", "malformed"]), stream=StreamThen(prefix_of=reply.text))
    elif reply is not None:
        then = Then(reply=reply, stream=StreamThen(delivered=reply.text))
    return Case(
        case=f"{case.case}-{origin.case}" if case.case != "each" else origin.case,
        proves=case.proves,
        about=case.about,
        dialect=case.dialect or origin.dialect,
        needs=[*case.needs, *needs],
        after=[*case.after, origin.proves] if origin.proves != case.proves else case.after,
        adapter=origin.adapter,
        ask=origin.ask,
        wire=Wire(cassette=origin.answers[0].cassette, transform=each.transform, close=each.close),
        then=then,
    )


@cache
def load(folder: Path = FIXTURES) -> Catalogue:
    """Everything under `folder`. Raises `BrokenCatalogue`."""
    with _no_collection():
        requirements = [r for path in _files(folder / "requirements") for r in _read(path, Requirement)]
        cases = [c for path in _files(folder / "cases") for c in _read(path, Case)]
        return Catalogue(requirements, cases)


@contextmanager
def _no_collection() -> Iterator[None]:
    """All that is read lives on: to look for garbage in it, again and again, takes half as long as reading it."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.yaml"))


def _read(path: Path, model: type[T]) -> list[T]:
    try:
        rows = yaml.load(path.read_text("utf-8"), Loader=_Loader) or []
        if not isinstance(rows, list):
            raise ValueError(f"it must be a list, not a {type(rows).__name__}")
        return [_row(i, row, model) for i, row in enumerate(rows, 1)]
    except (yaml.YAMLError, ValueError) as exc:
        said = _problem(exc) if isinstance(exc, yaml.YAMLError) else str(exc)
        raise BrokenCatalogue(f"{path.parent.name}/{path.name} is broken: {said}") from None


def _row(number: int, row: Any, model: type[T]) -> T:
    try:
        return model.model_validate(row)
    except ValidationError as exc:
        first = exc.errors()[0]
        name = next((row[k] for k in ("id", "case") if row.get(k)), "") if isinstance(row, dict) else ""
        where = ".".join(map(str, first["loc"]))
        said = (
            "there is no such key"
            if first["type"] in ("extra_forbidden", "unexpected_keyword_argument")
            else first["msg"]
        )
        raise ValueError(": ".join(filter(None, (str(name) or f"entry {number}", where, said)))) from None


def _problem(exc: yaml.YAMLError) -> str:
    """In one line, with the place: pyyaml takes five."""
    mark, problem = getattr(exc, "problem_mark", None), getattr(exc, "problem", None) or "it is no YAML"
    return f"line {mark.line + 1}: {problem}" if mark else str(problem)
