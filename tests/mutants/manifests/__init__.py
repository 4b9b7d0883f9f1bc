"""Manifests that must fail: data, as they are."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from conformance.manifests import lint
from conformance.manifests.finding import Finding
from conformance.paths import FIXTURES

GOOD = FIXTURES / "manifests"


@dataclass(frozen=True)
class BrokenManifest:
    """A good manifest with one lie."""

    name: str
    lie: str
    kills: str
    says: str
    of: Path
    change: tuple[str, ...]  # what stands there, and what takes its place; empty: the good one is advised against

    @property
    def advised(self) -> set[str]:
        """What is said of the good one."""
        judged = GOOD / (self.of.with_name("pyproject.toml") if self.of.suffix == ".py" else self.of)
        return {finding.rule for one in lint([judged]) for finding in one.findings}

    def findings(self) -> list[Finding]:
        """Of its folder, with the lie."""
        with TemporaryDirectory() as folder:
            whole = Path(folder) / "it"
            shutil.copytree((GOOD / self.of).parent, whole, ignore=shutil.ignore_patterns("__pycache__"))
            file = whole / self.of.name
            if self.change:
                old, new = self.change
                text = file.read_text("utf-8")
                assert text.count(old) == 1, f"{self.name}: {old!r} stands {text.count(old)} times in {self.of}"
                file.write_text(text.replace(old, new), "utf-8")
            judged = whole / "pyproject.toml" if self.of.suffix == ".py" else file
            return [finding for one in lint([judged]) for finding in one.findings]


@cache
def broken() -> list[BrokenManifest]:
    rows = yaml.safe_load(Path(__file__).with_name("mutants.yaml").read_text("utf-8"))
    made = [
        BrokenManifest(r["mutant"], r["lie"], r["kills"], r["says"], Path(r["of"]), tuple(r["change"])) for r in rows
    ]
    assert len({m.name for m in made}) == len(made)
    return sorted(made, key=lambda m: (m.kills, m.name))
