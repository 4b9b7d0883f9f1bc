"""Repositories that must not be accepted: what `conformance init` writes, with one thing wrong. Data, as they are."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass
from functools import cache
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from conformance.packaging import checked
from conformance.packaging.answers import Answer
from conformance.packaging.project import Project
from conformance.scaffold import Choices, Plan

ACME = Choices("Acme", owner="@ann", base_url="https://api.acme.com/v1", model="acme-large")
KEY = "sk-proj-" + "q7Rw2Zp9LkV3" + "uXe8TnB5YmGd"  # in two: no scan of this repository is to find it
SLOW = ("PKG-009", "PKG-010", "PKG-011", "PKG-012", "PKG-013")  # these run tests


@dataclass(frozen=True)
class BrokenRepository:
    """A good repository with one lie."""

    name: str
    lie: str
    kills: str
    says: str
    changes: tuple[Mapping[str, str], ...] = ()
    before: tuple[Mapping[str, str], ...] = ()  # how it was in the commit before: the same changes
    commit: str | None = None  # the title of one in which it came about; None: no git
    title: str | None = None  # of the pull request

    def answers(self, folder: Path, *ids: str) -> list[Answer]:
        """Of its folder, with the lie; by these requirements, or by all that run no tests."""
        write(folder)
        _change(folder, self.before)
        if self.commit:
            _git(folder, "init", "-q", "-b", "main")
            _git(folder, "add", "-A")
            _git(folder, "commit", "-q", "-m", "chore: begin")
            _git(folder, "checkout", "-q", "-b", "change")
        _change(folder, self.changes)
        if self.commit:
            _git(folder, "add", "-A")
            _git(folder, "commit", "-q", "--allow-empty", "-m", self.commit)
        with judging(folder, title=self.title) as project:
            return list(checked(project, ids or [f"PKG-{n:03}" for n in range(1, 100) if f"PKG-{n:03}" not in SLOW]))

    def others(self) -> set[str]:
        """What else fails, of what runs no tests."""
        with TemporaryDirectory() as folder, redirect_stderr(StringIO()):
            return {a.rule for a in self.answers(Path(folder)) if a.result == "fail"} - {self.kills}


def write(folder: Path) -> None:
    """The good one."""
    Plan.of(ACME, folder).write()
    (folder / "tests" / "test_acme_conformance.py").unlink()  # the kit would do for every test that is missing


@contextmanager
def judging(folder: Path, spec: str = "acme", **told: Any) -> Iterator[Project]:
    """Its modules are forgotten: others are called so too."""
    path, known = [*sys.path], {*sys.modules}
    hidden = {name: os.environ.pop(name) for name in ("GITHUB_EVENT_PATH", "GITHUB_BASE_REF") if name in os.environ}
    try:
        with Project.of(spec, folder, **told) as project:
            yield project
    finally:
        os.environ.update(hidden)
        sys.path[:] = path
        for name in {*sys.modules} - known:
            if (getattr(sys.modules[name], "__file__", None) or "").startswith(str(folder.resolve())):
                del sys.modules[name]
        for name in {*sys.path_importer_cache}:
            if name.startswith(str(folder.resolve())):
                del sys.path_importer_cache[name]


def _change(folder: Path, changes: tuple[Mapping[str, str], ...]) -> None:
    for change in changes:
        file = folder / change["file"]
        if "text" in change:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(change["text"].replace("{key}", KEY), "utf-8")
        elif "old" in change:
            text = file.read_text("utf-8")
            assert text.count(change["old"]) == 1, f"{change['old']!r} stands {text.count(change['old'])} times"
            file.write_text(text.replace(change["old"], change["new"]), "utf-8")
        else:
            file.unlink()


def _git(folder: Path, *arguments: str) -> None:
    told = ["-c", "user.name=Ann", "-c", "user.email=ann@acme.example", "-c", "commit.gpgsign=false"]
    env = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", "-C", str(folder), *told, *arguments], check=True, capture_output=True, env=env)


@cache
def repositories() -> list[BrokenRepository]:
    rows = yaml.safe_load(Path(__file__).with_name("mutants.yaml").read_text("utf-8"))
    made = [
        BrokenRepository(
            r["mutant"],
            r["lie"],
            r["kills"],
            r["says"],
            tuple(r.get("changes", ())),
            tuple(r.get("before", ())),
            r.get("commit"),
            r.get("title"),
        )
        for r in rows
    ]
    assert len({m.name for m in made}) == len(made)
    return sorted(made, key=lambda m: (m.kills, m.name))
