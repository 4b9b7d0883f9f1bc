"""Several examinations at once."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from conformance.bench import Bench
from conformance.verdict import Result
from tests.core.examination.adapters import GoesHome, KnowsOneAddress, Logs, Retries, Shouts, Small, UsesAnyKeyThereIs
from tests.core.examination.small import ANSWER, QUESTION, examined, told, verdicts


def test_examinations_in_threads_do_not_mix(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of these would be blamed for the others' sleeps, logs, hosts and variables."""
    monkeypatch.setattr(KnowsOneAddress, "address", "https://api.openai.com/v1")
    cases = [
        ANSWER,
        {**QUESTION, "case": "sleeps", "wire": {"error": "server"}, "then": {"waits_at_most": 0.05}},
        {**QUESTION, "case": "logs", "then": {"secret_not_in": ["logs"]}},
        {
            **QUESTION,
            "case": "variables",
            "adapter": {"env": {"OPENAI_API_KEY": "{key}"}},
            "then": {"sent": {"header": {"authorization": "Bearer {key}"}}},
        },
        {**QUESTION, "case": "door", "wire": {"fault": "refuse"}, "then": {"secret_not_in": ["logs"]}},
        {**QUESTION, "case": "no-variables", "then": {"sent": {"header": {"authorization": "Bearer {key}"}}}},
    ]
    adapters = [Small, Retries, Logs, UsesAnyKeyThereIs, GoesHome, KnowsOneAddress, Shouts, Small]

    def run(adapter: type) -> list[tuple[Any, ...]]:
        return [told(v) for v in verdicts(examined(adapter, bench, *cases)).values()]

    alone = [run(adapter) for adapter in adapters]
    start = threading.Barrier(len(adapters))

    def together(adapter: type) -> list[tuple[Any, ...]]:
        start.wait(10)
        return run(adapter)

    sleep = asyncio.sleep
    with ThreadPoolExecutor(len(adapters)) as pool:
        assert list(pool.map(together, adapters)) == alone
    assert asyncio.sleep is sleep
    assert {result for result, *_ in alone[0]} == {Result.PASS}
    assert all(Result.FAIL in {result for result, *_ in found} for found in alone[1:-1])
