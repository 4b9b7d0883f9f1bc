"""The server's life: where it listens, and what is left after it."""

from __future__ import annotations

import gc
import re
import socket
import sys
import threading

import httpx
import pytest

from conformance.replay.ports import QUIET_PORTS
from conformance.replay.script import Script
from conformance.replay.server import ReplayServer
from tests.replay.server.wire import STREAM, always, eventually, prefix


def test_no_url_of_ours_reads_as_a_status(server: ReplayServer) -> None:
    statuses = {400, 401, 402, 403, 404, 408, 409, 413, 422, 429, 498, 499, *range(500, 510), 520, 524, 529}
    assert server.port in QUIET_PORTS
    assert len(QUIET_PORTS) > 10_000
    assert not [port for port in QUIET_PORTS if any(str(status) in str(port) for status in statuses)]
    scenes = [server.scene(always(STREAM)) for _ in range(50)]
    assert len({scene.base_url for scene in scenes}) == 50
    for scene in scenes:
        assert re.fullmatch(rf"http://127\.0\.0\.1:{server.port}/[b-df-hj-np-tv-z]{{12}}", scene.base_url)
        scene.close()


def test_it_listens_on_loopback_only(server: ReplayServer) -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.2", server.port))  # free: so it is not 0.0.0.0 that is taken
        assert sock.getsockname() == ("127.0.0.2", server.port)


def test_small_writes_leave_at_once(server: ReplayServer, client: httpx.Client) -> None:
    with server.scene(always(STREAM)) as scene:
        client.get(scene.base_url)
        [connection] = scene._open()
        sock = connection.transport.get_extra_info("socket")
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_nothing_is_left_after_close(client: httpx.Client) -> None:
    before = set(threading.enumerate())
    server = ReplayServer().start()
    scene = server.scene(lambda exchange: STREAM if exchange.path else Script(fault="silence"))
    client.get(f"{scene.base_url}/idle")
    with socket.create_connection(("127.0.0.1", server.port), timeout=3.0) as sock:
        sock.sendall(b"GET " + prefix(scene.base_url) + b" HTTP/1.1\r\nhost: x\r\n\r\n")
        assert eventually(lambda: len(scene.exchanges) == 2)
        server.close()
        assert sock.recv(10) == b""
    server.close()
    assert scene.settle(1.0)  # nobody to wait for
    scene.release()
    scene.close()
    assert set(threading.enumerate()) == before
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port), timeout=1.0)
    gc.collect()  # an unclosed socket would be a ResourceWarning, so an error


def test_a_connection_that_comes_as_it_closes_is_not_leaked(monkeypatch: pytest.MonkeyPatch) -> None:
    leaked: list[str] = []
    gc.collect()
    monkeypatch.setattr(sys, "unraisablehook", lambda told: leaked.append(str(told.exc_value)))
    for _ in range(20):
        server = ReplayServer().start()
        clients = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(3)]
        server.close()
        for client in clients:
            client.close()
    gc.collect()
    assert leaked == []
