"""The repository that is judged, and the adapter in it."""

from __future__ import annotations

import inspect
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from conformance import config
from conformance.config import BadConfig, ChecklistConfig
from conformance.drivers.remote import Maker
from conformance.examination import Examination
from conformance.hushed import hushed
from conformance.known_failures import KnownFailures
from conformance.run import Run, Unusable
from conformance.subject import Command

SKIPPED = {"node_modules", "__pycache__", "venv", ".venv", ".git", ".tox", ".nox", "site-packages", "dist", "build"}
LARGEST = 2_000_000  # bytes of a file that is read
MAINLINES = ("origin/HEAD", "origin/main", "origin/master", "main", "master")


@dataclass
class Project:
    """A context manager. `title` is the pull request's, `base` what it is to be merged into, where they are known."""

    root: Path
    spec: str
    run: Run
    title: str | None = None
    chosen_base: str | None = None
    chosen_tests: Sequence[str] = ()
    notes: dict[str, Any] = field(default_factory=dict)  # what one judge found and the next needs

    @classmethod
    def of(
        cls,
        spec: str,
        root: Path,
        *,
        title: str | None = None,
        base: str | None = None,
        tests: Sequence[str] = (),
    ) -> Self:
        """Raises `Unusable`."""
        root = root.resolve()
        for place in (root / "src", root):
            if place.is_dir() and str(place) not in sys.path:
                sys.path.insert(0, str(place))
        with hushed():
            run = Run([spec], root, known=KnownFailures())
        try:
            made = cls(root, spec, run, title, base, tests)
            _ = made.settings, made.data
        except BadConfig as exc:
            run.close()
            raise Unusable(str(exc)) from None
        return made

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.run.close()

    # --- the adapter -----------------------------------------------------------------------

    @property
    def examination(self) -> Examination:
        return self.run.examinations[0]

    @property
    def target(self) -> Any:
        """The class, the factory or the instance."""
        return self.examination.subject.recipe.target

    @property
    def foreign(self) -> bool:
        """Whether it runs in a process of its own, in whatever language."""
        return isinstance(self.target, Maker)

    @property
    def command(self) -> str:
        """What such a process is started by, or the module of Node that it runs."""
        configured = config.load(self.root).providers.get(self.spec)
        return (configured.command or configured.provider if configured else None) or self.spec

    @property
    def cls(self) -> Any:
        return self.target if inspect.isclass(self.target) or inspect.isroutine(self.target) else type(self.target)

    @property
    def module(self) -> str:
        return str(getattr(self.cls, "__module__", ""))

    @property
    def id(self) -> str:
        """By which it is called: its entry point's, or else that of its table, or its own name."""
        named = self.spec if re.fullmatch(r"[\w.-]+", self.spec) else ""
        subject = self.examination.subject
        return named or subject.name or (subject.label if self.foreign else self.cls.__name__.lower())

    @property
    def option(self) -> str:
        """How pytest is told of it."""
        subject = self.examination.subject
        return subject.option if isinstance(self.spec, Command) else f"--provider={self.id}"

    @cached_property
    def file(self) -> Path | None:
        """Where its class is; None where that is not in the repository."""
        if self.foreign:
            named = [(self.root / word.partition("#")[0]).resolve() for word in shlex.split(self.command)]
            return next((path for path in named if path.is_file() and path.is_relative_to(self.root)), None)
        try:
            found = Path(inspect.getsourcefile(self.cls) or "").resolve()
        except TypeError:
            return None
        return found if found.is_file() and found.is_relative_to(self.root) else None

    @property
    def place(self) -> str:
        """Of that file, as git and CODEOWNERS write it."""
        return self.file.relative_to(self.root).as_posix() if self.file else ""

    @property
    def names(self) -> list[str]:
        """What its tests and its documentation call it."""
        own = {self.file.name if self.file else ""} if self.foreign else {self.cls.__name__, self.module}
        return sorted({self.id, self.spec, *own} - {""}, key=len)

    # --- the repository --------------------------------------------------------------------

    @cached_property
    def data(self) -> dict[str, Any]:
        path = self.root / "pyproject.toml"
        return read_toml(path.read_text("utf-8")) if path.is_file() else {}

    @cached_property
    def settings(self) -> ChecklistConfig:
        return config.load(self.root).checklist

    @cached_property
    def package(self) -> dict[str, Any]:
        """package.json, where there is one."""
        try:
            found = json.loads(self.text("package.json") or "{}")
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    def table(self, *steps: str) -> dict[str, Any]:
        found: Any = self.data
        for step in steps:
            found = found.get(step, {}) if isinstance(found, dict) else {}
        return found if isinstance(found, dict) else {}

    @cached_property
    def paths(self) -> list[str]:
        """All files that are or would be committed; without git, all but what is never."""
        told = self.git("ls-files", "-co", "--exclude-standard", "-z")
        if told is not None:
            return sorted({p for p in told.split("\0") if p and (self.root / p).is_file()})
        return sorted(self._walked())

    def _walked(self) -> Iterator[str]:
        for folder, folders, names in os.walk(self.root):
            folders[:] = [f for f in folders if f not in SKIPPED and not f.endswith((".egg-info", "_cache"))]
            yield from (Path(folder, name).relative_to(self.root).as_posix() for name in names)

    def text(self, path: str) -> str:
        """ "" where it is no text, or too long for one that was written."""
        file = self.root / path
        if not file.is_file() or file.stat().st_size > LARGEST:
            return ""
        return file.read_bytes().decode("utf-8", "replace")

    def git(self, *arguments: str) -> str | None:
        """What it says; None where it cannot, or the folder is not the root of a repository or below it."""
        command = ["git", "-C", str(self.root), *arguments]
        try:
            run = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False, errors="replace")
        except (OSError, subprocess.TimeoutExpired):
            return None
        return run.stdout if run.returncode == 0 else None

    @cached_property
    def base(self) -> str | None:
        """The commit at which the change begins."""
        asked = os.environ.get("GITHUB_BASE_REF")
        names = [self.chosen_base] if self.chosen_base else [*([f"origin/{asked}"] if asked else []), *MAINLINES]
        for name in names:
            found = (self.git("merge-base", name, "HEAD") or "").strip()
            if found and found != (self.git("rev-parse", "HEAD") or "").strip():
                return found
        return None

    def before(self, path: str) -> str | None:
        """A file as it was there."""
        prefix = (self.git("rev-parse", "--show-prefix") or "").strip()
        return self.git("show", f"{self.base}:{prefix}{path}") if self.base else None


def read_toml(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}
