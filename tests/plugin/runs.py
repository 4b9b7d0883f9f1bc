"""Runs pytest as a user would, in a process and a project of its own, and reads what it printed."""

from __future__ import annotations

import re

import pytest

REFERENCE = "conformance.reference:OpenAIChat"
PLAIN = "conformance/requests::REQ-001[OpenAIChat/plain-question]"

# Plugins that only cost time here. That they do no harm is seen in the kit's own tests, where they are loaded.
BUSY = [f"-pno:{name}" for name in ("hypothesispytest", "anyio", "respx")]

# One item as `-v` prints it, by this process or by a worker.
_ITEM = re.compile(r"^(?:\[gw\d+\] \[ *\d+%\] (?P<said>[A-Z]+) )?(?P<id>\S+::\S+)(?: (?P<word>[A-Z]+)\b.*| *)$")


def run(pytester: pytest.Pytester, *args: str) -> pytest.RunResult:
    return pytester.runpytest_subprocess(*BUSY, *args)


def judge(pytester: pytest.Pytester, *args: str, provider: str = REFERENCE) -> pytest.RunResult:
    return run(pytester, "-v", f"--provider={provider}", *args)


def words(result: pytest.RunResult) -> dict[str, str]:
    """The verdict of each item by its id, in the order in which they ran."""
    found = filter(None, map(_ITEM.match, result.outlines))
    return {m["id"]: m["said"] or m["word"] for m in found if m["said"] or m["word"]}


def counts(result: pytest.RunResult) -> dict[str, int]:
    """Of pytest's last line: {"passed": 3, "failed alike": 2}."""
    line = next(text for text in reversed(result.outlines) if re.search(r" in \d[\d.]*s", text))
    return {word: int(n) for n, word in re.findall(r"(\d+) ([a-z ]+?)(?=,| in )", line)}


def selected(result: pytest.RunResult) -> list[str]:
    """The ids that `--collect-only -q` lists."""
    return [line for line in result.outlines if "::" in line]
