"""An adapter that asks somebody else."""

from __future__ import annotations

import socket

import pytest

from conformance.bench import Bench
from conformance.verdict import Result
from tests.core.examination.adapters import GoesHome, KnowsOneAddress
from tests.core.examination.small import ANSWER, QUESTION, examined, one


def test_an_adapter_that_calls_home_as_well(bench: Bench) -> None:
    verdict = one(GoesHome, bench, ANSWER)
    assert verdict.result is Result.FAIL
    assert verdict.headline == "the adapter tried to reach api.openai.com:443"


def test_an_adapter_that_never_comes_to_us(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(KnowsOneAddress, "address", "https://api.openai.com/v1")
    verdict = one(KnowsOneAddress, bench, QUESTION)
    assert verdict.headline == "the adapter tried to reach api.openai.com:443"
    assert list(verdict.wire) == ["[no request reached the server]"]


def test_no_packet_leaves(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        elsewhere.settimeout(0.2)
        port = elsewhere.getsockname()[1]
        monkeypatch.setattr(KnowsOneAddress, "address", f"http://127.0.0.1:{port}/v1")
        assert one(KnowsOneAddress, bench, QUESTION).headline == f"the adapter tried to reach 127.0.0.1:{port}"
        with pytest.raises(TimeoutError):
            elsewhere.accept()


def test_a_request_astray_is_told_every_time(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(KnowsOneAddress, "address", f"http://127.0.0.1:{bench.server.port}/v1")
    examination = examined(KnowsOneAddress, bench, QUESTION)
    for _ in range(120):  # the server remembers a hundred
        assert examination.verdict(examination.exams[0]).headline == "the request went past the base URL"
