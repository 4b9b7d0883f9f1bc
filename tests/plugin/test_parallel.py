"""The same verdicts, however the work is spread: over workers, over providers of several hosts, and side by side."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.plugin.runs import REFERENCE, counts, judge

HOSTS = [f"conformance.reference:{name}" for name in ("LaiosOpenAI", "CouncilOpenAI")]

# All kinds of cases, but not every stream in every framing: that would take minutes here.
SOME = "REQ or ERR or HLT or RAT or TOL or STR-001 or STR-007 or STR-018"

BROKEN = """
from conformance.reference import OpenAIChat


class Broken(OpenAIChat):
    '''Sends a temperature of its own, and takes every end of a stream for its end.'''

    def options(self, request):
        return {**super().options(request), "temperature": 1}

    def finished(self, answer):
        answer.done = True
        return super().finished(answer)


class Patient(OpenAIChat):
    '''Takes a timeout and does not use it.'''

    def __init__(self, timeout=1.0, **more):
        super().__init__(timeout=60.0, **more)
"""


@pytest.fixture(autouse=True)
def modules(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(broken=BROKEN)


def report(pytester: pytest.Pytester, name: str, *args: str, provider: str = REFERENCE) -> dict[str, Any]:
    """The JSON report without what may differ from run to run: times, and places on this machine."""
    judge(pytester, f"--conformance-report={name}.json", "-k", SOME, *args, provider=provider)
    text = Path(pytester.path, f"{name}.json").read_text("utf-8")
    text = re.sub(r'"seconds": [\d.e-]+', '"seconds": 0', text)
    text = re.sub(r'"time": "[^"]+"', '"time": ""', text)
    text = re.sub(r"127\.0\.0\.1:\d+(/[a-z]{12})?", "127.0.0.1", text)
    told: dict[str, Any] = json.loads(re.sub(r"call_[0-9a-f]{32}", "call_", text))
    return told


@pytest.mark.proof
def test_two_workers_and_one_process_give_the_same_report_for_providers_of_several_hosts(
    pytester: pytest.Pytester,
) -> None:
    providers = [f"--provider={spec}" for spec in (*HOSTS, "broken:Broken")]
    alone = report(pytester, "alone", *providers)
    spread = report(pytester, "spread", *providers, "-n", "2")
    assert alone == spread
    rows = {row["label"]: row for row in alone["providers"]}
    assert {label: row["host"] for label, row in rows.items()} == {
        "OpenAIChat": "native",
        "LaiosOpenAI": "laios",
        "CouncilOpenAI": "llm-council",
        "Broken": "native",
    }
    assert {label for label, row in rows.items() if row["counts"].get("fail")} == {"Broken"}
    assert {c["verdict"] for r in rows["Broken"]["requirements"] for c in r["cases"]} >= {"pass", "fail", "blocked"}
    assert alone["exit_code"] == 1


@pytest.mark.proof
def test_the_company_of_others_changes_no_verdict(pytester: pytest.Pytester) -> None:
    together = report(pytester, "together", "--provider=broken:Broken", f"--provider={HOSTS[0]}")
    (single,) = report(pytester, "single", provider="broken:Broken")["providers"]
    assert single in together["providers"]


@pytest.mark.parametrize(
    "how",
    [
        pytest.param(("--dist=loadscope",), marks=pytest.mark.proof),
        ("--dist=worksteal",),
        pytest.param(("--dist=each",), marks=pytest.mark.proof),
    ],
    ids=" ".join,
)
def test_whatever_way_the_work_is_spread(pytester: pytest.Pytester, how: tuple[str, ...]) -> None:
    result = judge(pytester, "-k", "ERR-026 or RAT-008 or STR-018 or REQ-001", "-n", "2", *how)
    assert set(counts(result)) == {"passed"}
    assert result.ret == 0


# --- waiting side by side (the verdicts: tests/core/test_waiting.py) ------------------------------


def test_what_hangs_beside_others_is_judged_alone(pytester: pytest.Pytester) -> None:
    result = judge(pytester, "-k", "ERR-026", provider="broken:Patient")
    assert counts(result).keys() >= {"failed"}
    result.stdout.fnmatch_lines(["ERR-026: the call hung"])


def test_one_that_waits_alone_has_no_company(pytester: pytest.Pytester) -> None:
    result = judge(pytester, "-k", "RAT-008 and silence")
    assert counts(result)["passed"] == 1


def test_who_debugs_gets_one_case_at_a_time(pytester: pytest.Pytester) -> None:
    result = judge(pytester, "-k", "ERR-026", "--pdb")
    assert result.ret == 0
