"""A client that hangs up is seen."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import httpx
import pytest

from conformance.replay.script import Script
from conformance.replay.server import ReplayServer
from tests.replay.server.wire import PIECES, STREAM, always, eventually, prefix

SLOW = [
    pytest.param(Script(delay=5.0), 0, id="delay"),
    pytest.param(replace(STREAM, gap=5.0), 1, id="gap"),
    pytest.param(replace(STREAM, hold_after=2), 2, id="hold"),
    pytest.param(replace(STREAM, end="stall"), 4, id="stall"),
    pytest.param(Script(fault="silence"), 0, id="silence"),
]


@pytest.mark.parametrize(("script", "chunks"), SLOW)
def test_a_hang_up_is_seen_within_a_second(server: ReplayServer, script: Script, chunks: int) -> None:
    with server.scene(always(script)) as scene:
        with socket.create_connection(("127.0.0.1", server.port), timeout=3.0) as sock:
            sock.sendall(b"GET " + prefix(scene.base_url) + b" HTTP/1.1\r\nhost: x\r\n\r\n")
            assert eventually(lambda: scene.exchanges)
            assert eventually(lambda: scene.exchanges[0].sent == b"".join(PIECES[:chunks]))
            assert not scene.settle(0.05)
            left = time.monotonic()
        assert scene.settle(1.0)
    [exchange] = scene.exchanges
    assert exchange.closed_at is not None
    assert left <= exchange.closed_at < left + 1.0
    assert exchange.ended == ("stall" if "stall" in (script.end, script.fault) or script.fault else "hung up")


def test_a_hang_up_in_the_middle_of_a_large_body_is_seen(server: ReplayServer) -> None:
    big = Script(chunks=(b"x" * 50_000_000,))  # more than the kernel takes
    with server.scene(always(big)) as scene:
        with socket.create_connection(("127.0.0.1", server.port), timeout=3.0) as sock:
            sock.sendall(b"GET " + prefix(scene.base_url) + b" HTTP/1.1\r\nhost: x\r\n\r\n")
            assert sock.recv(10) == b"HTTP/1.1 2"
            assert not scene.settle(0.05)
        assert scene.settle(1.0)
    assert (scene.exchanges[0].ended, scene.exchanges[0].closed_at is not None) == ("hung up", True)


def test_settle_waits_for_the_end_and_no_longer(server: ReplayServer, client: httpx.Client) -> None:
    with server.scene(always(replace(STREAM, hold_after=1))) as scene, ThreadPoolExecutor(1) as pool:
        call = pool.submit(client.get, scene.base_url)
        assert eventually(lambda: scene.exchanges)
        begun = time.monotonic()
        assert scene.settle(3.0)
        assert time.monotonic() - begun < 2.0
        assert call.result().status_code == 200
