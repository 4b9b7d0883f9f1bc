"""One run over one or more providers: everything that a face (pytest, the command line) needs, set up and torn down."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from conformance import catalogue, config, dialects
from conformance.cassettes import BrokenCassette
from conformance.config import BadConfig, DialectConfig
from conformance.dialects import Dialect
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
            settings = config.load(folder)
            dialects.add(_dialect(name, given, folder) for name, given in settings.dialects.items())
            configured = settings.providers
            subjects = resolve(list(specs), configured)
            self.examinations = [Examination(s, self.bench, catalogue.load()) for s in subjects]
            for examination in self.examinations:
                _ask_once(examination)
        except (BadProvider, BadConfig, catalogue.BrokenCatalogue, BrokenCassette) as exc:
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


def _dialect(name: str, given: DialectConfig, folder: Path) -> Dialect:
    """A wire protocol of the project's own. Raises `BadConfig`."""
    where = f"pyproject.toml: tool.conformance.dialects.{name}"
    if not (folder / given.folder / "dialect.yaml").is_file():
        raise BadConfig(f"{where}: there is no {given.folder}/dialect.yaml")
    try:
        module, _, attribute = (given.dialect or "conformance.dialects:Dialect").partition(":")
        made: Dialect = getattr(import_module(module), attribute).own(folder / given.folder)
    except (ImportError, AttributeError, ValueError) as exc:
        raise BadConfig(f"{where}: {' '.join(str(exc).split())}") from None
    if made.name != name:
        raise BadConfig(f"{where}: {given.folder}/dialect.yaml is of the dialect {made.name!r}")
    return made


def _ask_once(examination: Examination) -> None:
    """One question: what cannot be judged says so now."""
    try:
        _ = examination.examiner.spoken
    finally:
        refuse_unbuildable(examination.subject)
