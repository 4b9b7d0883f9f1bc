"""What the guide and the help texts show of `record`, `import` and `verify` can be typed so."""

from __future__ import annotations

import argparse
import re
import shlex
from pathlib import Path

import pytest

from conformance.cli import main
from conformance.commands import importing, record, verify

COMMANDS = {"record": record, "import": importing, "verify": verify}
PAGES = [Path(__file__).parents[2] / "docs" / name for name in ("recording.md", "own-recordings.md")]
TEXTS = [*(page.read_text("utf-8") for page in PAGES), *(module.EXAMPLES for module in COMMANDS.values())]
SHOWN = [
    line.strip() for text in TEXTS for line in re.findall(r"^ +conformance (?:record|import|verify).*$", text, re.M)
]


@pytest.mark.parametrize("line", SHOWN)
def test_what_is_shown_can_be_typed(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    typed = re.sub(r"\s{2,}\(.*\)$", "", line).partition(" | ")[0]
    seen: list[argparse.Namespace] = []
    for module in COMMANDS.values():
        monkeypatch.setattr(module, "run", lambda given: seen.append(given) or 0)
    assert main(shlex.split(typed)[1:]) == 0
    assert len(seen) == 1


def test_each_is_shown() -> None:
    assert {line.split()[1] for line in SHOWN} == {*COMMANDS}


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_has_examples(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--help"]) == 0
    assert f"conformance {command} " in capsys.readouterr().out.partition("examples:")[2]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_somewhere(page: Path) -> None:
    links = [link for link in re.findall(r"\]\(([^)]+)\)", page.read_text("utf-8")) if "://" not in link]
    assert [link for link in links if not (page.parent / link.partition("#")[0]).exists()] == []
