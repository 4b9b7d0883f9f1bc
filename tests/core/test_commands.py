"""Commands of `conformance` that look things up or hand things on, as one types them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conformance import catalogue, cli, requirement
from conformance.commands import completion, running
from conformance.commands.explain import lines
from conformance.explained import explained, mending
from tests.mutants import kills

KNOWN = catalogue.load()
REFERENCE = "conformance.reference:OpenAIChat"


COMMANDS = {command.path: command for command in completion.told(cli.parser()) if command.path}


# --- explain -----------------------------------------------------------------------------------


def test_the_names_of_mutants_are_current() -> None:
    assert kills.KILLS.read_text("utf-8") == kills.made(), "run python -m tests.mutants.kills"


def test_every_area_says_where_to_look() -> None:
    assert set(mending()) == {*requirement.AREAS, requirement.OWN.upper()}


def test_every_requirement_is_explained() -> None:
    """Only of what is drawn, loaded or read in a file there is no wire to show."""
    for id, rule in KNOWN.requirements.items():
        told = explained(KNOWN, id)
        "\n".join(lines(told)).encode()
        assert told.broken_by
        drawn = rule.lint or rule.box or all(c.law or c.then.imports or not c.parts for c in told.cases)
        assert bool(told.example and told.example.wire) is not bool(drawn), id


def test_explain_tells_all_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["explain", "str-007"]) == 0
    said = capsys.readouterr().out
    rows = [
        "STR-007 (MUST",
        "why  ",
        "sources  ",
        "mend  ",
        "shown by",
        "asked  ",
        "wire  ",
        "then  ",
        "broken by",
        "proved by",
    ]
    assert [row for row in rows if f"\n{row}" not in f"\n{said}"] == []
    assert "> POST /v1/chat/completions" in said
    assert "< data: " in said


def test_explain_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["explain", "--json", "STR-007"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["id"], told["level"], told["area"], told["example"]["dialect"]) == (
        "STR-007",
        "MUST",
        "streaming",
        "openai-chat",
    )
    assert {"ForgetsTheTerminator"} <= {one["name"] for one in told["broken_by"]}


@pytest.mark.parametrize(
    "arguments", [["explain", "STR-999"], ["explain", "streaming"], ["run", REFERENCE, "--only", "XYZ-001"]]
)
def test_what_is_not_there_is_one_sentence(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(arguments) == 4
    said = capsys.readouterr().err
    assert said.startswith("conformance: there is no requirement")
    assert said.count("\n") == 1


def test_list_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["list", "--json", "STR"]) == 0
    told = {row["id"]: row for row in json.loads(capsys.readouterr().out)}
    assert told["STR-007"] == {
        "id": "STR-007",
        "level": "MUST",
        "area": "streaming",
        "text": KNOWN.requirements["STR-007"].text,
    }
    assert {row["area"] for row in told.values()} == {"streaming"}


# --- run ---------------------------------------------------------------------------------------


@pytest.fixture
def handed(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    seen: list[list[str]] = []
    monkeypatch.setattr(pytest, "main", lambda arguments: seen.append(arguments) or 0)
    return seen


def test_run_hands_on_what_it_is_given(handed: list[list[str]]) -> None:
    line = [
        "run",
        "acme",
        "b:B",
        "--only",
        "STR-007",
        "--only",
        "tools",
        "--only",
        "rat",
        "--stop",
        "--strict",
        "--report",
        "r.json",
    ]
    assert cli.main([*line, "--shard", "1/3", "--", "-n", "2"]) == 0
    (given,) = handed
    assert given[2:] == [
        "--provider=acme",
        "--provider=b:B",
        "--conformance-report=r.json",
        "--conformance-shard=1/3",
        "--conformance-strict",
        "--exitfirst",
        "-n",
        "2",
        "conformance/streaming::STR-007",
        "conformance/tools",
        "conformance/rate-limits",
    ]


def test_only_run_takes_more(handed: list[list[str]], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["list", "--", "-n"]) == 4
    assert "nothing may follow --, but -n does" in capsys.readouterr().err
    assert not handed


def test_every_option_of_run_is_one_of_the_plugin_s() -> None:
    from conformance.plugin import pytest_addoption  # noqa: PLC0415

    there: set[str] = set()

    class Parser:
        def getgroup(self, *_: str) -> Parser:
            return self

        def addoption(self, name: str, **_: Any) -> None:
            there.add(name)

    pytest_addoption(Parser())  # type: ignore[arg-type]
    assert {f"--conformance-{name}" for name in (*running.FILES, "shard", "set", "strict")} <= there


# --- help and completion -----------------------------------------------------------------------


@pytest.mark.parametrize("path", COMMANDS)
def test_the_help_has_an_example(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    if any(other.startswith(f"{path} ") for other in COMMANDS):
        return  # a command that has commands: these do
    assert cli.main([*path.split(), "--help"]) == 0
    assert f"\n  conformance {path}" in capsys.readouterr().out.replace("example: ", "\n  ")
