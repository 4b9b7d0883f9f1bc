"""Laws as a user meets them: the smallest example, and the command that plays it again."""

from __future__ import annotations

import shlex

import pytest

from tests.plugin.runs import judge, run, words

ACME = """
from html import unescape

from conformance.reference import OpenAIChat


class Broken(OpenAIChat):
    def text(self, content):
        return unescape(super().text(content))
"""
LAW = "conformance/laws::LAW-007"


@pytest.fixture
def broken(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makepyfile(acme=ACME)
    return pytester


def test_a_failure_tells_how_to_see_it_again(broken: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")  # where pytest's summary has the whole of what it is given: the story is told once
    first = judge(broken, f"{LAW}[Broken/answers]", provider="acme:Broken")
    assert first.ret == 1
    (example,) = (line.split(maxsplit=1)[1] for line in first.outlines if line.startswith("  example "))
    (again,) = (line.split(maxsplit=1)[1] for line in first.outlines if line.startswith("  again "))
    assert example.startswith('{"system":"a","user":"a","pieces":["')
    command = shlex.split(again)
    assert command[0] == "pytest"
    assert command[2] == f"--conformance-example={example}"
    second = run(broken, *command[1:])
    assert second.ret == 1
    assert "LAW-007: the reply's text is wrong" in second.outlines
    assert f"  example   {example}" in second.outlines


def test_an_example_that_is_right(broken: pytest.Pytester) -> None:
    given = '--conformance-example={"system":"a","user":"a","pieces":["plain"]}'
    result = judge(broken, given, f"{LAW}[Broken/answers]", provider="acme:Broken")
    assert set(words(result).values()) == {"PASSED"}


def test_more_examples_and_fewer(broken: pytest.Pytester) -> None:
    assert judge(broken, "--conformance-examples=1", f"{LAW}[Broken/answers]", provider="acme:Broken").ret == 0
    assert judge(broken, "--conformance-examples=30", f"{LAW}[Broken/answers]", provider="acme:Broken").ret == 1


@pytest.mark.parametrize("given", ["x", "[1]", "3"])
def test_an_example_that_is_none(broken: pytest.Pytester, given: str) -> None:
    result = judge(broken, f"--conformance-example={given}", LAW, provider="acme:Broken")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["*--conformance-example takes what a failure of a law showed as its example*"])
