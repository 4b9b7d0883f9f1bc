"""One run over one or more providers: everything that a face (pytest, the command line) needs, set up and torn down."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from conformance import catalogue, config
from conformance.cassettes import BrokenCassette
from conformance.examination import Exam, Examination
from conformance.examiner import Bench
from conformance.provider import BadProvider, refuse_unbuildable, resolve


class Unusable(Exception):
    """Something that the user gave cannot be used; one sentence that says how to mend it."""


class Run:
    """The examinations of the providers that `specs` name. Raises `Unusable`."""

    def __init__(self, specs: Sequence[str], folder: Path) -> None:
        self.bench = Bench().__enter__()
        try:
            configured = config.load(folder).providers
            subjects = resolve(list(specs), configured)
            self.examinations = [Examination(s, self.bench, catalogue.load()) for s in subjects]
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


def _ask_once(examination: Examination) -> None:
    """One question: what cannot be judged says so now."""
    try:
        _ = examination.examiner.spoken
    finally:
        refuse_unbuildable(examination.subject)
