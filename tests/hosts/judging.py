"""Sample adapters of hosts that are not installed: judged, with a stand-in for the module that they import."""

from __future__ import annotations

import gc
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from conformance import catalogue, known_failures
from conformance.bench import Bench
from conformance.config import ProviderConfig
from conformance.examination import Examination
from conformance.known_failures import Judged
from conformance.provider import resolve
from conformance.verdict import Result, Verdict

KNOWN = Path(__file__).parent / "known"


@contextmanager
def standing_in(name: str, module: ModuleType, *samples: str) -> Iterator[None]:
    """`module` is importable as `name`, and the samples are imported anew; afterwards none of them is left."""
    parts = name.split(".")
    packages = [".".join(parts[: n + 1]) for n in range(len(parts) - 1)]
    sys.modules.update({package: ModuleType(package) for package in packages})
    sys.modules[name] = module
    try:
        yield
    finally:
        for gone in (*packages, name, *samples):
            sys.modules.pop(gone, None)


@contextmanager
def careless() -> Iterator[None]:
    """What an adapter leaves open, in a call that is given up too, is not the next test's business."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        yield
        gc.collect()


def verdicts(spec: str) -> list[tuple[str, str, Verdict]]:
    """Of every case: the requirement, its level, and the verdict."""
    with careless(), Bench() as bench:
        examination = Examination(resolve([spec], {})[0], bench, catalogue.load())
        examination.expect(examination.exams)
        found = [(e.requirement.id, e.requirement.level, examination.verdict(e)) for e in examination.exams]
        examination.subject.close()
    return found


def with_known_failures(reference: str, **kwargs: str) -> list[tuple[str, Verdict]]:
    """The same of a reference adapter on an SDK, whose true faults are those of `known/<reference>.toml`: it fails in
    no other way, all entries are true, and what is blocked is so by them alone."""
    known = known_failures.load(KNOWN / f"{reference}.toml")
    configured = ProviderConfig(provider=f"conformance.reference:{reference}", kwargs=kwargs)
    with careless(), Bench() as bench:
        examination = Examination(resolve([reference], {reference: configured})[0], bench, catalogue.load())
        examination.known = known
        examination.expect(examination.exams)
        found = [(e, examination.verdict(e)) for e in examination.exams]
    cases: dict[str, list[str]] = {}
    for exam, _ in found:
        cases.setdefault(exam.requirement.id, []).append(exam.case.case)
    told = {f"{e.requirement.id}/{e.case.case}": verdict.as_data() for e, verdict in found}
    right = {Result.PASS, Result.UNSUPPORTED, Result.KNOWN}
    wrong = {
        e.id: v.headline for e, v in found if v.result not in right and not (v.result is Result.BLOCKED and v.known)
    }
    assert wrong == {}
    assert (
        known_failures.problems(known, {reference: Judged(cases, told)}, list(examination.catalogue.requirements)) == []
    )
    return [(e.requirement.id, verdict) for e, verdict in found]


def first_cases(reference: str, **kwargs: str) -> dict[str, tuple[str, Verdict]]:
    """Level and verdict of the first case of each requirement, with the known failures if there are any."""
    configured = ProviderConfig(provider=f"conformance.reference:{reference}", kwargs=kwargs)
    with careless(), Bench() as bench:
        examination = Examination(resolve([reference], {reference: configured})[0], bench, catalogue.load())
        if (file := KNOWN / f"{reference}.toml").is_file():
            examination.known = known_failures.load(file)
        first = {e.requirement.id: e for e in reversed(examination.exams)}
        examination.expect(list(first.values()))
        return {id: (e.requirement.level, examination.verdict(e)) for id, e in first.items()}


def blocked(judged: list[tuple[str, Verdict]]) -> set[str]:
    return {id for id, verdict in judged if verdict.result is Result.BLOCKED}


def failed(judged: list[tuple[str, str, Verdict]], *levels: str) -> set[str]:
    return {id for id, level, verdict in judged if verdict.result is Result.FAIL and level in levels}


def results(judged: list[tuple[str, str, Verdict]]) -> set[Result]:
    return {verdict.result for _, _, verdict in judged}
