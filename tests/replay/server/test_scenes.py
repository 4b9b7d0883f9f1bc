"""Many scenes at once, their answers, and requests of none."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from conformance.replay.script import Script
from conformance.replay.server import ReplayServer
from conformance.trace import Exchange
from tests.replay.server.wire import STREAM, always, eventually, prefix


def test_concurrent_calls_are_matched_to_their_scene(server: ReplayServer) -> None:
    def answer_of(name: int) -> Callable[[Exchange], Script]:
        return lambda exchange: Script(chunks=(b"%d " % name, exchange.body), gap=0.001)

    scenes = [server.scene(answer_of(number)) for number in range(4)]

    async def call_all() -> list[bytes]:
        async with httpx.AsyncClient(verify=False, trust_env=False) as client:
            calls = [client.post(scenes[n % 4].base_url, content=f"call {n}") for n in range(16)]
            return [reply.content for reply in await asyncio.gather(*calls)]

    assert asyncio.run(call_all()) == [f"{n % 4} call {n}".encode() for n in range(16)]
    assert [len(scene.exchanges) for scene in scenes] == [4, 4, 4, 4]
    for scene in scenes:
        scene.close()


def test_threads_may_open_use_and_close_scenes_at_once(server: ReplayServer) -> None:
    def case(number: int) -> tuple[bytes, int]:
        with (
            server.scene(lambda exchange: Script(chunks=(exchange.body,))) as scene,
            httpx.Client(verify=False, trust_env=False) as client,
        ):
            got = client.post(scene.base_url, content=b"%d" % number).content
            scene.settle(1.0)
            return got, len(scene.exchanges)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(case, range(64))) == [(b"%d" % n, 1) for n in range(64)]


def test_an_answer_that_raises_is_599_and_kept(server: ReplayServer, client: httpx.Client) -> None:
    def answer(exchange: Exchange) -> Script:
        raise KeyError("no such cassette")

    with server.scene(answer) as scene:
        assert client.get(scene.base_url).status_code == 599
        scene.answer = lambda exchange: pytest.fail("not an Exception")
        assert client.get(scene.base_url).status_code == 599
        scene.answer = always("not a script")  # type: ignore[arg-type]
        assert client.get(scene.base_url).status_code == 599
    assert "KeyError: 'no such cassette'" in scene.errors[0]
    assert "not an Exception" in scene.errors[1]
    assert "AttributeError" in scene.errors[2]
    assert [exchange.status for exchange in scene.exchanges] == [599, 599, 599]


def test_a_stray_request_is_404_and_kept(client: httpx.Client) -> None:
    with ReplayServer() as server:
        root = f"http://127.0.0.1:{server.port}"
        assert client.post(f"{root}/v1/messages?key=1").status_code == 404
        with server.scene(always(STREAM)) as scene:
            pass
        assert client.get(f"{scene.base_url}/late").status_code == 404
        assert list(server.strays) == ["POST /v1/messages", f"GET {httpx.URL(scene.base_url).path}/late"]
        assert scene.exchanges == []
        for _ in range(120):
            client.get(f"{root}/again")
        assert len(server.strays) == 100


def test_a_closed_scene_has_no_connection_left(server: ReplayServer) -> None:
    scene = server.scene(always(Script(fault="silence")))
    other = server.scene(always(STREAM))
    with (
        socket.create_connection(("127.0.0.1", server.port), timeout=3.0) as sock,
        httpx.Client(verify=False, trust_env=False) as client,
    ):
        sock.sendall(b"GET " + prefix(scene.base_url) + b" HTTP/1.1\r\nhost: x\r\n\r\n")
        assert eventually(lambda: scene.exchanges)
        client.get(other.base_url)
        scene.close()
        scene.close()
        assert sock.recv(10) == b""
        client.get(other.base_url)
        assert other.connections == 1  # not touched
    assert scene.exchanges[0].closed_at is None  # it was not the client
    other.close()
