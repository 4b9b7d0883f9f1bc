"""The pages: no link leads nowhere, and every page is on the site."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from conformance import catalogue
from tests.docs.pages import PAGES, ROOT, broken


@pytest.fixture(scope="module")
def build() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_build", ROOT / "docs" / "build.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


@pytest.fixture(scope="module")
def staged(build: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    build.stage(folder)
    return folder


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    assert broken(page) == []


def test_links_lead_somewhere_on_the_site(staged: Path) -> None:
    pages = [*(staged / "pages" / "docs").rglob("*.md"), *(staged / "pages" / "reference").glob("*.md")]
    assert {page.name: wrong for page in pages if (wrong := broken(page))} == {}
    assert broken(staged / "pages" / "README.md") == []


def test_every_requirement_has_a_page(staged: Path) -> None:
    for id, rule in catalogue.load().requirements.items():
        text = (staged / "pages" / "reference" / f"{id}.md").read_text("utf-8")
        assert f"**{rule.level}**" in text
        assert text.count("\n- ") >= len(rule.sources)


def test_every_page_is_in_the_table_of_contents(staged: Path) -> None:
    """mkdocs says so too, and only where it runs."""
    config = yaml.safe_load((staged / "mkdocs.yml").read_text("utf-8"))
    named = {path for section in config["nav"] for path in _paths(section)}
    pages = {page.relative_to(staged / "pages").as_posix() for page in (staged / "pages").rglob("*.md")}
    assert named - pages == set()
    assert {page for page in pages - named if not page.startswith("reference/")} == set()


def _paths(section: dict[str, object]) -> list[str]:
    (told,) = section.values()
    return [told] if isinstance(told, str) else [path for one in told for path in _paths(one)]  # type: ignore[attr-defined]


def test_the_help_of_every_command_is_on_the_site(staged: Path) -> None:
    text = (staged / "pages" / "reference" / "commands.md").read_text("utf-8")
    for command in ("run", "explain", "merge", "known-failures update", "completion"):
        assert f"## conformance {command}\n" in text
        assert f"usage: conformance {command}" in text


@pytest.mark.proof
def test_it_is_built_and_what_is_broken_is_told(
    build: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("mkdocs")
    monkeypatch.setattr(sys, "argv", ["build.py", "-o", str(tmp_path / "site")])
    assert build.main() == 0
    assert (tmp_path / "site" / "reference" / "STR-007" / "index.html").is_file()
    monkeypatch.setattr(build, "_copy", _without("docs/reports.md", build._copy))
    assert build.main() != 0


def _without(name: str, copy: object) -> object:
    return lambda source, target: None if source == ROOT / name else copy(source, target)  # type: ignore[operator]
