"""What the JSON report's footer, the badge, the summary and the page say."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from conformance.report import badge, github, html
from conformance.report.diff import difference
from conformance.report.footer import digest
from conformance.report.level import finding, untested
from conformance.report.model import ProviderRow, Report, RequirementRow
from conformance.report.outputs import Outputs, badge_path
from conformance.report.reading import NotAReport, read
from tests.core.reports import USUAL, case, changed, provider, report

ALL_PASS = {id: dict.fromkeys(cases, "pass") for id, cases in USUAL.items()}


def write(path: Path, told: Report) -> Path:
    path.write_text(told.model_dump_json(), encoding="utf-8")
    return path


# --- the footer --------------------------------------------------------------------------------


def test_the_hash_can_be_made_by_anybody() -> None:
    data = json.loads(report().model_dump_json())
    lines = []
    for row in data["providers"]:
        for rule in row["requirements"]:
            lines.append([row["label"], rule["id"], rule["level"], "", rule["verdict"]])
            lines += [[row["label"], rule["id"], rule["level"], c["case"], c["verdict"]] for c in rule["cases"]]
    text = "".join(sorted(json.dumps(line, separators=(",", ":")) + "\n" for line in lines))
    assert data["footer"]["sha256"] == hashlib.sha256(text.encode()).hexdigest()


def test_the_hash_is_of_verdicts_only() -> None:
    assert digest([provider(USUAL)]) == digest([provider(USUAL, text="other words", version="9")])
    assert digest([provider(USUAL)]) != digest([provider(changed("STR-007", in_turn="fail"))])
    assert digest([provider(USUAL)]) == digest([provider(dict(reversed(USUAL.items())))])


def test_counts() -> None:
    footer = report(provider(USUAL), provider(ALL_PASS, "Other")).footer
    assert footer.requirements == {"pass": 10, "fail": 1, "blocked": 1, "advice": 1, "unsupported": 1}
    assert sum(footer.cases.values()) == 18
    assert footer.cases["fail"] == 2


def test_reading(tmp_path: Path) -> None:
    told = report()
    assert read(write(tmp_path / "a.json", told)) == told
    more = {**json.loads(told.model_dump_json()), "of a later kit": 1}
    (tmp_path / "b.json").write_text(json.dumps(more))
    assert read(tmp_path / "b.json") == told


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read: No such file"),
        ("{", "is no report that this kit"),
        ("[]", "is no report that this kit"),
        ('{"format": "provider-conformance/9"}', "format: "),
        (report().model_dump_json().replace('"blocked"', '"pass"'), "was changed after it was written"),
    ],
)
def test_what_is_no_report(tmp_path: Path, content: str | None, said: str) -> None:
    path = tmp_path / "r.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(NotAReport) as caught:
        read(path)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


# --- the badge ---------------------------------------------------------------------------------


def left_out(row: ProviderRow, id: str, **more: object) -> ProviderRow:
    rules = [rule.model_copy(update=more) if rule.id == id else rule for rule in row.requirements]
    return row.model_copy(update={"requirements": rules})


def test_a_badge_says_conformant_only_where_no_must_went_untested() -> None:
    good = provider(ALL_PASS)
    assert badge.message(good) == ("conformant 7/7", badge.GREEN)
    part = left_out(good, "STR-007", left_out=1)
    assert badge.message(part) == ("incomplete 7/7, 1 MUST untested", badge.GREY)
    assert untested(part) == ["STR-007"]
    assert badge.message(left_out(good, "STR-012", left_out=1)) == ("conformant 7/7", badge.GREEN)
    assert badge.message(provider({**ALL_PASS, "REQ-001": {}})) == ("incomplete 6/6, 1 MUST untested", badge.GREY)
    assert badge.message(provider(USUAL)) == ("not conformant 4/6", badge.RED)


def test_what_cannot_be_tested_here_went_untested() -> None:
    untestable = case("never", "unsupported", "not testable here: its address is fixed", "STR-020")
    row = left_out(provider(ALL_PASS), "STR-020", cases=[untestable])
    assert untested(row) == ["STR-020"]
    assert untested(provider(USUAL)) == []  # what an adapter declares that it cannot is no MUST of it


def test_each_of_several_providers_has_a_badge(tmp_path: Path) -> None:
    two = report(provider(USUAL), provider(ALL_PASS, "Other One"))
    assert Outputs(badge="out/b.svg").write(two, tmp_path) == ["report: out/b-Acme.svg", "report: out/b-Other-One.svg"]
    assert "not conformant" in (tmp_path / "out/b-Acme.svg").read_text("utf-8")
    assert badge_path("b.svg", "Acme", 1) == "b.svg"


# --- GitHub ------------------------------------------------------------------------------------


def test_nothing_is_said_where_nobody_reads_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    assert github.commands([provider(USUAL)]) == []
    assert Outputs().write(report(), tmp_path) == []
    assert not (tmp_path / "summary.md").exists()


def test_annotations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    error, warning, notice = github.commands([provider(USUAL)])
    assert error == (
        "::error file=acme/llm.py,line=12,title=REQ-006 fail (Acme)::zero is wrong%0Arule: The rule REQ-006. (MUST)"
        "%0Apytest --provider=acme:Acme 'conformance/requests::REQ-006[Acme/zero]'"
    )
    assert warning.startswith("::warning ")
    assert "RAT-003 blocked" in warning
    assert notice.startswith("::notice ")
    assert github.commands([provider(ALL_PASS)]) == []


def test_what_is_wrong_in_a_manifest_stands_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    row = provider({"REQ-006": {"a": "pass", "b": "fail"}})
    for one, name in zip(row.requirements[0].cases, ("deploy/a.yaml", "deploy/b.yaml"), strict=True):
        one.manifest = name
    assert github.commands([row])[0].startswith("::error file=deploy/b.yaml,title=REQ-006 fail (Acme)::b is wrong")


def test_no_more_annotations_than_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    lines = github.commands([provider({f"REQ-{n:03}": {"a": "fail"} for n in range(30)})])
    assert len(lines) == github.SHOWN
    assert lines[-1] == "::error title=conformance::21 more; the report tells all"


def test_the_summary_is_added(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    (tmp_path / "summary.md").write_text("before\n")
    Outputs().write(report(), tmp_path)
    text = (tmp_path / "summary.md").read_text("utf-8")
    assert text.startswith("before\n## ❌ ")
    assert "| requests | 1 | 1 | · | · | · |" in text
    assert "| fail | REQ&#45;006 | zero is wrong |" in text


# --- the page ----------------------------------------------------------------------------------


def test_the_page_tells_each_failure() -> None:
    page = html.page(report())
    for part in (
        "zero is wrong",
        "The rule REQ-006. (MUST, requests)",
        "pytest --provider=acme:Acme",
        "acme-llm 1.2.0",
    ):
        assert part in page
    assert 'aria-label="100 of 300 bytes of the answer were sent"' in page
    assert '<span class="at" title="bytes of the body">60-100</span><code>data: cut</code>' in page
    assert report().footer.sha256 in page


def test_the_page_needs_no_other() -> None:
    page = html.page(report())
    assert "default-src &#x27;none&#x27;" in page
    assert not [
        part
        for part in ("http://", "https://", "@import", "url(", "<link", "<iframe")
        if part in page.replace("http://www.w3.org/2000/svg", "")
    ]


def test_failures_come_first() -> None:
    page = html.page(report())
    order = [page.index(f'id="Acme/{id}"') for id in ("REQ-006", "RAT-003", "STR-012", "REQ-001")]
    assert order == sorted(order)


def test_a_finding_is_one_line() -> None:
    row = RequirementRow(
        id="REQ-001", area="requests", level="MUST", text="", verdict="fail", cases=[case("a", "fail", "x\n  ::y\tz")]
    )
    assert finding(row) == "x ::y z"


def test_no_difference() -> None:
    assert difference(provider(USUAL), provider(USUAL)).changes == []
