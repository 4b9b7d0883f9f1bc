"""What the README says of the kit is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from conformance import catalogue
from conformance.contract import ERROR_KINDS
from tests.mutants import everything

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
KNOWN = catalogue.load()


def test_the_number_of_requirements_is_current() -> None:
    counts = {int(n) for n in re.findall(r"(\d+) requirements", README)}
    assert counts == {len(KNOWN.requirements), len(KNOWN.told_in("openai-chat").requirements)}


def test_the_first_screen_has_the_command() -> None:
    assert "pytest --provider=mypkg:MyProvider" in "\n".join(README.splitlines()[:10])


def test_its_failing_run_is_a_mutant_of_ours() -> None:
    assert "STR-007" in {m.kills for m in everything()}
    assert KNOWN.requirements["STR-007"].text in README


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "docs/native-contract.md", "docs/how-it-works.md"])
def test_its_links_lead_somewhere(page: str) -> None:
    links = [link for link in re.findall(r"\]\(([^)]+)\)", (ROOT / page).read_text("utf-8")) if "://" not in link]
    assert [link for link in links if not ((ROOT / page).parent / link.partition("#")[0]).exists()] == []


def test_the_native_contract_page_names_every_kind_of_error() -> None:
    page = (ROOT / "docs" / "native-contract.md").read_text("utf-8")
    assert [kind for kind in ERROR_KINDS if f"`{kind}`" not in page] == []
