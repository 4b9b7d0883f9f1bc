"""`action.yml`, the reusable workflow and the example for GitLab do what they say: their steps are run."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from conformance import __version__
from conformance.report.reading import read
from tests.ci.steps import ROOT, Sandbox, filled, load
from tests.docs.pages import PAGES

ACTION = load("action.yml")
WORKFLOW = load(".github/workflows/conformance.yml")
GITLAB = load("docs/ci/gitlab-ci.yml")
FILES = ["action.yml", *(f".github/workflows/{f.name}" for f in sorted((ROOT / ".github/workflows").glob("*.yml")))]
FEW = "-k 'REQ-001 or REQ-006'"
ACME = """
from conformance.reference import OpenAIChat

class Acme(OpenAIChat):
    def options(self, request):
        return {**super().options(request), "temperature": 1}
"""


@pytest.fixture
def sandbox(tmp_path: Path) -> Sandbox:
    made = Sandbox(tmp_path)
    (made.project / "acme.py").write_text(ACME)
    (made.project / "pyproject.toml").write_text('[tool.conformance.providers.acme]\nprovider = "acme:Acme"\n')
    return made


def act(sandbox: Sandbox, **given: str) -> Any:
    inputs = {name: str(told.get("default", "")) for name, told in ACTION["inputs"].items()} | given
    return sandbox.github(ACTION["runs"]["steps"], {f"inputs.{name}": value for name, value in inputs.items()})


@pytest.mark.parametrize("name", FILES)
def test_what_is_used_is_pinned(name: str) -> None:
    """By the commit, with the tag beside it; what is of the same checkout needs no pin."""
    used = re.findall(r"^\s*-? *uses: (\S+)(.*)$", (ROOT / name).read_text("utf-8"), re.MULTILINE)
    foreign = [(what, tag) for what, tag in used if not what.startswith("./")]
    assert [what for what, tag in foreign if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", what)] == []
    assert [what for what, tag in foreign if not re.fullmatch(r" # v\d+\.\d+\.\d+", tag)] == []


def test_an_action_has_one_pin() -> None:
    used = {tuple(what.split("@")) for f in FILES for what in re.findall(r"uses: (\S+@\S+)", (ROOT / f).read_text())}
    assert len({name for name, _ in used}) == len(used)


def examples() -> dict[str, str]:
    """What shows others how to use this repository."""
    files = [*PAGES, *(ROOT / name for name in (*FILES, "docs/ci/gitlab-ci.yml"))]
    return {file.relative_to(ROOT).as_posix(): file.read_text("utf-8") for file in files}


def test_examples_name_this_version() -> None:
    used = re.compile(r"provider-conformance(?:/\S+)?(?:@v|==)(\d+\.\d+\.\d+)")
    named = {name: set(used.findall(text)) for name, text in examples().items() if used.search(text)}
    assert {"README.md", "docs/ci/gitlab-ci.yml", "docs/guides/gate-pull-requests.md"} <= {*named}
    assert {name: told for name, told in named.items() if told != {__version__}} == {}


def test_it_is_told_where_the_owner_is_to_be_written() -> None:
    told = examples()
    places = {name for name, text in told.items() if "OWNER/" in text}
    section = told["CONTRIBUTING.md"].partition("## Before it is published")[2]
    assert {name for name in places if f"`{name}`" not in section} == set()
    assert {name for name in places - {".github/workflows/conformance.yml"} if "`OWNER`" not in told[name]} <= {
        "docs/recording.md"  # which says it in the example
    }


def test_the_action_judges(sandbox: Sandbox) -> None:
    done = act(sandbox, provider="acme", args=FEW, report="my report", install=". 'acme sdk'")
    assert (done.code, done.outputs["exit-code"], done.outputs["conformant"]) == (1, "1", "false")
    assert done.outputs["artifact"] == "my-report"
    folder = Path(done.outputs["folder"])
    assert sorted(f.name for f in folder.iterdir()) == [f"my-report.{end}" for end in ("html", "json", "svg", "xml")]
    assert sandbox.installed == ["install", str(ROOT), ".", "acme sdk"]
    assert "::error file=acme.py,line=4,title=REQ-006 fail (acme)::" in done.said
    assert "not conformant" in sandbox.summary.read_text("utf-8")
    assert [
        f.name for f in sandbox.project.iterdir() if f.name not in ("acme.py", "pyproject.toml", "__pycache__")
    ] == []


def test_its_outputs_are_those_of_its_step(sandbox: Sandbox) -> None:
    told = {
        name: f"${{{{ steps.judge.outputs.{name} }}}}" for name in ("conformant", "exit-code", "folder", "artifact")
    }
    assert {name: output["value"] for name, output in ACTION["outputs"].items()} == told
    used = set(re.findall(r"inputs\.([\w-]+)", (ROOT / "action.yml").read_text("utf-8")))
    assert used == set(ACTION["inputs"])


@pytest.mark.parametrize(
    ("given", "code", "says"),
    [
        ({"provider": ""}, 1, "the input provider is empty"),
        ({"provider": "acme", "args": "-k 'REQ"}, 1, "unmatched single quote"),
        ({"provider": "acme", "shard": "3/2"}, 4, "--conformance-shard takes a part of a whole"),
        (
            {"provider": "$(touch${IFS}pwned);touch pwned", "args": "`touch pwned`"},
            4,
            "is called '$(touch${IFS}pwned);",
        ),
    ],
    ids=["no provider", "quotes", "shard", "injection"],
)
def test_what_is_wrong_is_told(sandbox: Sandbox, given: dict[str, str], code: int, says: str) -> None:
    done = act(sandbox, **given)
    assert (done.code, says in done.said, (sandbox.project / "pwned").exists()) == (code, True, False), done.said


def test_the_workflow_makes_one_report_of_its_shards(sandbox: Sandbox) -> None:
    """Its jobs in turn: the plan, the action for each row of the matrix, and what is made of their artifacts."""
    jobs = WORKFLOW["jobs"]
    inputs = {"providers": "conformance.reference:OpenAIChat", "shards": "2", "report": "our s", "args": FEW}
    contexts = {f"inputs.{name}": value for name, value in inputs.items()}
    plan = sandbox.github(jobs["plan"]["steps"], contexts)
    planned = {f"needs.plan.outputs.{name}": value for name, value in plan.outputs.items()}
    rows = json.loads(plan.outputs["matrix"])["include"]
    assert [(row["provider"], row["shard"]) for row in rows] == [
        (inputs["providers"], "1/2"),
        (inputs["providers"], "2/2"),
    ]
    (sandbox.project / "parts").mkdir()
    for row in rows:
        done = act(sandbox, **row, args=FEW)
        assert (done.code, done.outputs["conformant"]) == (0, "false"), done.said
        name = done.outputs["artifact"]
        assert name.startswith(filled(jobs["report"]["steps"][2]["with"]["pattern"], planned)[:-1])
        (Path(done.outputs["folder"]) / f"{name}.json").rename(sandbox.project / "parts" / f"{name}.json")
    done = sandbox.github(jobs["report"]["steps"], contexts | planned)
    assert done.code == 0, done.said
    (row,) = read(sandbox.project / "out" / "our-s.json").providers
    assert {rule.id: rule.verdict for rule in row.requirements if rule.cases} == {"REQ-001": "pass", "REQ-006": "pass"}
    assert "incomplete 2/2" in (sandbox.project / "out" / "our-s.svg").read_text("utf-8")
    judging = next(step for step in jobs["judge"]["steps"] if step.get("uses", "").startswith("./"))
    assert set(judging["with"]) <= set(ACTION["inputs"])


@pytest.mark.proof
def test_the_example_for_gitlab(sandbox: Sandbox) -> None:
    few = {"PYTEST_ADDOPTS": "-k REQ-006", "CI_NODE_INDEX": "1", "CI_NODE_TOTAL": "1"}
    codes = [
        sandbox.bash(line, few).returncode
        for job in ("conformance", "conformance-report")
        for line in GITLAB[job]["script"]
    ]
    assert codes == [0, 1, 0, 1]  # the adapter of the sandbox is not right
    made = {path for job in GITLAB.values() if isinstance(job, dict) for path in job["artifacts"]["paths"]}
    assert [path for path in made if not (sandbox.project / path).exists()] == []


def test_the_files_are_yaml_without_surprises() -> None:
    """A value such as `on` or `3.10` that YAML reads otherwise than its author is a text in quotes."""
    python = [told["default"] for told in (ACTION["inputs"]["python-version"], yaml_inputs()["python-version"])]
    assert all(isinstance(version, str) for version in python)


def yaml_inputs() -> dict[str, Any]:
    on: dict[str, Any] = yaml.load((ROOT / ".github/workflows/conformance.yml").read_text("utf-8"), yaml.BaseLoader)[
        "on"
    ]
    inputs: dict[str, Any] = on["workflow_call"]["inputs"]
    return inputs
