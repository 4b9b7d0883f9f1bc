"""One server for the tests of a file, and a client for each."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from conformance.replay.server import ReplayServer


@pytest.fixture(scope="module")
def server() -> Iterator[ReplayServer]:
    with ReplayServer(patience=5.0, hold=0.3) as server:
        yield server


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(verify=False, trust_env=False, timeout=3.0) as client:
        yield client
