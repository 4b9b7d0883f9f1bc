"""A stream of Gemini's without `alt=sse` is one JSON array: an adapter that reads it is as conformant."""

from __future__ import annotations

from conformance import catalogue
from conformance.bench import Bench
from conformance.examination import Examination
from conformance.provider import resolve
from conformance.verdict import Result


def test_an_adapter_that_reads_arrays_is_conformant() -> None:
    with Bench() as bench:
        examination = Examination(resolve(["tests.hosts.gemini_array:GeminiArray"], {})[0], bench, catalogue.load())
        verdicts = {e.id: examination.verdict(e) for e in examination.exams if e.case.ask.op == "stream"}
    bad = {
        id: v.headline or v.reason for id, v in verdicts.items() if v.result not in (Result.PASS, Result.UNSUPPORTED)
    }
    assert bad == {}
    assert sum(v.result is Result.PASS for v in verdicts.values()) > 250
