"""The key is in nothing that the kit says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conformance.bench import Bench
from conformance.canary import CANARY
from conformance.verdict import Result
from tests.core.examination.adapters import Small, TellsEverybody
from tests.core.examination.small import ANSWER, GOOD, QUESTION, examined, one, verdicts

LEAKS: list[dict[str, Any]] = [
    {"wire": {"error": "auth"}, "then": {"error": {"kind": ["server"]}}},
    {"then": {"reply": {"text": "x"}}},
    {"then": {"sent": {"legal": True, "known": True, "only": ["model"], "same": ["messages"]}}},
    {"then": {"sent": {"header": {"authorization": "x"}, "no_header": ["authorization"], "path": "/x"}}},
    {"then": {"secret_not_in": ["error", "logs", "repr", "url", "body"]}},
    {"ask": {"op": "stream"}, "then": {"stream": {"delivered": "x"}, "sent": {"legal": True}}},
    {"ask": {"op": "embed"}, "then": {"vectors": [[1.0]], "unchanged": True}},
    {"ask": {"op": "list_models"}, "then": {"models": ["x"]}},
    {"adapter": {"api_key": None}, "then": {"sent": {"header": {"authorization": "Bearer {key}"}}}},
    {"wire": {"body": "{key} {key}", "status": 401}, "then": {"reply": {"text": "x"}}},
    {"wire": {"fault": "refuse"}, "then": {"error": {"kind": ["network"], "says": ["x"]}}},
]


def test_the_key_is_in_no_verdict(bench: Bench) -> None:
    cases = [{**QUESTION, "wire": GOOD, **leak, "case": f"leak-{i}"} for i, leak in enumerate(LEAKS)]
    found = verdicts(examined(TellsEverybody, bench, *cases))
    assert {v.result for v in found.values()} == {Result.FAIL}
    for name, verdict in found.items():
        assert CANARY not in json.dumps(verdict.as_data()), name
        assert CANARY not in str(verdict), name


def test_the_key_is_in_no_kit_error(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError(f"broken by {CANARY}")

    monkeypatch.setattr("conformance.examination.judge", broken)
    verdict = one(Small, bench, ANSWER)
    assert verdict.result is Result.KIT_ERROR
    assert "broken by <the key>" in verdict.reason
    assert CANARY not in json.dumps(verdict.as_data())
