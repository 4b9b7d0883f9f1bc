"""A health check may ask any of the routes on which an Ollama answers; its address may come from OLLAMA_HOST."""

from __future__ import annotations

from typing import Any

import pytest

from conformance import catalogue
from conformance.bench import Bench
from conformance.contract import Health, ProviderError
from conformance.examination import Examination
from conformance.provider import resolve
from conformance.reference import Ollama
from conformance.verdict import Result


class AsksForTheVersion(Ollama):
    async def health(self) -> Health:
        try:
            data = await self.call("GET", "/api/version")
        except ProviderError as exc:
            return Health(ok=False, detail=str(exc))
        return Health(ok=isinstance(data, dict) and "version" in data)


class AsksAtTheRoot(Ollama):
    async def health(self) -> Health:
        try:
            async with self.open("GET", "/", None) as response:
                return Health(ok=await response.aread() == b"Ollama is running")
        except ProviderError as exc:
            return Health(ok=False, detail=str(exc))


class LooksFirst(Ollama):
    """Asks whether the server is there before it asks anything else."""

    async def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        if path != "/api/tags":
            async with self.open("GET", "", None) as response:
                assert await response.aread() == b"Ollama is running"
        return await super().call(method, path, body)


@pytest.mark.parametrize("adapter", [Ollama, AsksForTheVersion, AsksAtTheRoot])
def test_it_is_healthy_where_the_server_is(adapter: type[Ollama]) -> None:
    with Bench() as bench:
        subject = resolve([f"{adapter.__module__}:{adapter.__name__}"], {})[0]
        examination = Examination(subject, bench, catalogue.load())
        exams = [e for e in examination.exams if e.requirement.area == "health"]
        judged = {e.case.case: examination.verdict(e).result for e in exams}
    assert judged.pop("model-not-listed") is Result.UNSUPPORTED  # what it has is what it lists
    assert judged == dict.fromkeys(judged, Result.PASS)


def test_one_that_looks_first_is_recognised_and_answered() -> None:
    with Bench() as bench:
        examination = Examination(resolve([f"{__name__}:LooksFirst"], {})[0], bench, catalogue.load())
        assert examination.examiner.spoken.dialect.name == "ollama"
        exams = [e for e in examination.exams if e.requirement.id in ("RSP-001", "REQ-001", "EMB-001")]
        results = {examination.verdict(e).result for e in exams}
    assert results == {Result.PASS, Result.UNSUPPORTED}


class FoundByItsVariable(Ollama):
    def __init__(self, model: str = "m", timeout: float = 10.0) -> None:
        super().__init__(model=model, timeout=timeout)


def test_an_adapter_without_an_address_is_told_it_by_the_environment() -> None:
    with Bench() as bench:
        examination = Examination(resolve([f"{__name__}:FoundByItsVariable"], {})[0], bench, catalogue.load())
        exams = [e for e in examination.exams if e.requirement.id in ("REQ-001", "EMB-001", "HLT-001")]
        assert {examination.verdict(e).result for e in exams} == {Result.PASS}


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("", "http://127.0.0.1:11434"),
        ("0.0.0.0", "http://127.0.0.1:11434"),
        ("box", "http://box:11434"),
        ("box:1234", "http://box:1234"),
        ("https://ollama.com", "https://ollama.com"),
    ],
)
def test_forms_of_the_address(host: str, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_HOST", host)
    assert Ollama().base_url == address
