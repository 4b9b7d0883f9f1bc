"""`conformance init`: what it writes works, what is there stays, and what is left is said."""

from __future__ import annotations

import json
import sys
import tomllib
from io import StringIO
from pathlib import Path

import pytest

from conformance import dialects
from conformance.cli import main
from conformance.examination import Examination
from conformance.scaffold import Choices, Plan
from conformance.scaffold.origins import ORIGINS
from tests.mutants.repositories import judging

FEW = ("REQ-001", "REQ-013", "STR-001", "ERR-001", "AUT-001", "CFG-001", "MUL-001")


def made(folder: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["init", "--path", str(folder), *arguments])
    out, err = capsys.readouterr()
    return code, out, err


def files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_there_is_one_for_each_dialect() -> None:
    """But for routes beside another dialect's."""
    assert sorted(ORIGINS) == sorted(name for name in dialects.names() if not dialects.load(name).facts.like)


@pytest.mark.parametrize("dialect", ORIGINS)
def test_it_keeps_the_contract(dialect: str, tmp_path: Path) -> None:
    """By a few requirements; by all of them in the proof below."""
    Plan.of(Choices("Acme", dialect=dialect, sdk="acme-sdk"), tmp_path).write()
    with judging(tmp_path) as project:
        assert project.examination.examiner.spoken.dialect.name == dialect
        exams = [e for e in project.examination.exams if e.requirement.id in FEW]
        assert len(exams) > len(FEW)
        results = {(e.requirement.id, v.headline) for e in exams if (v := project.examination.verdict(e)).violations}
        imported = {name for name in sys.modules if name.startswith("acme.")}
    assert results == set()
    assert "acme.contract" in imported


@pytest.mark.proof
@pytest.mark.parametrize("dialect", ORIGINS)
def test_it_keeps_all_of_the_contract(dialect: str, tmp_path: Path) -> None:
    Plan.of(Choices("Acme", dialect=dialect), tmp_path).write()
    with judging(tmp_path) as project:
        examination: Examination = project.examination
        demanded = [e for e in examination.exams if e.requirement.level == "MUST"]
        wrong = {e.id: v.headline for e in demanded if (v := examination.verdict(e)).violations}
    assert wrong == {}


def test_nothing_of_the_kit_is_needed_to_run_it(tmp_path: Path) -> None:
    for dialect in ORIGINS:
        plan = Plan.of(Choices("Acme", dialect=dialect), tmp_path)
        code = [text.decode() for path, text in plan.new.items() if path.startswith("acme/")]
        assert [text for text in code if "import conformance" in text or "from conformance" in text] == []
        for text in code:
            compile(text, "acme", "exec")


def test_what_it_wrote_and_what_is_next_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = made(tmp_path, capsys, "--name", "Acme AI")
    assert code == 0
    assert "wrote    acme_ai/provider.py\n" in out
    assert "left     .github/CODEOWNERS: name an owner" in out
    assert "left     acme_ai/provider.py: BASE_URL is made up" in out
    assert out.endswith(f"next     cd {tmp_path} && pytest --provider=acme-ai\n")


def test_what_was_told_is_not_left(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = [
        "--base-url",
        "https://api.acme.com/v1",
        "--model",
        "acme-large",
        "--owner",
        "@acme/llm",
        "--env-var",
        "A_KEY",
    ]
    code, out, _ = made(tmp_path, capsys, "--name", "Acme", *told, "--env-var", "B_KEY", "--sdk", "acme-sdk", "--json")
    said = json.loads(out)
    assert code == 0
    assert not [line for line in said["left"] if "made up" in line or "CODEOWNERS" in line]
    project = tomllib.loads((tmp_path / "pyproject.toml").read_text("utf-8"))
    assert project["project"]["entry-points"]["conformance.providers"] == {"acme": "acme.provider:AcmeProvider"}
    assert project["project"]["optional-dependencies"]["acme"] == ["acme-sdk"]
    assert project["tool"]["conformance"]["providers"]["acme"]["env"] == {"A_KEY": "{key}", "B_KEY": "{key}"}
    provider = (tmp_path / "acme" / "provider.py").read_text("utf-8")
    assert 'KEY_VARIABLES = ("A_KEY", "B_KEY")' in provider.replace(",)", ")")
    assert (tmp_path / ".github" / "CODEOWNERS").read_text("utf-8") == "/acme/ @acme/llm\n"
    assert said["next"].endswith("pytest --provider=acme")


def test_twice_is_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made(tmp_path, capsys, "--name", "Acme", "--owner", "@ann")
    before = files(tmp_path)
    code, out, _ = made(tmp_path, capsys, "--name", "Acme", "--owner", "@ann")
    assert (code, files(tmp_path)) == (0, before)
    assert out.startswith("nothing to write")


def test_nothing_is_overwritten_without_force(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "acme.md").write_text("mine\n")
    code, _, err = made(tmp_path, capsys, "--name", "Acme")
    assert code == 4
    assert err == "conformance: docs/acme.md is there already, and nothing was written; --force overwrites\n"
    assert files(tmp_path) == {"docs/acme.md": b"mine\n"}
    assert made(tmp_path, capsys, "--name", "Acme", "--force")[0] == 0
    assert (tmp_path / "docs" / "acme.md").read_text("utf-8").startswith("# Acme")


def test_a_dry_run_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = made(tmp_path, capsys, "--name", "Acme", "--dry-run")
    assert (code, files(tmp_path)) == (0, {})
    assert "would write acme/provider.py\n" in out


def test_a_project_keeps_what_it_has(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "src" / "mylib").mkdir(parents=True)
    (tmp_path / "src" / "mylib" / "__init__.py").write_text("VERSION = 1\n")
    (tmp_path / "CODEOWNERS").write_text("* @bea")
    text = '# ours\n[project]\nname = "mylib"  # a comment\nversion = "1"\ndependencies = [\n  "httpx",  # for all\n]\n'
    (tmp_path / "pyproject.toml").write_text(text + "\n[tool.ruff]\nline-length = 99\n")
    code, out, _ = made(tmp_path, capsys, "--name", "Acme", "--package", "mylib.llm.acme", "--owner", "@ann")
    assert code == 0
    assert "added to pyproject.toml\nadded to CODEOWNERS\n" in out
    now = (tmp_path / "pyproject.toml").read_text("utf-8")
    assert text.rstrip("\n") in now
    assert "[tool.ruff]\nline-length = 99\n" in now
    data = tomllib.loads(now)
    assert data["project"]["dependencies"] == ["httpx"]
    assert data["project"]["entry-points"]["conformance.providers"]["acme"] == "mylib.llm.acme.provider:AcmeProvider"
    assert (tmp_path / "CODEOWNERS").read_text("utf-8") == "* @bea\n/src/mylib/llm/acme/ @ann\n"
    assert (tmp_path / "src" / "mylib" / "__init__.py").read_text("utf-8") == "VERSION = 1\n"
    assert (tmp_path / "src" / "mylib" / "llm" / "__init__.py").exists()
    with judging(tmp_path) as project:
        assert project.place == "src/mylib/llm/acme/provider.py"


def test_a_project_of_poetry_is_one_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.poetry]\nname = "mylib"\n')
    assert made(tmp_path, capsys, "--name", "Acme")[0] == 0
    data = tomllib.loads((tmp_path / "pyproject.toml").read_text("utf-8"))
    assert data["tool"]["poetry"]["plugins"]["conformance.providers"] == {"acme": "acme.provider:AcmeProvider"}
    assert "project" not in data


def test_a_project_that_tells_it_elsewhere_is_not_broken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "setup.cfg").write_text("[tool:pytest]\naddopts = -q\n")
    (tmp_path / "src").mkdir()
    (tmp_path / "pyproject.toml").write_text('[build-system]\nrequires = ["setuptools"]\n')
    code, out, _ = made(tmp_path, capsys, "--name", "Acme")
    assert code == 0
    assert "left     add the entry point conformance.providers: acme = acme.provider:AcmeProvider where" in out
    data = tomllib.loads((tmp_path / "pyproject.toml").read_text("utf-8"))
    assert {*data} == {"build-system", "tool"}
    assert {*data["tool"]} == {"conformance"}
    assert "pip install -e . provider-conformance pytest" in (tmp_path / ".github/workflows/acme.yml").read_text(
        "utf-8"
    )


def test_what_is_dynamic_stays_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "lib"\ndynamic = ["version", "dependencies"]\n')
    code, out, _ = made(tmp_path, capsys, "--name", "Acme")
    assert (code, "left     add httpx>=0.27 where the project tells it" in out) == (0, True)
    project = tomllib.loads((tmp_path / "pyproject.toml").read_text("utf-8"))["project"]
    assert "dependencies" not in project
    assert "acme" in project["entry-points"]["conformance.providers"]


def test_it_asks_on_a_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(StringIO):
        def isatty(self) -> bool:
            return True

    answers = iter(["Acme", "", "gemini", "", "", "A_KEY, B_KEY", "@ann"])
    asked: list[str] = []
    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("builtins.input", lambda text: asked.append(text) or next(answers))
    assert main(["init", "--path", str(tmp_path)]) == 0
    assert asked[3] == "Its address [https://api.acme.example/v1beta]: "
    assert (tmp_path / "acme" / "gemini" / "adapter.py").exists()
    assert '("A_KEY", "B_KEY",)' in (tmp_path / "acme" / "provider.py").read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "a new adapter needs a name: conformance init --name Acme"),
        (["--name", "!"], "gives no id"),
        (["--name", "Acme", "--package", "my-lib"], "'my-lib' is no package"),
        (["--name", "Acme", "--package", "a.class"], "'a.class' is no package"),
        (
            ["--name", "Acme", "--dialect", "carrier-pigeon"],
            "there is no dialect 'carrier-pigeon'; there are openai-chat",
        ),
        (["--name", "Acme", "--base-url", "api.acme.com"], "'api.acme.com' is no address"),
        (["--name", "Acme", "--env-var", "ACME KEY"], "'ACME KEY' is no name of a variable"),
        (["--name", "Acme", "--owner", "ann"], "'ann' is no owner"),
        (["--name", "Acme", "--sdk", "acme sdk"], "'acme sdk' is no name of a package"),
        (["--name", 'Ac"me'], "has characters that do not go into its files"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    code, out, err = made(tmp_path, capsys, *arguments)
    assert (code, out, files(tmp_path)) == (4, "", {})
    assert said in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[project\n", "pyproject.toml cannot be read"),
        ('[project.entry-points."conformance.providers"]\nacme = "other:Thing"\n', "registers 'acme' as other:Thing"),
        ('[tool.conformance.providers.acme]\nprovider = "other:Thing"\n', "take another --name"),
        ("project = 3\n", "'project' that is no table"),
    ],
)
def test_a_project_that_cannot_be_added_to_is_left(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    code, _, err = made(tmp_path, capsys, "--name", "Acme")
    assert code == 4
    assert said in err
    assert files(tmp_path) == {"pyproject.toml": text.encode()}


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert made(tmp_path / "nowhere", capsys, "--name", "Acme")[0] == 4
    assert not (tmp_path / "nowhere").exists()
