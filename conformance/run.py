"""One run over one or more providers: everything that a face (pytest, the command line) needs, set up and torn down."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from conformance import catalogue, config
from conformance.cassettes import BrokenCassette
from conformance.examination import Exam, Examination
from conformance.examiner import Bench
from conformance.provider import BadProvider, Subject, refuse_unbuildable, resolve


class Unusable(Exception):
    """Something that the user gave cannot be used; one sentence that says how to mend it."""


class Run:
    """The examinations of the providers that `specs` name. Raises `Unusable`."""

    def __init__(self, specs: Sequence[str], folder: Path) -> None:
        self.bench = Bench().__enter__()
        try:
            configured = config.load(folder).providers
            subjects, known = resolve(list(specs), configured), catalogue.load()
            _refuse_unknown_vendors(subjects, known.vendors)
            self.examinations = [Examination(s, self.bench, known) for s in subjects]
            for examination in self.examinations:
                _ask_once(examination)
        except (BadProvider, config.BadConfig, catalogue.BrokenCatalogue, BrokenCassette) as exc:
            self.close()
            raise Unusable(str(exc)) from None
        except BaseException:
            self.close()
            raise

    @property
    def exams(self) -> list[Exam]:
        return [exam for examination in self.examinations for exam in examination.exams]

    @property
    def areas(self) -> list[str]:
        return list(catalogue.AREAS.values())

    def close(self) -> None:
        self.bench.__exit__(None, None, None)


def _refuse_unknown_vendors(subjects: Sequence[Subject], known: Sequence[str]) -> None:
    for subject in subjects:
        for vendor in subject.vendors or ():
            if vendor not in known:
                where = f"pyproject.toml: tool.conformance.providers.{subject.spec}.vendors"
                raise config.BadConfig(f"{where}: there is no vendor {vendor!r}; there are {', '.join(known)}")


def _ask_once(examination: Examination) -> None:
    """One question: what cannot be judged says so now."""
    try:
        _ = examination.examiner.spoken
    finally:
        refuse_unbuildable(examination.subject)
