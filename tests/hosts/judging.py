"""Sample adapters of hosts that are not installed: judged, with a stand-in for the module that they import."""

from __future__ import annotations

import gc
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

from conformance import catalogue
from conformance.examination import Examination
from conformance.examiner import Bench
from conformance.provider import resolve
from conformance.verdict import Result, Verdict


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


def verdicts(spec: str) -> list[tuple[str, str, Verdict]]:
    """Of every case: the requirement, its level, and the verdict."""
    with Bench() as bench:
        examination = Examination(resolve([spec], {})[0], bench, catalogue.load())
        found = [(e.requirement.id, e.requirement.level, examination.verdict(e)) for e in examination.exams]
        examination.subject.close()
    forget()
    return found


def forget() -> None:
    """What an adapter left open, in a call that was given up too, is not the next test's business."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def failed(judged: list[tuple[str, str, Verdict]], *levels: str) -> set[str]:
    return {id for id, level, verdict in judged if verdict.result is Result.FAIL and level in levels}


def results(judged: list[tuple[str, str, Verdict]]) -> set[Result]:
    return {verdict.result for _, _, verdict in judged}
