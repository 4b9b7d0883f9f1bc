"""Adapters in JavaScript, by the shim that the kit has for Node: the references pass, and each fault is found."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from conformance import catalogue, reference
from conformance.bench import Bench
from conformance.examination import Examination
from conformance.provider import resolve
from conformance.refusal import BadProvider
from conformance.verdict import Result
from tests.hosts.judging import failed, results, verdicts

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="there is no node on PATH")

REFERENCE = Path(reference.__file__).parent / "node"
MUTANTS = Path(__file__).parent / "node" / "mutants.mjs"

# What finds it, and what is said of it.
FAULTS = {
    "TakesTheEndForTheAnswer": ("STR-007", "a broken stream was returned as an answer"),
    "ForgetsTheWait": ("RAT-001", "the wait that the provider asked for is lost"),
    "QuotesTheKey": ("AUT-007", "the API key is in the exception"),
    "ChangesTheRequest": ("REQ-021", "the host's request was changed"),
    "AsksElsewhere": ("SEC-013", "the adapter tried to reach telemetry.example.com:80"),
    "RaisesPlainErrors": ("ERR-001", "Error escaped in place of a provider error"),
    "GoesOnWhenCancelled": ("TIM-009", "a cancelled call goes on"),
    "FailsWhenCancelled": ("TIM-009", "the cancellation was swallowed"),
    "WaitsWhilePingsCome": ("TIM-006", "the call hung"),
    "CompletesTwice": ("STR-002", "more than one final event"),
    "IgnoresTheSignal": ("STR-016", "an abandoned stream goes on upstream"),
    "CompletesWhatFails": ("ERR-001", "a failure was returned as an answer"),
    "TellsAllAtTheEnd": ("STR-015", "the stream is buffered"),
    "ForgetsTheLastEvent": ("STR-001", "a good answer was turned into an error"),
    "KeepsTheReason": ("ERR-004", "the error is of kind unclassified, not rate_limit"),
    "DoneInPlaceOfError": ("ERR-001", "a failure was returned as an answer"),
    "ArgumentsAsText": ("RSP-004", "there is no reply"),
    "TwoFinals": ("STR-002", "more than one final event"),
    "MakesUpTheEnd": ("STR-007", "a broken stream was returned as an answer"),
    "HidesTheStatus": ("ERR-002", "the error is of kind other, not auth"),
    "AnswersWithNothing": ("MAL-001", "a failure was returned as an answer"),
    "AlwaysHealthy": ("HLT-002", "the health check is wrong"),
}


@pytest.mark.parametrize(
    "name",
    ["openai_chat", *(pytest.param(n, marks=pytest.mark.proof) for n in ("openclaw_guide", "openclaw", "agentos"))],
)
def test_the_reference_is_conformant(name: str) -> None:
    judged = verdicts(str(REFERENCE / f"{name}.mjs"))
    assert failed(judged, "MUST", "SHOULD", "MAY") == set()
    assert results(judged) == {Result.PASS, Result.UNSUPPORTED}


@pytest.mark.parametrize(("name", "requirement", "says"), [(n, *f) for n, f in FAULTS.items()], ids=list(FAULTS))
def test_a_fault_is_found(name: str, requirement: str, says: str) -> None:
    with Bench() as bench:
        (subject,) = resolve([f"{MUTANTS}#{name}"], {})
        examination = Examination(subject, bench, catalogue.load())
        found = [examination._judged(e) for e in examination.exams if e.requirement.id == requirement]
        subject.close()
    assert any(v.result is Result.FAIL and v.headline.startswith(says) for v in found), [v.headline for v in found]


def test_a_module_that_is_no_adapter(tmp_path: Path) -> None:
    (tmp_path / "nothing.mjs").write_text("export const answer = 42;\n", "utf-8")
    with pytest.raises(BadProvider, match="is no adapter that the shim knows: it exports answer"):
        resolve([str(tmp_path / "nothing.mjs")], {})


def test_a_module_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadProvider, match=r"cannot be used: there is no file .*nowhere\.mjs"):
        resolve([str(tmp_path / "nowhere.mjs")], {})


def test_an_address_that_cannot_be_told(tmp_path: Path) -> None:
    """As in the guide itself: whoever it asks is written into it."""
    (tmp_path / "fixed.mjs").write_text(
        "export default { id: 'fixed', async stream({ onComplete }) {\n"
        "  const response = await fetch('https://api.customllm.com/chat', { method: 'POST' });\n"
        "  onComplete({ fullText: await response.text() });\n} };\n",
        "utf-8",
    )
    with Bench() as bench:
        (subject,) = resolve([str(tmp_path / "fixed.mjs")], {})
        with pytest.raises(BadProvider, match="cannot be pointed at the kit's server"):
            _ = Examination(subject, bench, catalogue.load()).exams
        subject.close()
