"""`--provider-command`, `--provider=plugin.mjs` and `command = …`, as a user gives them."""

from __future__ import annotations

import shutil
import sys

import pytest

from conformance import reference
from conformance.cli import main
from tests.hosts.test_process import SHIM
from tests.plugin.runs import counts, run, words

PLAIN = "conformance/requests::REQ-001"
NODE = pytest.mark.skipif(shutil.which("node") is None, reason="there is no node on PATH")


def test_a_command(pytester: pytest.Pytester) -> None:
    result = run(pytester, "-v", f"--provider-command={sys.executable} {SHIM}", PLAIN)
    assert words(result) == {"conformance/requests::REQ-001[py-shim/plain-question]": "PASSED"}
    assert "host         native (its process says so)" in result.stdout.str()


def test_a_failure_says_how_to_see_it_again(pytester: pytest.Pytester) -> None:
    command = f"{sys.executable} {SHIM} crashes"
    result = run(pytester, f"--provider-command={command}", "conformance/streaming::STR-001")
    assert counts(result)["failed"] == 1
    assert f"again     pytest --provider-command='{command}' 'conformance/streaming::STR-001[" in result.stdout.str()
    assert "KeyError: 'choices'" in result.stdout.str()


def test_a_command_in_the_configuration(pytester: pytest.Pytester) -> None:
    pytester.makepyprojecttoml(f'[tool.conformance.providers.acme]\ncommand = "{sys.executable} {SHIM}"\n')
    result = run(pytester, "-v", "--provider=acme", PLAIN)
    assert words(result) == {"conformance/requests::REQ-001[acme/plain-question]": "PASSED"}


@pytest.mark.parametrize(
    ("args", "said", "code"),
    [
        (["known-failures", "update", "STR-001"], "added: STR-001: *", 0),
        (["upgrade", "--to=next"], "py-shim: nothing would fail that does not fail now", 0),
    ],
    ids=["known-failures", "upgrade"],
)
def test_other_commands_take_one_too(args: list[str], said: str, code: int, pytester: pytest.Pytester) -> None:
    conformance = [sys.executable, "-m", "conformance.cli"]
    result = pytester.run(*conformance, *args, f"--provider-command={sys.executable} {SHIM} crashes")
    result.stdout.fnmatch_lines([said])
    assert result.ret == code


def test_without_any_they_ask_for_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["upgrade", "--to=next"]) == 4
    assert capsys.readouterr().err == "conformance: name an adapter with --provider or --provider-command\n"


def test_a_command_that_cannot_be_used(pytester: pytest.Pytester) -> None:
    result = run(pytester, "--provider-command=no-such-program")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: no-such-program cannot be run: there is no program 'no-such-program'"])


@NODE
def test_a_module_for_node(pytester: pytest.Pytester) -> None:
    (pytester.path / "acme.mjs").write_text(
        f"export {{ default as Acme }} from {str(reference.__path__[0] + '/node/openai_chat.mjs')!r};\n", "utf-8"
    )
    result = run(pytester, "-v", "--provider=./acme.mjs#Acme", PLAIN, "conformance/streaming::STR-001")
    assert set(words(result).values()) == {"PASSED"}
    assert "host         native (has generate, the contract in JavaScript)" in result.stdout.str()
