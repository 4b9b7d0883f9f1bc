"""A case that looks at nothing proves nothing."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.suites import CLAUSES
from conformance.then import Then
from tests.core.suites.evidence import judged


@pytest.mark.parametrize(
    "then",
    [
        {},
        {"either": []},
        {"either": [{}]},
        {"either": [{}, {"reply": {"text": "Hi"}}]},
        {"sent": {}},
        {"sent": {"legal": False, "same": [], "header": {}}},
        {"stream": {}},
        {"stream": {"one_end": False, "incremental": False}},
        {"secret_not_in": []},
        {"reply": None, "error": None, "vectors": None, "healthy": None},
    ],
    ids=str,
)
def test_a_case_that_looks_at_nothing_counts_nothing(then: dict[str, Any]) -> None:
    assert judged(then) == ([], 0)


def test_every_field_of_then_has_its_clause() -> None:
    assert set(CLAUSES) | {"either"} == set(Then.model_fields)
