"""`manifests` of `[tool.conformance]`: a run judges what `conformance lint` does, each rule and file an item."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from conformance import catalogue
from conformance.cli import main
from conformance.run import Run, Unusable
from conformance.verdict import Result
from tests.mutants.manifests import GOOD
from tests.plugin.runs import REFERENCE, judge, words

RULES = catalogue.load().requirements
PLUGIN, INSTANCE = "openclaw.plugin.json", "deploy/instance.yaml"
ONLY = ["-k", "MAN-0"]
WRONG = f"{PLUGIN}, providerAuthChoices[0]: a choice without choiceId is left out"


def item(rule: str, file: str = PLUGIN) -> str:
    return f"conformance/manifests::{rule}[OpenAIChat/{file}]"


def of(kind: str, file: str) -> set[str]:
    return {item(id, file) for id, rule in RULES.items() if kind in rule.lint}


def configured(folder: Path, *names: str, before: str = "") -> Path:
    text = f"{before}\n[tool.conformance]\nmanifests = {json.dumps(names)}\n"
    (folder / "pyproject.toml").write_text(text, "utf-8")
    return folder


def verdicts(folder: Path) -> dict[str, Result]:
    """Without pytest."""
    with closing(Run([REFERENCE], folder)) as run:
        (examination,) = run.examinations
        mine = [exam for exam in examination.exams if exam.manifest]
        return {f"conformance/manifests::{exam.id}": examination.verdict(exam).result for exam in mine}


@pytest.fixture
def broken(pytester: pytest.Pytester) -> pytest.Pytester:
    """A plugin that misses a MUST and is of the older form, and in a folder an instance that is right."""
    folder = configured(pytester.path, PLUGIN, "deploy")
    text = (GOOD / "openclaw-plugin" / "older" / PLUGIN).read_text("utf-8").replace("apiKey", "")
    (folder / PLUGIN).write_text(text, "utf-8")
    (folder / "deploy").mkdir()
    (folder / INSTANCE).write_bytes((GOOD / "openclaw-instance" / "environment.yaml").read_bytes())
    return pytester


def test_a_run_says_what_the_command_says(broken: pytest.Pytester, capsys: pytest.CaptureFixture[str]) -> None:
    result = judge(broken, *ONLY, "--conformance-report=report.json")
    result.stdout.fnmatch_lines(
        [
            f"MAN-009: {WRONG}".replace("[", "[[]"),
            f"  rule      {RULES['MAN-009'].text} (MUST)",
            "  expected  write its choiceId",
            "  got       a choice without choiceId is left out",
            f"  again     pytest --provider={REFERENCE} '{item('MAN-009')}'".replace("[", "[[]"),
            f"  or        conformance lint {PLUGIN}",
            "  more      conformance explain MAN-009",
            f"FAIL *MAN-009 {WRONG}".replace("[", "[[]"),
            "manifests * 1 * 1 *",
            "OpenAIChat: not conformant: *",
        ]
    )
    said = words(result)
    assert {*said} == of("openclaw-plugin", PLUGIN) | of("openclaw-instance", INSTANCE)
    bad = {item("MAN-009"): "FAILED", item("MAN-005"): "ADVICE"}
    assert {id: word for id, word in said.items() if word != "PASSED"} == bad

    (row,) = json.loads((broken.path / "report.json").read_text("utf-8"))["providers"]
    cases = [(rule["id"], case) for rule in row["requirements"] for case in rule["cases"]]
    assert not row["conformant"]
    assert {case["manifest"] for _, case in cases} == {PLUGIN, INSTANCE}
    capsys.readouterr()
    assert main(["lint", "--json", PLUGIN, "deploy"]) == result.ret == 1
    told = json.loads(capsys.readouterr().out)["manifests"]
    linted = {(finding["rule"], one["path"]) for one in told for finding in one["findings"]}
    assert {(id, case["manifest"]) for id, case in cases if case["violations"]} == linted


def test_each_file_tells_its_own_story(broken: pytest.Pytester) -> None:
    """Unlike cases of an adapter, which mostly fail a requirement for one reason. In workers as in one process."""
    (broken.path / "deploy" / PLUGIN).write_bytes((broken.path / PLUGIN).read_bytes())
    result = judge(broken, "-k", "MAN-009", "-n", "2")
    assert words(result) == {item("MAN-009", f"deploy/{PLUGIN}"): "FAILED", item("MAN-009"): "FAILED"}
    assert result.stdout.str().count("  expected  write its choiceId") == 2
    assert result.ret == 1


def test_what_is_not_there_is_one_sentence(pytester: pytest.Pytester) -> None:
    configured(pytester.path, "charts")
    result = judge(pytester)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    said = "ERROR: pyproject.toml: tool.conformance.manifests: there is no charts"
    assert [line for line in result.errlines if line] == [said]


def test_so_is_a_folder_without_any(tmp_path: Path) -> None:
    (configured(tmp_path, "charts") / "charts").mkdir()
    with pytest.raises(Unusable, match=r"tool\.conformance\.manifests: charts holds no manifest that the kit knows"):
        Run([REFERENCE], tmp_path)


def test_of_what_cannot_be_read_nothing_else_is_said(tmp_path: Path) -> None:
    (configured(tmp_path, PLUGIN) / PLUGIN).write_text('{"id": ', "utf-8")
    assert verdicts(tmp_path) == {item("MAN-001"): Result.FAIL}


def test_the_projects_entry_points_are_judged_where_they_are_named(tmp_path: Path) -> None:
    configured(tmp_path, "pyproject.toml", before='[project.entry-points.llm]\nacme = "acme_is_not_there"')
    said = verdicts(tmp_path)
    assert {*said} == of("entry-points", "pyproject.toml")
    assert [id for id, result in said.items() if result is not Result.PASS] == [item("MAN-026", "pyproject.toml")]


def test_a_failure_may_be_known(broken: pytest.Pytester) -> None:
    entry = {"requirement": "MAN-009", "reason": "in 2.0", "link": "https://acme.example/7", "fingerprint": WRONG}
    text = "[[failure]]\n" + "".join(f"{key} = {json.dumps(said)}\n" for key, said in entry.items())
    (broken.path / "conformance-known-failures.toml").write_text(text, "utf-8")
    assert verdicts(broken.path)[item("MAN-009")] is Result.KNOWN
