"""A driver of one's own: found by its entry point, in at most forty lines, and its adapters are judged."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import httpx
import pytest

from conformance import catalogue, drivers
from conformance.bench import Bench
from conformance.examination import Examination
from conformance.provider import resolve
from conformance.verdict import Result


class Bird:
    """An adapter of that host, on httpx."""

    def __init__(self, base_url: str, api_key: str, model: str = "m", timeout: float = 10.0) -> None:
        self.url, self.model, self.timeout = base_url.rstrip("/"), model, timeout
        self.headers = {"Authorization": f"Bearer {api_key}"}

    async def say(self, messages: list[Any]) -> dict[str, Any]:
        async with httpx.AsyncClient(timeout=self.timeout, headers=self.headers, trust_env=False) as client:
            body = {"model": self.model, "messages": messages}
            answer = (await client.post(f"{self.url}/chat/completions", json=body)).raise_for_status().json()
        choice, usage = answer["choices"][0], answer.get("usage") or {}
        tokens = [usage.get(f"{name}_tokens") for name in ("prompt", "completion", "total")]
        return {"text": choice["message"]["content"], "why": choice["finish_reason"], "tokens": tokens}

    async def chat(self, messages: list[Any]) -> AsyncIterator[str]:
        yield (await self.say(messages))["text"]


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    point = EntryPoint("parrot", "tests.hosts.own_driver:Parrot", drivers.ENTRY_POINTS)
    monkeypatch.setattr(drivers, "entry_points", lambda group, name="parrot": [point] if name == "parrot" else [])
    drivers.load.cache_clear()
    yield
    drivers.load.cache_clear()


@pytest.mark.usefixtures("installed")
def test_it_is_found_recognises_its_adapters_and_they_are_judged() -> None:
    subject = resolve(["tests.hosts.test_own_driver:Bird"], {})[0]
    assert (subject.driver.host, subject.host_why) == ("parrot", "has say, chat")
    wanted = {"REQ-001": Result.PASS, "RSP-001": Result.PASS, "ERR-001": Result.PASS, "MAL-005": Result.FAIL}
    with Bench() as bench:
        examination = Examination(subject, bench, catalogue.load())
        found = {
            (e.requirement.id, examination.verdict(e).result) for e in examination.exams if e.requirement.id in wanted
        }
    assert found == set(wanted.items())


def test_forty_lines_are_enough() -> None:
    lines = (Path(__file__).with_name("own_driver.py")).read_text("utf-8").splitlines()
    assert len(lines) <= 40


def test_a_host_that_nobody_knows_is_none() -> None:
    with pytest.raises(KeyError):
        drivers.load("no-such-host")
