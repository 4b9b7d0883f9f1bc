"""`conformance checklist`: what `init` writes is accepted; what no program can tell is asked, and never a pass.
That each box refuses a repository that lacks it is in tests/test_mutants.py."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
from pathlib import Path

import jsonschema
import pytest

import conformance
from conformance import catalogue
from conformance.cli import main
from conformance.packaging import ASKED, JUDGES, checked
from conformance.packaging.keys import LIVE, _is_live
from conformance.packaging.owners import matches
from conformance.paths import FIXTURES
from conformance.scaffold import Choices, Plan
from tests.mutants.repositories import SLOW, judging, write

BOXES = [id for id, rule in catalogue.load().requirements.items() if rule.box]
QUICK = [id for id in BOXES if id not in SLOW]


@pytest.fixture(autouse=True)
def _as_it_was(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The command adds folders to the path that a process of its own would."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delenv("GITHUB_EVENT_PATH", raising=False)


def told(folder: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["checklist", "--path", str(folder), *arguments])
    out, err = capsys.readouterr()
    return code, out, err


def test_each_box_has_a_judge() -> None:
    assert [*JUDGES] == BOXES


def test_what_init_writes_is_accepted(tmp_path: Path) -> None:
    """With the test that runs the kit, too: of its cases a few are enough here."""
    Plan.of(Choices("Acme Two", owner="@ann", sdk="acme-sdk"), tmp_path).write()
    with judging(tmp_path, "acme-two") as project:
        answers = {a.rule: a for a in checked(project)}
    assert [a for a in answers.values() if a.result == "fail"] == []
    assert {id for id, a in answers.items() if a.result == "ask"} == {"PKG-004", "PKG-008", "PKG-020"}
    assert {id for id, a in answers.items() if a.result == "unsupported"} == {"PKG-002"}
    assert answers["PKG-013"].said.startswith("8 tests")


def test_the_kit_alone_is_test_enough(tmp_path: Path) -> None:
    Plan.of(Choices("Acme"), tmp_path).write()
    (tmp_path / "tests" / "test_acme.py").unlink()
    with judging(tmp_path) as project:
        answers = list(checked(project, SLOW))
    assert {a.result for a in answers} == {"pass"}
    assert [a.said for a in answers][:2] == ["the kit's requests", "the kit's replies"]


def test_the_command_says_what_is_there_and_asks_the_rest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path)
    (tmp_path / ".github" / "CODEOWNERS").unlink()
    with judging(tmp_path):  # for what it forgets
        code, out, _ = told(tmp_path, capsys, "--provider=acme", *QUICK)
    assert code == 1
    assert "  [ ] PKG-019 CODEOWNERS names an owner of its file.\n        there is no CODEOWNERS\n        write " in out
    assert "  [?] PKG-020" in out
    assert "ask a person: is the title" in out
    assert " boxes are met, 1 not, " in out
    assert out.endswith("more      conformance explain PKG-019\n")


def test_json_is_what_its_schema_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path)
    with judging(tmp_path):
        code, out, _ = told(tmp_path, capsys, "--provider=acme", "--json", "--title", "feat: add Acme", "pkg-020")
    said = json.loads(out)
    jsonschema.validate(said, json.loads((FIXTURES / "schemas" / "checklist.json").read_text("utf-8")))
    assert (code, said["accepted"], said["provider"]) == (0, True, "acme")
    assert [(row["rule"], row["result"]) for row in said["boxes"]] == [("PKG-020", "pass")]


def test_what_is_excused_is_shown_with_its_reason(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / ".github" / "CODEOWNERS").unlink()
    with (tmp_path / "pyproject.toml").open("a") as file:
        file.write('\n[tool.conformance.checklist]\nexcused = { PKG-019 = "one person owns all" }\n')
    with judging(tmp_path) as project:
        (answer,) = checked(project, ["PKG-019"])
    assert (answer.result, answer.said) == ("excused", "one person owns all (there is no CODEOWNERS)")


def test_tests_of_other_names_are_told(tmp_path: Path) -> None:
    write(tmp_path)
    file = tmp_path / "tests" / "test_acme.py"
    file.write_text(file.read_text("utf-8").replace("test_error_of_rate_limit", "test_busy"), "utf-8")
    with (tmp_path / "pyproject.toml").open("a") as pyproject:
        pyproject.write('\n[tool.conformance.checklist.tests]\nrate-limits = "tests/test_acme.py::test_busy"\n')
    with judging(tmp_path) as project:
        (answer,) = checked(project, ["PKG-011"])
    assert answer.result == "pass", answer


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("def test_acme(:\n", "its tests cannot be run: "),
        ("# AcmeProvider\n", "its tests cannot be run: no tests ran"),
    ],
)
def test_tests_that_cannot_be_run_are_no_tests(tmp_path: Path, code: str, said: str) -> None:
    write(tmp_path)
    (tmp_path / "tests" / "test_acme.py").write_text(f"# acme\n{code}", "utf-8")
    with judging(tmp_path) as project:
        (answer,) = checked(project, ["PKG-009"])
    assert (answer.result, answer.said[: len(said)]) == ("fail", said)


@pytest.mark.proof
def test_workers_tell_it_once(tmp_path: Path) -> None:
    write(tmp_path)
    with (tmp_path / "pyproject.toml").open("a") as file:
        file.write('\n[tool.pytest.ini_options]\naddopts = "-n 1"\n')
    with judging(tmp_path) as project:
        answers = list(checked(project, ["PKG-009", "PKG-013"]))
    assert [(a.result, a.said[:7]) for a in answers] == [("pass", "test_re"), ("pass", "7 tests")]


def test_a_title_of_the_event_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path)
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"pull_request": {"title": "Add Acme"}}), "utf-8")
    with judging(tmp_path) as project:
        monkeypatch.setenv("GITHUB_EVENT_PATH", str(event))
        (answer,) = checked(project, ["PKG-020"])
    assert (answer.result, "'Add Acme'" in answer.said) == ("fail", True)


def test_it_leaves_the_environment_as_it_was(tmp_path: Path) -> None:
    write(tmp_path)
    before = dict(os.environ)
    with judging(tmp_path) as project:
        assert {a.result for a in checked(project, ["PKG-005", "PKG-006", "PKG-007"])} == {"pass"}
    assert dict(os.environ) == before


def test_the_reference_adapter_is_asked_for_what_it_has_not(tmp_path: Path) -> None:
    """An adapter whose code lies elsewhere has no owner here, and nothing is invented."""
    with judging(tmp_path, "conformance.reference:OpenAIChat") as project:
        answers = {a.rule: a.result for a in checked(project, QUICK)}
    assert answers["PKG-019"] == "ask"
    assert answers["PKG-001"] == "pass"
    assert answers["PKG-003"] == "fail"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--provider=nobody:Nothing"], "no module 'nobody'"),
        (["--provider=conformance.reference:OpenAIChat", "PKG-999"], "there is no box PKG-999"),
        (["--provider=conformance.reference:OpenAIChat", "--base", "nowhere"], "git knows no 'nowhere'"),
    ],
)
def test_what_cannot_be_judged_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    code, out, err = told(tmp_path, capsys, *arguments)
    assert (code, out) == (4, "")
    assert said in err
    assert err.count("\n") == 1


def test_a_broken_configuration_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.conformance.checklist]\nexcuse = "all"\n', "utf-8")
    code, _, err = told(tmp_path, capsys, "--provider=conformance.reference:OpenAIChat")
    assert code == 4
    assert "tool.conformance.checklist.excuse: there is no such key" in err


def test_persons_are_asked_in_whole_questions() -> None:
    assert all(question.endswith("?") for question in ASKED)


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("*", "a/b.py", True),
        ("*.py", "a/b.py", True),
        ("/a/", "a/b/c.py", True),
        ("a/", "x/a/c.py", True),
        ("/a/", "x/a/c.py", False),
        ("a/b", "x/a/b/c.py", False),
        ("docs/*", "docs/a.md", True),
        ("docs/*", "docs/a/b.md", False),
        ("**/llm", "x/y/llm/a.py", True),
        ("/src/**/acme.py", "src/x/y/acme.py", True),
        ("/src/acme", "src/acme2/a.py", False),
        ("/src/acme.py", "src/acme.py", True),
    ],
)
def test_owners_are_read_as_github_reads_them(pattern: str, path: str, fits: bool) -> None:
    assert matches(pattern, path) is fits


@pytest.mark.parametrize(
    "text",
    [
        "sk-test-1234567890abcdef12345678",
        "sk-" + "a1" * 20,
        "sk-your-key-goes-in-this-place-9",
        "task-9fK2mQ8vXz7LpR4tYw3N",
        "AKIAIOSFODNN7EXAMPLE",
    ],
)
def test_what_tests_are_full_of_is_no_key(text: str) -> None:
    assert not [m for m in LIVE.finditer(text) if _is_live(m["key"])]


@pytest.mark.parametrize(
    ("reads", "results"),
    [
        ('dict(os.environ).get("ACME_API_KEY", "")', ("pass", "pass")),  # as settings classes do
        ("AT_IMPORT", ("ask", "unsupported")),
    ],
)
def test_a_key_may_be_found_in_other_ways(tmp_path: Path, reads: str, results: tuple[str, str]) -> None:
    write(tmp_path)
    file = tmp_path / "acme" / "provider.py"
    text = file.read_text("utf-8").replace(
        "\n\nclass ", '\nAT_IMPORT = os.environ.get("ACME_API_KEY", "")\n\n\nclass ', 1
    )
    file.write_text(text.replace("found_key() if", f"{reads} if"), "utf-8")
    with judging(tmp_path) as project:
        assert tuple(a.result for a in checked(project, ["PKG-006", "PKG-007"])) == results


@pytest.mark.skipif(not shutil.which("node"), reason="needs Node")
def test_a_module_of_node_has_an_owner_and_documentation_too(tmp_path: Path) -> None:
    node = Path(conformance.__file__).parent / "reference" / "node"
    for module in node.glob("*.mjs"):
        (tmp_path / module.name).write_bytes(module.read_bytes())
    (tmp_path / "CODEOWNERS").write_text("*.mjs @ann\n")
    (tmp_path / "README.md").write_text("# OpenAIChat\n\n```js\nnew OpenAIChat()\n```\n")
    (tmp_path / "package.json").write_text('{"dependencies": {"undici": "^7"}}')
    with judging(tmp_path, f"{tmp_path}/openai_chat.mjs") as project:
        answers = {a.rule: a for a in checked(project, QUICK)}
    assert (answers["PKG-019"].result, answers["PKG-019"].said) == ("pass", "@ann, by *.mjs")
    assert (answers["PKG-017"].result, answers["PKG-016"].result) == ("pass", "ask")
    assert [a for a in answers.values() if a.result == "fail"] == []


def test_a_process_of_ones_own_has_an_owner_and_documentation_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "shim.py").write_bytes((Path(__file__).parents[1] / "hosts" / "process_shim.py").read_bytes())
    (tmp_path / "CODEOWNERS").write_text("shim.py @ann\n")
    monkeypatch.chdir(tmp_path)
    command = f"--provider-command={shlex.join([sys.executable, 'shim.py'])}"
    code, out, _ = told(tmp_path, capsys, command, "PKG-019")
    assert code == 0
    assert "[x] PKG-019" in out
    (tmp_path / "CODEOWNERS").write_text("other.py @ann\n")
    code, out, _ = told(tmp_path, capsys, command, "PKG-019")
    assert code == 1
    assert "shim.py" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "name an adapter with --provider or --provider-command"),
        (["--provider=a:B", "--provider-command=c"], "a checklist is about one adapter, and 2 are named"),
        (["--provider-command=no-such-program --x"], "cannot be run: there is no program 'no-such-program'"),
        (["--provider-command="], ""),
        (["--provider-command=true"], "cannot be judged: it did not greet"),
    ],
)
def test_an_adapter_that_cannot_be_judged_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    code, out, err = told(tmp_path, capsys, *arguments, "PKG-019")
    assert (code, out) == (4, "")
    assert err.startswith("conformance: ")
    assert said in err
    assert len(err.splitlines()) == 1
