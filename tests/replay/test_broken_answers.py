"""Answers that break off in the head, that never end, and connections that are closed after one."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import httpx
import pytest

from conformance.replay.playing import HALF_A_HEAD
from conformance.replay.script import Script
from conformance.replay.server import ReplayServer, Scene
from conformance.trace import ENDLESS, Close, Fault

PIECE = Script(headers=(("content-type", "text/event-stream"),), chunks=(b"data: x\n\n",), again=b": ping\n\n")


@pytest.fixture(scope="module")
def server() -> Iterator[ReplayServer]:
    with ReplayServer(patience=5.0) as server:
        yield server


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(verify=False, trust_env=False, timeout=3.0) as client:
        yield client


def asked(server: ReplayServer, scene: Scene) -> socket.socket:
    sock = socket.create_connection(("127.0.0.1", server.port), timeout=2.0)
    sock.sendall(b"GET " + httpx.URL(scene.base_url).path.encode() + b" HTTP/1.1\r\nhost: x\r\n\r\n")
    return sock


def test_a_head_is_cut_in_half(server: ReplayServer) -> None:
    with server.scene(lambda _: Script(fault="fin_in_head")) as scene, asked(server, scene) as sock:
        assert sock.recv(1000) == HALF_A_HEAD
        assert sock.recv(1000) == b""
    assert (scene.exchanges[0].status, scene.exchanges[0].ended) == (None, "fin")


def test_a_head_is_reset(server: ReplayServer) -> None:
    with server.scene(lambda _: Script(fault="reset_in_head")) as scene, asked(server, scene) as sock:
        assert sock.recv(1000) == HALF_A_HEAD
        with pytest.raises(ConnectionResetError):
            sock.recv(1000)


def test_a_head_falls_silent(server: ReplayServer) -> None:
    with server.scene(lambda _: Script(fault="silence_in_head")) as scene, asked(server, scene) as sock:
        assert sock.recv(1000) == HALF_A_HEAD
        sock.settimeout(0.1)
        with pytest.raises(TimeoutError):
            sock.recv(1000)


def test_a_head_comes_byte_by_byte(server: ReplayServer) -> None:
    with server.scene(lambda _: Script(fault="slow_head")) as scene, asked(server, scene) as sock:
        assert b"".join(sock.recv(1) for _ in range(5)) == HALF_A_HEAD[:5]
        assert len(sock.recv(1000)) < len(HALF_A_HEAD)
        assert scene.exchanges[0].stuck_at is not None
    assert scene.settle(1.0)


def test_a_head_has_no_end(server: ReplayServer) -> None:
    with server.scene(lambda _: Script(fault="endless_head")) as scene, asked(server, scene) as sock:
        came = b""
        while len(came) < 500_000:
            came += sock.recv(65536)
        assert b"\r\n\r\n" not in came
        assert came.count(b"\r\nX-More: ") > 400
    assert scene.settle(1.0)


def test_who_reads_headers_without_end_is_told_from_who_does_not(server: ReplayServer) -> None:
    with server.scene(lambda _: Script(fault="endless_head")) as scene, asked(server, scene) as sock:
        came = 0
        with suppress(ConnectionResetError):
            while more := len(sock.recv(1_000_000)):
                came += more
        assert scene.settle(5.0)
    assert came <= scene.exchanges[0].head + 1000
    assert scene.exchanges[0].head >= ENDLESS
    with server.scene(lambda _: Script(fault="endless_head")) as scene, asked(server, scene) as sock:
        assert sock.recv(1000)
        time.sleep(0.3)  # it is not read, and not closed
        assert 0 < scene.exchanges[0].head < ENDLESS


@pytest.mark.parametrize("fault", ["slow_head", "endless_head", "silence_in_head"])
def test_the_head_ends_with_patience(fault: Fault, client: httpx.Client) -> None:
    with (
        ReplayServer(patience=0.1) as server,
        server.scene(lambda _: Script(fault=fault)) as scene,
        pytest.raises(httpx.RemoteProtocolError),
    ):
        client.get(scene.base_url)


def test_a_piece_comes_again_until_the_client_leaves(server: ReplayServer, client: httpx.Client) -> None:
    with server.scene(lambda _: PIECE) as scene:
        with client.stream("GET", scene.base_url) as answer:
            came = b""
            for chunk in answer.iter_raw():
                came += chunk
                if len(came) > 10_000:
                    break
        assert came.startswith(b"data: x\n\n: ping\n\n: ping\n\n")
        assert scene.settle(1.0)
    [exchange] = scene.exchanges
    assert exchange.ended == "hung up"
    assert exchange.sent == b"data: x\n\n: ping\n\n"  # once


def test_a_piece_comes_so_often_and_the_answer_is_whole(server: ReplayServer, client: httpx.Client) -> None:
    script = Script(chunks=(b"[",), again=b" " * 1000, times=500)
    with server.scene(lambda _: script) as scene:
        assert client.get(scene.base_url).content == b"[" + b" " * 500_000
        assert scene.exchanges[0].ended == "complete"


@pytest.mark.parametrize("how", ["fin", "reset"])
def test_the_connection_is_closed_after_the_answer(how: Close, server: ReplayServer, client: httpx.Client) -> None:
    with server.scene(lambda _: Script(chunks=(b"{}",), sized=True, afterwards=how)) as scene:
        with asked(server, scene) as sock:
            head = sock.recv(1000)
            assert head.endswith(b"\r\n\r\n{}")
            assert b"connection" not in head.lower()
            if how == "fin":
                assert sock.recv(10) == b""
            else:
                with pytest.raises(ConnectionResetError):
                    sock.recv(10)
        for _ in range(3):  # a client that looks before it sends does not even notice
            assert client.get(scene.base_url).content == b"{}"
            assert scene.settle(1.0)
    assert scene.connections == 4


@pytest.mark.parametrize("script", [Script(fault="silence"), Script(end="stall"), PIECE])
def test_it_tells_when_it_is_stuck(script: Script, server: ReplayServer) -> None:
    with server.scene(lambda _: script) as scene:
        assert not scene.stuck(0.05)
        with asked(server, scene):
            assert scene.stuck(1.0)


def test_it_is_not_stuck_for_an_answer(server: ReplayServer, client: httpx.Client) -> None:
    with server.scene(lambda _: Script()) as scene:
        client.get(scene.base_url)
        assert not scene.stuck(0.05)


def test_a_thread_that_waits_is_freed(server: ReplayServer, client: httpx.Client) -> None:
    """And the scene goes on."""
    with server.scene(lambda exchange: Script(fault="silence" if exchange.path else None)) as scene:

        def wait() -> None:
            with pytest.raises(httpx.RemoteProtocolError):
                httpx.get(f"{scene.base_url}/silent", trust_env=False)

        thread = threading.Thread(target=wait)
        thread.start()
        assert scene.stuck(1.0)
        begun = time.monotonic()
        scene.hang_up()
        thread.join(2.0)
        assert not thread.is_alive()
        assert time.monotonic() - begun < 1.0
        assert client.get(scene.base_url).status_code == 200
    assert scene.exchanges[0].closed_at is None  # it was not the client
