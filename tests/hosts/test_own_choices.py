"""What the contract leaves to the adapter is no fault of it."""

from __future__ import annotations

import pytest

from conformance import catalogue
from conformance.bench import Bench
from conformance.examination import Examination
from conformance.provider import resolve
from conformance.verdict import Result

HEALTH = ("HLT-001", "HLT-002", "HLT-003", "HLT-006", "HLT-008")
EMBEDDINGS = ("EMB-001", "EMB-007", "EMB-010", "EMB-011", "EMB-012", "REQ-022")
PAUSES = ("RAT-010", "RAT-011", "FLO-009", "CON-001")


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("OpenAIByModel", HEALTH),
        ("ResponsesByModel", HEALTH),
        ("AnthropicByModel", HEALTH),
        ("GeminiByModel", HEALTH),
        ("CohereByModel", HEALTH),
        ("BedrockByModel", HEALTH),
        ("LooksForItsModel", HEALTH),
        ("EmbedsWithAnother", EMBEDDINGS),
        ("WatchesItsPool", PAUSES),
    ],
)
def test_it_is_as_right(name: str, asked: tuple[str, ...]) -> None:
    with Bench() as bench:
        examination = Examination(resolve([f"tests.hosts.own_choices:{name}"], {})[0], bench, catalogue.load())
        judged = {e.id: examination.verdict(e) for e in examination.exams if e.requirement.id in asked}
    wrong = {
        id: v.reason or v.headline for id, v in judged.items() if v.result not in (Result.PASS, Result.UNSUPPORTED)
    }
    assert not wrong
    assert sum(v.result is Result.PASS for v in judged.values()) >= 4
