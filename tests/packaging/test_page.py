"""docs/checklist.md: its commands do what they say, its configuration is valid, and no box is left out."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path

import pytest

from conformance import catalogue
from conformance.cli import main
from conformance.config import ChecklistConfig, Config
from conformance.packaging.telling import WORDS
from conformance.packaging.tested import ABOUT
from tests.mutants.repositories import judging

PAGE = (Path(__file__).parents[2] / "docs" / "checklist.md").read_text("utf-8")
COMMANDS = [shlex.split(line)[1:] for line in re.findall(r"^    (conformance .*)$", PAGE, re.MULTILINE)]


def test_its_commands_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", None)
    begin, check = COMMANDS
    assert main(begin) == 0
    assert f"next     {re.findall(r'^    (pytest .*)$', PAGE, re.MULTILINE)[0]}\n" in capsys.readouterr().out
    with judging(tmp_path):
        assert main([*check, "PKG-003", "PKG-019"]) == 0
        (tmp_path / ".github" / "CODEOWNERS").write_text("")
        assert main([*check, "PKG-019"]) == 1
    told = capsys.readouterr().out.splitlines()
    failing = next(i for i, line in enumerate(told) if "[ ] PKG-019" in line)
    assert [line.strip() for line in told[failing : failing + 3]] == [
        line.strip() for line in PAGE.split("    A named maintainer\n")[1].splitlines()[:3]
    ]


def test_its_configuration_is_valid_and_whole() -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    told = Config.model_validate(tomllib.loads(example)["tool"]["conformance"]).checklist
    assert told.model_fields_set == set(ChecklistConfig.model_fields)
    assert [name for name in ABOUT if f"`{name}`" not in PAGE] == []


def test_all_boxes_and_signs_are_told() -> None:
    boxes = sum(rule.box is not None for rule in catalogue.load().requirements.values())
    rows = re.findall(r"^\| PKG-(\d+)(?:, (\d+)| to (\d+))?:", PAGE, re.MULTILINE)
    assert sum(int(also or last or first) - int(first) + 1 for first, also, last in rows) == boxes
    assert [sign for sign in WORDS.values() if f"| `{sign}` |" not in PAGE] == []
