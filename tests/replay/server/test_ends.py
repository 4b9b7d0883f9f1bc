"""Ends and faults."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from conformance.replay.script import Script
from conformance.replay.server import ReplayServer
from tests.replay.server.wire import PIECES, always, prefix, raw


def read_all(client: httpx.Client, url: str) -> tuple[bytes, str]:
    """What arrived, and the name of the exception that ended it, if any."""
    got = b""
    try:
        with client.stream("GET", url, timeout=0.3) as reply:
            for piece in reply.iter_raw():
                got += piece
    except httpx.TransportError as error:
        return got, type(error).__name__
    return got, ""


async def read_all_async(url: str) -> tuple[bytes, str]:
    got = b""
    async with httpx.AsyncClient(verify=False, trust_env=False, timeout=0.3) as client:
        try:
            async with client.stream("GET", url) as reply:
                async for piece in reply.aiter_raw():
                    got += piece
        except httpx.TransportError as error:
            return got, type(error).__name__
    return got, ""


@pytest.mark.parametrize("sized", [False, True])
@pytest.mark.parametrize(
    ("end", "error"),
    [("complete", ""), ("clean", ""), ("fin", "RemoteProtocolError"), ("reset", "ReadError"), ("stall", "ReadTimeout")],
)
def test_ends(server: ReplayServer, client: httpx.Client, end: str, error: str, sized: bool) -> None:
    script = Script(chunks=PIECES[:2], end=end, whole=100, sized=sized)  # type: ignore[arg-type]
    with server.scene(always(script)) as scene:
        assert read_all(client, scene.base_url) == (b"".join(PIECES[:2]), error)
        assert asyncio.run(read_all_async(scene.base_url)) == (b"".join(PIECES[:2]), error)
        assert scene.settle(1.0)
        for exchange in scene.exchanges:
            assert (exchange.status, exchange.ended, exchange.intended) == (200, end, 100)
            assert exchange.sent == b"".join(PIECES[:2])
            assert (exchange.closed_at is not None) == (end == "stall")


@pytest.mark.parametrize(
    ("fault", "error", "ended"),
    [
        ("fin", "RemoteProtocolError", "fin"),
        ("reset", "ReadError", "reset"),
        ("silence", "ReadTimeout", "stall"),
    ],
)
def test_faults(server: ReplayServer, client: httpx.Client, fault: str, error: str, ended: str) -> None:
    with server.scene(always(Script(chunks=PIECES, fault=fault))) as scene:  # type: ignore[arg-type]
        assert read_all(client, scene.base_url) == (b"", error)
        assert asyncio.run(read_all_async(scene.base_url)) == (b"", error)
        assert scene.settle(1.0)
        for exchange in scene.exchanges:
            assert (exchange.status, exchange.sent, exchange.ended) == (None, b"", ended)


def test_a_reset_is_an_rst_and_a_fin_is_none(server: ReplayServer) -> None:
    def ending(script: Script) -> bytes:
        with server.scene(always(script)) as scene:
            return raw(server, b"GET " + prefix(scene.base_url) + b" HTTP/1.1\r\nhost: x\r\n\r\n")

    assert ending(Script(fault="fin")) == b""
    with pytest.raises(ConnectionResetError):
        ending(Script(fault="reset"))


def test_silence_ends_with_patience(client: httpx.Client) -> None:
    with ReplayServer(patience=0.1) as server, server.scene(always(Script(fault="silence"))) as scene:
        with pytest.raises(httpx.RemoteProtocolError):
            client.get(scene.base_url)
        assert scene.settle(1.0)
        assert (scene.exchanges[0].ended, scene.exchanges[0].closed_at) == ("stall", None)


def test_a_fault_of_the_door_is_a_fault_of_the_kit_here(server: ReplayServer, client: httpx.Client) -> None:
    with server.scene(always(Script(fault="refuse"))) as scene:
        assert client.get(scene.base_url).status_code == 599
    assert "refuse happens before any request" in scene.errors[0]
