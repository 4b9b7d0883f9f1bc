"""The shipped adapters of real packages, judged as they are; skipped where a package is not installed."""

from __future__ import annotations

import gc
import logging
import sys
import warnings
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import pytest

from conformance import catalogue
from conformance.bench import Bench
from conformance.config import ProviderConfig
from conformance.examination import Examination
from conformance.provider import resolve
from conformance.verdict import Result


def needed(*packages: str) -> None:
    """Skips the module, with the reason."""
    for package in packages:
        try:
            version(package)
        except PackageNotFoundError:
            reason = f"{package} is not installed: pip install -r tests/hosts/real/frameworks.txt"
            pytest.skip(reason, allow_module_level=True)


def older(package: str, than: int) -> bool:
    return int(version(package).split(".")[0]) < than


def failed(spec: str, requirements: Mapping[str, str], **config: Any) -> set[str]:
    """Of these requirements, those that the adapter breaks. That nothing failed in the kit is checked on the way."""
    configured = {"real": ProviderConfig(provider=spec, **config)}
    with warnings.catch_warnings(), Bench() as bench:
        warnings.simplefilter("ignore")
        logging.disable(logging.CRITICAL)
        hook, sys.unraisablehook = sys.unraisablehook, lambda *_: None  # clients that nobody closed
        try:
            examination = Examination(resolve(["real"], configured)[0], bench, catalogue.load())
            exams = [e for e in examination.exams if e.requirement.id in requirements]
            found = [(e.requirement.id, examination.verdict(e)) for e in exams]
            examination.subject.close()
            gc.collect()
        finally:
            sys.unraisablehook = hook
            logging.disable(logging.NOTSET)
    assert not [(id, v.reason) for id, v in found if v.result in (Result.KIT_ERROR, Result.VACUOUS)]
    return {id for id, verdict in found if verdict.result is Result.FAIL}


def check(spec: str, faults: Mapping[str, str], met: tuple[str, ...], **config: Any) -> None:
    """The known faults (docs/findings.md) are found, and what is right is not accused."""
    found = failed(spec, {**faults, **dict.fromkeys(met, "")}, **config)
    assert found == set(faults)
