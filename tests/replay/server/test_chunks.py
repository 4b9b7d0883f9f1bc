"""Chunks and framing."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import httpx
import pytest

from conformance.replay.http import frame
from conformance.replay.script import Script
from conformance.replay.server import ReplayServer
from tests.replay.server.wire import PIECES, STREAM, always


def test_every_chunk_is_one_read_sync(server: ReplayServer, client: httpx.Client) -> None:
    with server.scene(always(STREAM)) as scene, client.stream("GET", scene.base_url) as reply:
        assert tuple(reply.iter_raw()) == PIECES


def test_every_chunk_is_one_read_async(server: ReplayServer) -> None:
    single_bytes = [bytes([byte]) for byte in b"".join(PIECES) * 20]

    async def read(url: str) -> list[bytes]:
        async with (
            httpx.AsyncClient(verify=False, trust_env=False) as client,
            client.stream("GET", url) as reply,
        ):
            return [piece async for piece in reply.aiter_raw()]

    with server.scene(always(replace(STREAM, chunks=single_bytes))) as scene:
        assert asyncio.run(read(scene.base_url)) == single_bytes


def test_a_gap_separates_the_chunks_in_time(server: ReplayServer, client: httpx.Client) -> None:
    arrivals = []
    with (
        server.scene(always(replace(STREAM, gap=0.05))) as scene,
        client.stream("GET", scene.base_url) as reply,
    ):
        for _ in reply.iter_raw():
            arrivals.append(time.monotonic())
    assert len(arrivals) == len(PIECES)
    assert arrivals[-1] - arrivals[0] > 0.1


def test_a_delay_comes_before_the_headers(server: ReplayServer, client: httpx.Client) -> None:
    with server.scene(always(replace(STREAM, delay=0.4))) as scene:
        with pytest.raises(httpx.ReadTimeout):
            client.get(scene.base_url, timeout=0.1)
        assert scene.settle(1.0)
    assert (scene.exchanges[0].status, scene.exchanges[0].ended) == (None, "hung up")


def test_sized_answers_carry_their_length(server: ReplayServer, client: httpx.Client) -> None:
    with server.scene(always(replace(STREAM, sized=True))) as scene:
        reply = client.get(scene.base_url)
    assert reply.headers["content-length"] == str(len(b"".join(PIECES)))
    assert "transfer-encoding" not in reply.headers
    assert reply.content == b"".join(PIECES)


def test_an_empty_chunk_does_not_end_the_body(server: ReplayServer, client: httpx.Client) -> None:
    with server.scene(always(replace(STREAM, chunks=(b"a", b"", b"b")))) as scene:
        assert client.get(scene.base_url).content == b"ab"


@pytest.mark.parametrize("sized", [False, True])
def test_a_body_of_no_chunks_is_empty_and_ends(server: ReplayServer, client: httpx.Client, sized: bool) -> None:
    with server.scene(always(Script(chunks=(), sized=sized))) as scene:
        assert [client.get(scene.base_url).content for _ in range(2)] == [b"", b""]
        assert scene.connections == 1


def test_a_promise_too_long_is_a_broken_body(server: ReplayServer, client: httpx.Client) -> None:
    with (
        server.scene(always(Script(chunks=(b"short",), promise=50))) as scene,
        pytest.raises(httpx.RemoteProtocolError, match="received 5 bytes, expected 50"),
    ):
        client.get(scene.base_url)


def test_a_promise_too_short_cuts_the_body_and_spoils_nothing_after_it(
    server: ReplayServer, client: httpx.Client
) -> None:
    with server.scene(always(Script(chunks=(b"too long",), promise=3))) as scene:
        assert [client.get(scene.base_url).content for _ in range(3)] == [b"too"] * 3
        assert scene.connections == 3


@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("GET", 204), ("GET", 304)])
def test_answers_without_a_body_keep_the_connection(
    server: ReplayServer, client: httpx.Client, method: str, status: int
) -> None:
    with server.scene(always(Script(status=status, chunks=(b"never sent",)))) as scene:
        for _ in range(2):
            reply = client.request(method, scene.base_url)
            assert (reply.status_code, reply.content) == (status, b"")
    assert [exchange.sent for exchange in scene.exchanges] == [b"", b""]
    assert scene.connections == 1


@pytest.mark.parametrize(("status", "phrase"), [(429, "Too Many Requests"), (529, ""), (502, "Bad Gateway")])
def test_statuses_have_their_phrase(server: ReplayServer, client: httpx.Client, status: int, phrase: str) -> None:
    with server.scene(always(Script(status=status))) as scene:
        reply = client.get(scene.base_url)
    assert (reply.status_code, reply.reason_phrase) == (status, phrase)


def test_headers_are_the_scripts_and_the_framing_only() -> None:
    script = Script(headers=[("X-A", "1"), ("Content-Length", "9"), ("x-a", "2")], chunks=[b"hi"])
    assert frame(script, "GET").wire == (
        b"HTTP/1.1 200 OK\r\nX-A: 1\r\nx-a: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"
    )


def test_connections_are_kept_until_either_side_says_close(server: ReplayServer, client: httpx.Client) -> None:
    with server.scene(always(STREAM)) as scene:
        for _ in range(3):
            client.get(scene.base_url)
        assert scene.connections == 1
        client.get(scene.base_url, headers={"connection": "close"})
        client.get(scene.base_url)
        assert scene.connections == 2
        scene.answer = always(STREAM.with_headers({"connection": "close"}))
        client.get(scene.base_url)
        client.get(scene.base_url)
        assert scene.connections == 3
