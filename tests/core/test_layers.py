"""Imports run downwards, and the core knows no pytest."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import conformance

PACKAGE = Path(conformance.__file__).parent

# From the bottom to the top; a module may import what stands on its own line or below it.
LAYERS = [
    "contract trace paths canary verdict longhand embedded event_stream",
    "deadline belongings exits worker hushed watching shard",
    "environment",
    "data requirement",
    "ask then",
    "case",
    "wording cassettes cassette_file catalogue config profile known_failures sets",
    "dialects replay",
    "drivers failover.oracles",
    "refusal",
    "recipe finding",
    "subject",
    "program",
    "provider scene surroundings bench asked demands side_by_side recordings recording manifests vcr",
    "own derive importer verification",
    "probe",
    "witness",
    "examiner series imports alone transcript timeline",
    "suites",
    "laws",
    "examination",
    "smallest explained",
    "run command_line failover",
    "report",
    "schemas commands known_update upgrade packaging scaffold",
    "cli plugin",
]
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names.split()}
FILES = [f for f in sorted(PACKAGE.rglob("*.py")) if f != PACKAGE / "__init__.py"]
FACES = {"plugin", "terminal", "running"}


def imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{a.name}" for a in node.names] if node.module == "conformance" else [node.module]
            yield from names
        elif isinstance(node, ast.Import):
            yield from (a.name for a in node.names)


def named(module: str) -> str:
    """The layer of `conformance.x.y`: a package in a package may have one of its own."""
    parts = module.split(".")
    return next(name for n in (3, 2) if (name := ".".join(parts[1:n])) in RANK or n == 2)


def layer(file: Path) -> str:
    return named(".".join(("conformance", *file.relative_to(PACKAGE).with_suffix("").parts)))


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.relative_to(PACKAGE).as_posix())
def test_imports_run_downwards(file: Path) -> None:
    if layer(file) == "reference":
        allowed = {"contract", "reference"}
        assert {m.split(".")[1] for m in imported(file) if m.startswith("conformance.")} <= allowed
        return
    ours = {named(m) for m in imported(file) if m.startswith("conformance.")} - {"__version__"}
    assert {m for m in ours if RANK[m] > RANK[layer(file)]} == set()


@pytest.mark.parametrize("file", [f for f in FILES if f.stem not in FACES], ids=lambda f: f.stem)
def test_the_core_knows_no_pytest(file: Path) -> None:
    assert not [m for m in imported(file) if m.split(".")[0] in ("pytest", "_pytest")]


def test_the_plugin_alone_loads_nothing_heavy() -> None:
    heavy = {"httpx", "pydantic", "jsonschema", "yaml", "trustme", "asyncio"}
    code = f"import sys, conformance.plugin; print(*sorted({heavy!r} & set(sys.modules)))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.split() == []
