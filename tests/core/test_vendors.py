"""What vendors do in their own way: whose it is, when it is demanded, and the page that shows it.

python -m tests.core.test_vendors       writes the table of docs/vendors.md
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance import cassettes, catalogue
from conformance.bench import Bench
from conformance.config import ProviderConfig
from conformance.examination import Examination
from conformance.provider import resolve
from conformance.requirement import Requirement
from conformance.verdict import Result

PAGE = Path(__file__).parents[2] / "docs" / "vendors.md"
HEAD = "| vendor | requirements | what is different | source | cassettes |\n|---|---|---|---|---|\n"
ALL = catalogue.load()
THEIRS = [r for r in ALL.requirements.values() if r.vendor]


def of(vendor: str) -> list[Requirement]:
    return [r for r in THEIRS if r.vendor == vendor]


def played(vendor: str) -> list[str]:
    """The cassettes of its cases, in the order in which they are first played."""
    return list(dict.fromkeys(w.cassette or "" for r in of(vendor) for c in ALL.of(r.id) for w in c.answers))


# --- the data ----------------------------------------------------------------------------------


def test_the_area_is_that_of_the_vendors() -> None:
    assert [r.id for r in ALL.requirements.values() if (r.area == "vendors") != bool(r.vendor)] == []
    assert [r.id for r in THEIRS if not r.text.partition(": ")[2]] == []


def test_it_is_advice_where_nothing_is_configured() -> None:
    assert {r.level for r in THEIRS} == {"SHOULD"}


def test_it_builds_on_nothing_that_is_only_advised() -> None:
    """It may be demanded; and what is advised must not block what is demanded."""
    needed = {id for r in THEIRS for id in (*r.after, *(a for c in ALL.of(r.id) for a in c.after))}
    assert [id for id in sorted(needed) if ALL.requirements[id].level != "MUST"] == []


@pytest.mark.parametrize("vendor", ALL.vendors)
def test_its_cassettes_are_its_own_or_recorded(vendor: str) -> None:
    for name in played(vendor):
        assert name.startswith((f"vendors/{vendor}-", "recorded/")), name
        assert name.startswith("recorded/") == (cassettes.load("openai-chat", name).provenance.origin == "recorded")
        if name.startswith("recorded/"):
            assert vendor == "llamacpp", "no other server was recorded"


# --- when it is demanded -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with Bench() as made:
        yield made


def examined(bench: Bench, vendors: list[str] | None, adapter: str = "OpenAIChat") -> Examination:
    config = ProviderConfig.model_validate({"provider": f"conformance.reference:{adapter}", "vendors": vendors})
    return Examination(resolve(["mine"], {"mine": config})[0], bench, ALL)


def test_for_nobody_in_particular_all_is_advice(bench: Bench) -> None:
    made = examined(bench, None)
    assert made.rules == ALL.requirements
    assert [e.id for e in made.exams if e.requirement.vendor and made.verdict(e).result is not Result.PASS] == []


def test_what_it_is_made_for_is_demanded_and_nothing_else_is_looked_at(bench: Bench) -> None:
    made = examined(bench, ["groq", "zai"])
    own = {r.id for r in (*of("groq"), *of("zai"))}
    assert {id for id, r in made.rules.items() if r.level != ALL.requirements[id].level} == own
    assert {made.rules[id].level for id in own} == {"MUST"}
    for exam in made.exams:
        if exam.requirement.vendor:
            verdict = made.verdict(exam)
            assert exam.requirement.level == made.rules[exam.requirement.id].level
            assert verdict.result is (Result.PASS if exam.requirement.id in own else Result.UNSUPPORTED)
            assert verdict.reason == ("" if exam.requirement.id in own else "made for other vendors: groq, zai")


def test_made_for_none_of_them(bench: Bench) -> None:
    made = examined(bench, [])
    found = {made.verdict(e) for e in made.exams if e.requirement.id == "VEN-001"}
    assert {(v.result, v.reason) for v in found} == {(Result.UNSUPPORTED, "made for other vendors: none of these")}


def test_what_the_host_cannot_say_stays_unsaid(bench: Bench) -> None:
    made = examined(bench, ["groq", "xai"], "LaiosOpenAI")
    found = {e.case.case: made.verdict(e) for e in made.exams if e.requirement.id in ("VEN-005", "VEN-012")}
    assert found["stream"].result is Result.PASS
    assert found["tools-in-a-stream"].reason.startswith("host laios: ")
    assert found["message"].reason.startswith("host laios: ")


# --- the page ----------------------------------------------------------------------------------


def table() -> str:
    return HEAD + "".join(map(row, ALL.vendors))


def row(vendor: str) -> str:
    rules = of(vendor)
    sources = dict.fromkeys(s for r in rules for s in r.sources)
    shown = [f"[{_short(name, vendor)}](../cassettes/openai-chat/{name}.yaml)" for name in played(vendor)]
    ids, whys = ", ".join(r.id for r in rules), " ".join(r.why for r in rules)
    return f"| `{vendor}` | {ids} | {whys} | {'; '.join(sources)} | {', '.join(shown)} |\n"


def _short(name: str, vendor: str) -> str:
    return name.removeprefix(f"vendors/{vendor}-").replace("recorded/", "recorded: ")


def test_the_page_is_current() -> None:
    assert table() in PAGE.read_text("utf-8"), "run python -m tests.core.test_vendors"


def test_the_cassettes_that_it_shows_exist() -> None:
    links = re.findall(r"\]\(([^)]+)\)", PAGE.read_text("utf-8"))
    assert [link for link in links if not (PAGE.parent / link).exists()] == []
    assert {Path(link).name for link in links} >= {p.name for p in PAGE.parents[1].glob("cassettes/*/vendors/*.yaml")}


if __name__ == "__main__":
    before = PAGE.read_text("utf-8").partition(HEAD)[0]
    PAGE.write_text(before + table(), encoding="utf-8")
