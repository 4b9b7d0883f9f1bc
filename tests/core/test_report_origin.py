"""Which package and version an adapter is of."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conformance.provider import resolve
from conformance.report import origin
from conformance.subject import Subject

ADAPTER = """
from conformance.reference import OpenAIChat


class Acme(OpenAIChat):
    pass
"""


def subject(module: str) -> Subject:
    (found,) = resolve([f"{module}:Acme"], {})
    return found


def dist_info(folder: Path, name: str, version: str, **files: str) -> None:
    made = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    made.mkdir(parents=True)
    (made / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    for file, content in files.items():
        (made / file.replace("__", ".")).write_text(content)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder where packages are installed."""
    folder = tmp_path / "site-packages"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    origin._distributions.cache_clear()
    return folder


def test_an_installed_one(site: Path) -> None:
    (site / "acme_installed.py").write_text(ADAPTER)
    dist_info(site, "acme-llm", "2.5", RECORD="acme_installed.py,,\n")
    told = origin.of(subject("acme_installed"), site.parent)
    assert told == {"package": "acme-llm", "version": "2.5", "source": ""}


def test_one_that_is_worked_on(site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = tmp_path / "my project"
    (project / "src").mkdir(parents=True)
    (project / "src" / "acme_editable.py").write_text(ADAPTER)
    monkeypatch.syspath_prepend(str(project / "src"))
    url = {"url": project.as_uri(), "dir_info": {"editable": True}}
    dist_info(site, "acme-llm", "2.6.dev1", direct_url__json=json.dumps(url))
    told = origin.of(subject("acme_editable"), project)
    assert told == {"package": "acme-llm", "version": "2.6.dev1", "source": "src/acme_editable.py:5"}


def test_one_that_is_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "acme_loose.py").write_text(f"__version__ = '0.9'{ADAPTER}")
    monkeypatch.syspath_prepend(str(tmp_path))
    told = origin.of(subject("acme_loose"), tmp_path)
    assert told == {"package": "acme_loose", "version": "0.9", "source": "acme_loose.py:5"}
    assert origin.of(subject("acme_loose"), tmp_path / "elsewhere")["source"] == ""
