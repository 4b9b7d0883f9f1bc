"""One run over one or more providers: everything that a face (pytest, the command line) needs, set up and torn down."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from conformance import catalogue, config, own
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
            configured = config.load(folder)
            subjects = resolve(list(specs), configured.providers)
            self.examinations = [Examination(s, self.bench, catalogue.load()) for s in subjects]
            for examination in self.examinations:
                _ask_once(examination)
            if configured.cassettes is not None:
                self._take_own(folder, configured.cassettes)
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
        """Those of the kit, whatever is selected; that of one's own recordings where there are any."""
        mine = {e.requirement.area for e in self.exams} & {catalogue.OWN}
        return [*catalogue.AREAS.values(), *mine]

    def _take_own(self, root: Path, name: str) -> None:
        """Adds the user's own recordings, to each examination those of its dialect."""
        spoken = {e.examiner.spoken.dialect.name: e.examiner.spoken.dialect for e in self.examinations}
        found = {dialect: own.cases(root / name, spoken[dialect]) for dialect in spoken}
        if not any(found.values()):
            raise config.BadConfig(
                f"pyproject.toml: tool.conformance.cassettes: {name!r} holds no cassettes of {' or '.join(found)}; "
                f"bring yours there with `conformance import PATH --dialect {next(iter(found))} --to {name}`"
            )
        for examination in self.examinations:
            if cases := found[examination.examiner.spoken.dialect.name]:
                examination.take(examination.catalogue.with_own(cases))

    def close(self) -> None:
        self.bench.__exit__(None, None, None)


def _ask_once(examination: Examination) -> None:
    """One question: what cannot be judged says so now."""
    try:
        _ = examination.examiner.spoken
    finally:
        refuse_unbuildable(examination.subject)
