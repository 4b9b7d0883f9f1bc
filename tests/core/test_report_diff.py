"""`conformance diff` and `conformance matrix`, as one types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conformance import cli
from conformance.report.model import ProviderRow
from tests.core.reports import USUAL, changed, provider, report

Verdicts = dict[str, dict[str, str]]


@pytest.fixture
def diff(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """Writes two reports, compares them, and returns the exit code and what was printed."""

    def compared(old: ProviderRow, new: ProviderRow, *args: str) -> tuple[int, str]:
        for name, row in (("old", old), ("new", new)):
            (tmp_path / f"{name}.json").write_text(report(row).model_dump_json(), encoding="utf-8")
        code = cli.main(["diff", *args, str(tmp_path / "old.json"), str(tmp_path / "new.json")])
        return code, capsys.readouterr().out

    return compared


GONE = {id: cases for id, cases in USUAL.items() if id != "STR-007"}
CHANGES = {
    "nothing": (USUAL, 0, "  7 same"),
    "worse": (changed("STR-007", in_turn="fail"), 1, "  WORSE   STR-007  pass -> fail (1 case): in-turn is wrong"),
    "blocked": (changed("STR-007", in_turn="blocked"), 1, "  WORSE   STR-007  pass -> blocked (1 case): there is"),
    "advice fails": (changed("STR-012", comments="fail"), 1, "  WORSE   STR-012  advice -> fail (1 case): comm"),
    "worse in one case": (changed("REQ-006", zero="pass"), 0, "  MENDED  REQ-006  fail (1 case)"),
    "mended": (changed("REQ-006", zero="pass", one="pass"), 0, "  MENDED  REQ-006  fail -> pass (2 cases)"),
    "declared away": (
        changed("STR-007", after_text="unsupported", in_turn="unsupported"),
        1,
        "  LOST    STR-007  pass -> unsupported (2 cases): there is a reason",
    ),
    "not run": ({**USUAL, "STR-007": {}}, 1, "  LOST    STR-007  pass -> not run (2 cases)"),
    "a SHOULD that was not run": ({**USUAL, "STR-012": {}}, 0, "  OTHER   STR-012  advice -> not run (1 case)"),
    "a case that is no more": ({**USUAL, "STR-007": {"in-turn": "pass"}}, 0, "  7 same"),
    "a rule that is no more": (GONE, 0, "  GONE    STR-007  pass"),
    "a new rule": ({**USUAL, "REQ-009": {"a": "fail"}}, 0, "  NEW     REQ-009  fail: a is wrong"),
    "a new case": (changed("STR-007", fresh="fail"), 0, "  NEW     STR-007  pass -> fail: fresh is wrong"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_changed(diff, name: str) -> None:
    verdicts, code, line = CHANGES[name]
    got, said = diff(provider(USUAL), provider(verdicts))
    assert (got, [text for text in said.splitlines() if text.startswith(line)]) == (
        code,
        [text for text in said.splitlines() if line in text],
    )
    assert any(text.startswith(line) for text in said.splitlines())


def test_a_rule_that_became_a_must_is_no_regression(diff) -> None:
    new = provider(changed("STR-012", comments="fail"))
    rules = [r.model_copy(update={"level": "MUST"}) if r.id == "STR-012" else r for r in new.requirements]
    code, said = diff(provider(USUAL), new.model_copy(update={"requirements": rules}))
    assert code == 0
    assert "  NEW     STR-012  advice -> fail" in said


def test_versions_are_told(diff) -> None:
    assert diff(provider(USUAL), provider(USUAL, version="1.3.0"))[1].startswith("Acme 1.2.0 -> Acme 1.3.0\n")


def test_for_a_program(diff) -> None:
    code, said = diff(provider(USUAL), provider(changed("STR-007", in_turn="fail")), "--json")
    told = json.loads(said)
    assert (code, told["regressed"]) == (1, True)
    (change,) = told["providers"][0]["changes"]
    assert (change["kind"], change["id"], change["cases"]) == ("worse", "STR-007", ["in-turn"])


def test_hostile_words_stay_on_their_line(diff) -> None:
    _, said = diff(provider(USUAL), provider(changed("STR-007", in_turn="fail"), text="\n::error::x\x1b[31m##[error]"))
    assert not [line for line in said.splitlines() if line.lstrip().startswith("::")]
    assert "\x1b" not in said
    assert "##[" not in said


@pytest.mark.parametrize("command", ["diff", "matrix"])
def test_bad_input(command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = str(tmp_path / "none.json")
    more = ["-o", str(tmp_path / "site")] if command == "matrix" else []
    assert cli.main([command, missing, missing, *more]) == 4
    assert capsys.readouterr().err == f"conformance: {missing} cannot be read: No such file or directory\n"
    assert cli.main([command]) == 4


def test_no_provider_in_common(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, labels in (("a", ("A", "B")), ("b", ("C", "D"))):
        told = report(*(provider(USUAL, label) for label in labels))
        (tmp_path / f"{name}.json").write_text(told.model_dump_json())
    assert cli.main(["diff", str(tmp_path / "a.json"), str(tmp_path / "b.json")]) == 4
    assert "tell of no provider of the same name" in capsys.readouterr().err


# --- the matrix --------------------------------------------------------------------------------


def test_the_matrix(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = report(provider(USUAL, version="1.0"), time="2026-01-01T00:00:00+00:00")
    new = report(provider(changed("STR-007", in_turn="fail"), version="1.1"), time="2026-02-01T00:00:00+00:00")
    other = report(provider({"REQ-001": {"plain": "pass"}}, "Other", dialect="gemini"))
    paths = []
    for name, told in (("new", new), ("old", old), ("other", other), ("twice", old)):
        paths.append(str(tmp_path / f"{name}.json"))
        Path(paths[-1]).write_text(told.model_dump_json(), encoding="utf-8")
    assert cli.main(["matrix", *paths, "-o", str(tmp_path / "site")]) == 0
    assert "2 providers of 4 reports" in capsys.readouterr().out
    assert sorted(p.name for p in (tmp_path / "site").iterdir()) == [
        "index.html",
        "matrix.json",
        "provider-1-acme.html",
        "provider-2-other.html",
    ]
    acme, rest = json.loads((tmp_path / "site/matrix.json").read_text("utf-8"))["providers"]
    assert [(t["version"], t["met"], t["judged"]) for t in acme["trend"]] == [("1.0", 4, 6), ("1.1", 3, 6)]
    assert (acme["verdicts"]["STR-007"], rest["verdicts"]) == ("fail", {"REQ-001": "pass"})
    page = (tmp_path / "site/index.html").read_text("utf-8")
    for part in (
        "1 worse",
        "not asked",
        "requirements met, of 2 reports: 66.7%, 50.0%",
        'href="provider-1-acme.html#Acme/STR-007"',
    ):
        assert part in page
    assert "In turn" not in (tmp_path / "site/provider-2-other.html").read_text("utf-8")
