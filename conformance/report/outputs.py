"""The files that a run leaves, beside what the terminal shows."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from conformance.report import badge, github, html
from conformance.report.model import Report


@dataclass(frozen=True)
class Outputs:
    """Paths as the user gave them."""

    json: str | None = None
    html: str | None = None
    badge: str | None = None

    def __bool__(self) -> bool:
        return bool(self.json or self.html or self.badge)

    def write(self, report: Report, folder: Path) -> list[str]:
        """What was written, a line each, for the terminal."""
        said = []
        for path, content in self._files(report):
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(content, encoding="utf-8")
            said.append(f"report: {path}")
        if github.in_actions() and (summary := os.environ.get("GITHUB_STEP_SUMMARY")):
            with Path(summary).open("a", encoding="utf-8") as file:
                file.write(github.summary(report))
        return said

    def _files(self, report: Report) -> Iterator[tuple[str, str]]:
        if self.json:
            yield self.json, report.model_dump_json(indent=2) + "\n"
        if self.html:
            yield self.html, html.page(report)
        for row in report.providers if self.badge else ():
            yield badge_path(self.badge or "", row.label, len(report.providers)), badge.svg(row)


def badge_path(path: str, label: str, providers: int) -> str:
    """With several providers each has its own: badge.svg is badge-Acme.svg."""
    if providers == 1:
        return path
    given = Path(path)
    return str(given.with_name(f"{given.stem}-{re.sub(r'[^A-Za-z0-9._-]+', '-', label)}{given.suffix}"))
