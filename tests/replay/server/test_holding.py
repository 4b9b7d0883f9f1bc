"""Holding back, until released or for a while."""

from __future__ import annotations

import time
from dataclasses import replace

import httpx
import pytest

from conformance.replay.server import ReplayServer
from tests.replay.server.wire import PIECES, STREAM, always


def test_a_held_stream_goes_on_when_released(server: ReplayServer, client: httpx.Client) -> None:
    with server.scene(always(replace(STREAM, hold_after=2))) as scene, client.stream("GET", scene.base_url) as reply:
        pieces = reply.iter_raw()
        early = [next(pieces), next(pieces)]
        shown = time.monotonic()
        scene.release()
        assert (*early, *pieces) == PIECES
    [exchange] = scene.exchanges
    assert exchange.held_at is not None
    assert exchange.released_at is not None
    assert exchange.held_at <= exchange.released_at
    assert exchange.released_at >= shown
    assert exchange.ended == "complete"


@pytest.mark.parametrize("hold_after", [0, 1, 4, 9])
def test_a_held_stream_goes_on_by_itself_after_a_while(
    server: ReplayServer, client: httpx.Client, hold_after: int
) -> None:
    with server.scene(always(replace(STREAM, hold_after=hold_after))) as scene:
        begun = time.monotonic()
        assert client.get(scene.base_url).content == b"".join(PIECES)
    assert time.monotonic() - begun >= 0.29
    [exchange] = scene.exchanges
    assert exchange.held_at is not None
    assert exchange.released_at is None


def test_a_release_is_for_the_stream_that_is_held_not_for_later_ones(
    server: ReplayServer, client: httpx.Client
) -> None:
    with server.scene(always(replace(STREAM, hold_after=1))) as scene:
        scene.release()
        client.get(scene.base_url)
    assert scene.exchanges[0].released_at is None
