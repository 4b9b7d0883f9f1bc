"""One run over one or more providers: everything that a face (pytest, the command line) needs, set up and torn down."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from conformance import cassettes, catalogue, config, dialects, known_failures, own, sets
from conformance.bench import Bench
from conformance.cassettes import BrokenCassette
from conformance.config import BadConfig, DialectConfig
from conformance.dialects import Dialect
from conformance.examination import Exam, Examination
from conformance.known_failures import BadKnownFailures, KnownFailures
from conformance.laws import Example
from conformance.provider import refuse_unbuildable, resolve
from conformance.refusal import BadProvider
from conformance.requirement import AREAS, OWN
from conformance.subject import Subject


class Unusable(Exception):
    """Something that the user gave cannot be used; one sentence that says how to mend it."""


class Run:
    """The examinations of the providers that `specs` name. Raises `Unusable`."""

    def __init__(
        self,
        specs: Sequence[str],
        folder: Path,
        *,
        isolated: bool = False,
        examples: int | None = None,
        example: str | None = None,
        known: Path | KnownFailures | None = None,
        chosen: str | None = None,
    ) -> None:
        self.bench = Bench(isolated).__enter__()
        self._subjects: list[Subject] = []
        try:
            settings, rules = config.load(folder), catalogue.load()
            self.set = sets.load(chosen or settings.set or sets.current())
            self.known = known if isinstance(known, KnownFailures) else _known(known, folder, settings.known_failures)
            dialects.add(_dialect(name, given, folder) for name, given in settings.dialects.items())
            subjects = self._subjects = resolve(list(specs), settings.providers)
            _refuse_unknown_vendors(subjects, rules.vendors)
            self.examinations = [Examination(s, self.bench, rules) for s in subjects]
            for examination in self.examinations:
                examination.examples = examination.examples if examples is None else examples
                examination.example = None if example is None else _read(example)
                examination.known = self.known
                examination.choose(self.set)
                _ask_once(examination)
            if settings.cassettes is not None:
                self._take_own(folder, settings.cassettes)
            if settings.manifests:
                self._take_manifests(folder, settings.manifests)
        except (
            BadProvider,
            BadConfig,
            BadKnownFailures,
            sets.NoSuchSet,
            catalogue.BrokenCatalogue,
            BrokenCassette,
        ) as exc:
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
        mine = {e.requirement.area for e in self.exams} & {OWN}
        return [*AREAS.values(), *mine]

    def _take_own(self, root: Path, folder: str) -> None:
        """Adds the user's own recordings, to each examination those of its dialect. Those of another adapter of the
        project, which is not judged now, may be the only ones."""
        spoken = {e.examiner.spoken.dialect.name: e.examiner.spoken.dialect for e in self.examinations}
        found = {dialect: own.cases(root / folder, spoken[dialect]) for dialect in spoken}
        if not any(found.values()) and not any(cassettes.names(name, root / folder) for name in dialects.names()):
            raise BadConfig(
                f"pyproject.toml: tool.conformance.cassettes: {folder!r} holds no cassettes of {' or '.join(found)}; "
                f"bring yours there with `conformance import PATH --dialect {next(iter(found))} --to {folder}`"
            )
        for examination in self.examinations:
            if cases := found[examination.examiner.spoken.dialect.name]:
                examination.take(examination.catalogue.with_own(cases))

    def _take_manifests(self, root: Path, names: Sequence[str]) -> None:
        """They are the project's: each of its providers is judged by them too."""
        from conformance.manifests import NoManifest  # noqa: PLC0415 - most runs have none
        from conformance.manifests.cases import Manifests  # noqa: PLC0415

        try:
            manifests = Manifests(root, names)
        except NoManifest as exc:
            raise BadConfig(f"pyproject.toml: tool.conformance.manifests: {exc}") from None
        for examination in self.examinations:
            examination.add(manifests)

    def close(self) -> None:
        for subject in self._subjects:
            subject.close()
        self.bench.__exit__(None, None, None)


def _known(given: Path | None, folder: Path, configured: str | None) -> KnownFailures:
    """Those of the file that was named, or of the one that is found by itself."""
    path = known_file(given, folder, configured)
    return known_failures.load(path, shown(path, folder)) if path.is_file() or given or configured else KnownFailures()


def known_file(given: Path | None, folder: Path, configured: str | None) -> Path:
    return given or folder / (configured or known_failures.NAME)


def shown(path: Path, folder: Path) -> str:
    """As messages name it: from the project's root, where it is below it."""
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)


def _read(example: str) -> Example:
    try:
        made = json.loads(example)
    except ValueError:
        made = None
    if not isinstance(made, dict):
        raise BadConfig("--conformance-example takes what a failure of a law showed as its example, a JSON object")
    return made


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


def _refuse_unknown_vendors(subjects: Sequence[Subject], known: Sequence[str]) -> None:
    for subject in subjects:
        for vendor in subject.vendors or ():
            if vendor not in known:
                where = f"pyproject.toml: tool.conformance.providers.{subject.spec}.vendors"
                raise BadConfig(f"{where}: there is no vendor {vendor!r}; there are {', '.join(known)}")


def _ask_once(examination: Examination) -> None:
    """One question: what cannot be judged says so now."""
    try:
        _ = examination.examiner.spoken
    finally:
        refuse_unbuildable(examination.subject)
