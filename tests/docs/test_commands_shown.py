"""Every command that README and docs show is run: in a project in which the names that they use mean something."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import conformance
from conformance import cli
from conformance.paths import FIXTURES
from tests.core.reports import USUAL, provider, report
from tests.docs.pages import PAGES, ROOT, commands, lines, tutorial

SHOWN: dict[str, list[str]] = {}
for _page in PAGES:
    for _command in commands(_page):
        SHOWN.setdefault(_command, []).append(_page.relative_to(ROOT).as_posix())

ELSEWHERE = {  # by how it begins: where it is run
    "python -m tests.mutants.matrix": "tests/test_mutants.py",
    "python docs/build.py -o site": "tests/docs/test_site.py",
    "conformance init": "tests/packaging/test_page.py",
    "conformance checklist": "tests/packaging/test_page.py",
    "conformance record": "tests/recordings/test_record.py",
    "conformance verify": "tests/recordings/test_verify.py",
    "conformance import s": "tests/recordings/test_formats.py",
}
OURS = sorted(
    c for c in SHOWN if c.startswith("conformance ") and " run " not in c and not c.startswith(tuple(ELSEWHERE))
)
SLOW = {  # what judges an adapter by all requirements is asked for one, which `conformance` takes as an argument
    "conformance known-failures update --provider=acme": "conformance known-failures update REQ-001 --provider=acme",
}
REAL = {  # packages of others, which are installed where these tests run: the test, and how it names what it judges
    "haystack": ("haystack", "haystack.components.generators.chat:OpenAIChatGenerator"),
    "langchain_openai": ("langchain", "langchain_openai:ChatOpenAI"),
    "litellm:openai": ("litellm", "litellm:openai/"),
    "litellm:anthropic": ("litellm", "litellm:anthropic/"),
    "llama": ("llama_index", "llama_index.llms.openai:OpenAI"),
    "llm_council": ("failover", "llm_council.providers.openai:OpenAIProvider"),
    "llm.": ("llm", "llm.default_plugins.openai_models:AsyncChat"),
    "openai": ("sdk_clients", "openai:AsyncOpenAI"),
    "anthropic": ("sdk_clients", "anthropic:AsyncAnthropic"),
    "pydantic_ai": ("pydantic_ai", "pydantic_ai.models.openai:OpenAIChatModel"),
    "mypkg:MyCustomLLM": ("litellm", "custom_llm:"),
}
BARE = ("pip install provider-conformance", "python3 -m venv")  # by .ci/run and tests/test_first_minutes.py
PROJECT = """
[tool.conformance.providers]
acme = { provider = "mypkg:MyProvider" }
ollama = { provider = "mypkg:MyProvider", kwargs = { model = "llama3.2" } }
vllm = { provider = "mypkg:MyProvider" }
"""
RECORDINGS = """
[tool.conformance]
cassettes = "tests/conformance-cassettes"
"""
PLUGIN = """
export {{ default, default as Acme }} from "{node}/reference/node/openai_chat.mjs"
"""
OWN_SHIM = """
process.argv[2] = "./my-plugin.mjs"
await import("{node}/drivers/node/shim.mjs")
"""
RECORDED = {
    "request": {"method": "POST", "uri": "https://api.acme.example/v1/chat/completions", "headers": {}, "body": "{}"},
    "response": {
        "status": {"code": 200, "message": "OK"},
        "headers": {"content-type": ["application/json"]},
        "body": {
            "string": json.dumps(
                {"choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi."}, "finish_reason": "stop"}]}
            )
        },
    },
}
NODE = Path(conformance.__file__).parent


def real(command: str) -> str | None:
    """The test that runs it, and by which name."""
    found = re.search(r"--provider=(\S+)", command)
    return next((name for name in REAL if found and found[1].startswith(name)), None)


JUDGING = sorted(c for c in SHOWN if c.startswith(("pytest ", "conformance run ")) and not real(c))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    (tmp_path / "mypkg.py").write_text("from conformance.reference import OpenAIChat as MyProvider\n")
    (tmp_path / "acme.py").write_text(tutorial())
    (tmp_path / "my-plugin.mjs").write_text(PLUGIN.format(node=NODE))
    (tmp_path / "my-shim.mjs").write_text(OWN_SHIM.format(node=NODE))
    for name in ("main", "branch", "reports/acme"):
        _report(tmp_path / f"{name}.json", USUAL)
    parts = [{id: cases if n % 2 == half else {} for n, (id, cases) in enumerate(USUAL.items())} for half in (0, 1)]
    for n, part in enumerate(parts, 1):
        _report(tmp_path / f"{n}.json", part)
    (tmp_path / "tests/cassettes").mkdir(parents=True)
    (tmp_path / "tests/cassettes/hi.yaml").write_text(yaml.safe_dump({"version": 1, "interactions": [RECORDED]}))
    good = FIXTURES / "manifests" / "openclaw-plugin" / "today"
    shutil.copytree(good, tmp_path / "deploy")
    shutil.copytree(good, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _report(path: Path, verdicts: dict[str, dict[str, str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(report(provider(verdicts)).model_dump_json())


def words(command: str) -> list[str]:
    """As a shell would part them."""
    here = Path()
    return [
        word
        for given in shlex.split(command)
        for word in (sorted(map(str, here.glob(given))) if "*" in given else [given])
    ]


def test_every_command_is_run_somewhere() -> None:
    left = set(SHOWN) - {*OURS, *JUDGING}
    assert (
        sorted(c for c in left if not real(c) and not c.startswith(BARE) and not c.startswith(tuple(ELSEWHERE))) == []
    )


def test_where_the_others_are_run_is_there() -> None:
    assert [test for test in ELSEWHERE.values() if not (ROOT / test).is_file()] == []


@pytest.mark.parametrize("command", [c for c in SHOWN if real(c)])
def test_what_needs_other_packages_is_tested_with_them(command: str) -> None:
    test, name = REAL[real(command) or ""]
    assert name in (ROOT / "tests" / "hosts" / "real" / f"test_{test}.py").read_text("utf-8")


@pytest.mark.parametrize("command", OURS)
def test_a_command_of_conformance(command: str, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = cli.main(words(SLOW.get(command, command))[1:])
    said = capsys.readouterr()
    assert (code in (0, 1), said.err) == (True, ""), said.err


@pytest.mark.proof
@pytest.mark.parametrize("command", JUDGING)
def test_a_command_that_judges(command: str, project: Path) -> None:
    """By two requirements, where it says nothing itself; by the recordings of the page that shows it."""
    if "mjs" in command and shutil.which("node") is None:
        pytest.skip("there is no node on PATH")
    if "OWN" in command:
        cli.main(["import", "tests/cassettes", "--dialect", "openai-chat", "--to", "tests/conformance-cassettes"])
        (project / "pyproject.toml").write_text(PROJECT + RECORDINGS)
    done = _run(command, {"PYTEST_ADDOPTS": "-k 'REQ-001 or REQ-006'", "PYTHONPATH": f"{ROOT}"})
    assert done.returncode in (0, 1), done.stdout + done.stderr
    assert re.search(r"\d+ (passed|failed)", done.stdout), done.stdout


def _run(command: str, more: dict[str, str]) -> subprocess.CompletedProcess[str]:
    program, *rest = shlex.split(command)
    module = {"pytest": "pytest", "conformance": "conformance.cli"}[program]
    return subprocess.run(
        [sys.executable, "-m", module, *rest], env={**os.environ, **more}, capture_output=True, text=True, check=False
    )


def test_the_tutorial_shows_what_is_so(project: Path) -> None:
    """What it says that the first run prints, and that its mending mends."""
    page = (ROOT / "docs" / "tutorial.md").read_text("utf-8")
    (project / "pyproject.toml").unlink()
    command = "conformance run acme:Acme --only REQ-006"
    assert command in page
    done = _run(command, {"PYTHONPATH": f"{ROOT}"})
    shown = [line for line, language in lines(page) if language == "text"]
    assert [line for line in shown if line not in done.stdout] == []
    before, after = "if request.temperature:", "if request.temperature is not None:"
    assert f"`{before}`" in page
    assert f"`{after}`" in page
    (project / "acme.py").write_text(tutorial().replace(before, after))
    assert _run(command, {"PYTHONPATH": f"{ROOT}"}).returncode == 0
