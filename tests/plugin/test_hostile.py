"""An adapter that does its worst costs one case: it gets its verdict in time, and the next case is unharmed."""

from __future__ import annotations

import re
import shutil
import time
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.plugin.runs import BUSY, words

AT_ONCE = "conformance/concurrency::CON-001[{}/three-answers]"
FIRST, NEXT = "conformance/replies::RSP-001[{}/three-rivers]", "conformance/replies::RSP-001[{}/llamacpp]"
SECONDS = 60.0

HUNG = "no result within"
UNHARMED = ""  # it passes: what it did was put back, and what it said was right

ADAPTERS = {
    "Hangs": HUNG,
    "HoldsTheLoop": HUNG,
    "ReadsForEver": HUNG,
    "Spins": HUNG,
    "SpinsAndCatchesAll": HUNG,
    "Backtracks": HUNG,
    "WaitsForAThread": HUNG,
    "StopsTheClock": HUNG,
    "PrintsWithoutEnd": HUNG,
    "SpinsWhenBuilt": HUNG,
    "SpinsSync": HUNG,
    "HangsSync": HUNG,
    "Recurses": "RecursionError(",
    "Exits": "the adapter ended the process: os._exit(3)",
    "Aborts": "the adapter ended the process: os.abort()",
    "KillsItself": "the adapter ended the process: os.kill(",
    "RaisesSystemExit": "SystemExit(",
    "RaisesKeyboardInterrupt": "KeyboardInterrupt(",
    "InterruptsSync": "KeyboardInterrupt(",
    "RaisesGeneratorExit": "GeneratorExit(",
    "Skips": "Skipped('not today",
    "Forks": UNHARMED,
    "ForksAndSpins": UNHARMED,
    "ClosesStdout": UNHARMED,
    "ClosesDescriptors": UNHARMED,
    "ChangesTheEnvironment": UNHARMED,
    "ChangesTheDirectory": UNHARMED,
    "PatchesJson": None,
    "PatchesTheClock": None,
    "PatchesBuiltins": None,
    "LiftsTheLimit": None,
    "KillsAllThreads": None,
    "HasNoRepr": UNHARMED,
    "GivesNonsense": "a reply must have a text, got 7",
    "GivesALiar": "a reply must have a text, got <a Liar whose repr raised RuntimeError>",
    "GivesWhatCannotBeAsked": "RuntimeError('no __class__')",
    "LiesAboutItsText": "text='nothing of the kind'",
    "RaisesWhatCannotBePrinted": "str() of the exception raised RuntimeError",
    "YieldsForEver": "FAILED",
}

ISOLATED = {
    "AllocatesWithoutEnd": "MemoryError(",
    "ComputesWithoutEnd": HUNG,
    "Crashes": "the adapter ended the process: it was ended by SIGSEGV",
    "ExitsUnseen": "the adapter ended the process: it ended with exit code 3",
    "ClosesEverything": "the adapter ended the process: it ended with exit code 0",
    "StopsItself": HUNG,
    # and what needs none of it
    "Spins": HUNG,
    "Exits": "the adapter ended the process: os._exit(3)",
    "KillsAllThreads": UNHARMED,
    "ForksAndSpins": UNHARMED,
    "RaisesKeyboardInterrupt": "KeyboardInterrupt(",
    "LiesAboutItsText": "text='nothing of the kind'",
    "YieldsForEver": "FAILED",
}

USUAL = {
    "HoldsTheLoop",
    "Spins",
    "Exits",
    "RaisesKeyboardInterrupt",
    "ClosesStdout",
    "Crashes",
}  # of all of which it takes minutes


def most(names: Iterable[str]) -> list[Any]:
    return [pytest.param(n, marks=() if n in USUAL else pytest.mark.proof) for n in names]


@pytest.fixture(autouse=True)
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """With the adapters in it; nothing may run on when the test is over."""
    mark = uuid.uuid4().hex
    monkeypatch.setenv("HOSTILE_RUN", mark)
    shutil.copy(Path(__file__).with_name("hostile.py"), pytester.path)
    yield
    time.sleep(0.05)
    assert _running(mark) == []


def _running(mark: str) -> list[str]:
    """Processes that have the mark in their environment."""
    found = []
    for environment in Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark.encode() in environment.read_bytes():
                found.append(environment.parent.name)
        except OSError:
            continue
    return found


def survived(pytester: pytest.Pytester, name: str, says: str | None, *options: str, ask: str = FIRST) -> None:
    if name == "YieldsForEver":
        first, after = "conformance/streaming::STR-001[{}/plain]", "conformance/streaming::STR-002[{}/one-final-event]"
    else:
        first, after = ask, NEXT
    ids = [first.format(name), after.format(name)]
    given = [*BUSY, "-v", f"--provider=hostile:{name}", *ids, *options]
    result = pytester.runpytest_subprocess(*given, timeout=SECONDS)
    found = words(result)
    assert found.get(ids[1]) == "PASSED", result.outlines
    assert "INTERNALERROR" not in "\n".join(result.outlines + result.errlines)
    if says is not None:
        assert found[ids[0]] == ("FAILED" if says else "PASSED")
        assert says in re.sub(r"\s+", " ", "\n".join(result.outlines))
    assert result.ret == (1 if "FAILED" in found.values() else 3 if "kit error" in result.outlines else 0)


@pytest.mark.parametrize("name", most(ADAPTERS))
def test_it_costs_one_case(pytester: pytest.Pytester, name: str) -> None:
    survived(pytester, name, ADAPTERS[name])


@pytest.mark.parametrize("name", most(ISOLATED))
def test_in_a_process_of_its_own(pytester: pytest.Pytester, name: str) -> None:
    survived(pytester, name, ISOLATED[name], "--conformance-isolate")


@pytest.mark.parametrize(
    ("name", "options"), [("Spins", ()), ("Spins", ("--conformance-isolate",)), ("Crashes", ("--conformance-isolate",))]
)
def test_several_calls_at_once(pytester: pytest.Pytester, name: str, options: tuple[str, ...]) -> None:
    says = HUNG if name == "Spins" else ISOLATED[name]
    survived(pytester, name, says, *options, ask=AT_ONCE)
