"""A new adapter with all that a pull request for it needs: planned first, so that nothing is written by halves.

plan = Plan.of(Choices("Acme", "acme"), Path.cwd())
plan.write(force=False)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from conformance import dialects
from conformance.scaffold import adapter, project, texts
from conformance.scaffold.choices import CannotBegin, Choices

WANTED = "ask the host's maintainers whether a provider of its own is wanted, before you open a pull request"

__all__ = ["CannotBegin", "Choices", "Plan"]


@dataclass
class Plan:
    """What is to be written, by its path below the project's folder; nothing is there yet."""

    root: Path
    choices: Choices
    new: dict[str, bytes] = field(default_factory=dict)
    changed: dict[str, bytes] = field(default_factory=dict)  # files of the project's that get something added
    left: list[str] = field(default_factory=list)  # what only a person can do

    @classmethod
    def of(cls, choices: Choices, root: Path) -> Plan:
        """Raises `CannotBegin`."""
        choices.check(dialects.names())
        if not root.is_dir():
            raise CannotBegin(f"there is no folder {root}")
        plan = cls(root, choices)
        told = texts.Told(choices, project.source(root, choices), extra=not [*project.elsewhere(root, choices)])
        plan.new |= {f"{told.source}{path}": text for path, text in adapter.files(choices).items()}
        plan.new |= texts.files(told)
        for parent in project.parents(choices):
            if not (root / f"{told.source}{parent}").exists():
                plan.new[f"{told.source}{parent}"] = b""
        for path, text in (project.pyproject(root, choices, told.source), project.codeowners(root, choices, told)):
            if path:
                plan._add(path, text)
        plan.left = [*_left(choices, told), *project.elsewhere(root, choices), WANTED]
        return plan

    def _add(self, path: str, text: bytes) -> None:
        (self.changed if (self.root / path).exists() else self.new)[path] = text

    def in_the_way(self) -> list[str]:
        """Files that are there and would be lost."""
        return [p for p, text in self.new.items() if (self.root / p).exists() and _bytes(self.root / p) != text]

    def write(self, *, force: bool = False) -> tuple[list[str], list[str]]:
        """What was written anew, and what was changed. Raises `CannotBegin` before anything is written."""
        if not force and (there := self.in_the_way()):
            many = "is there" if len(there) == 1 else "are there"
            raise CannotBegin(f"{', '.join(there)} {many} already, and nothing was written; --force overwrites")
        done: list[list[str]] = []
        for files in (self.new, self.changed):
            named = [path for path, text in files.items() if _bytes(self.root / path) != text]
            for path in named:
                (self.root / path).parent.mkdir(parents=True, exist_ok=True)
                (self.root / path).write_bytes(files[path])
            done.append(named)
        return done[0], done[1]


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _left(choices: Choices, told: texts.Told) -> Iterator[str]:
    provider = f"{told.source}{choices.folder}/provider.py"
    if choices.base_url is None and choices.address.endswith((".example", ".example/v1")):
        yield f"{provider}: BASE_URL is made up; write the address of the API"
    if choices.model is None and re.search(r"-1$", choices.default_model):
        yield f"{provider}: DEFAULT_MODEL is made up; write the model that most users want"
    yield f"{provider}: capabilities: switch off what the API cannot do; the kit then demands that it is refused"
    if choices.sdk:
        yield f"{told.source}{choices.folder}/sdk.py: nothing calls it yet; the adapter speaks HTTP itself"
    if not choices.owner:
        yield ".github/CODEOWNERS: name an owner, such as @you (or run again with --owner)"
