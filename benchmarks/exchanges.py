"""Loopback exchanges by the client of the reference adapter, and the least that can answer them."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from benchmarks.figures import Cost
from conformance.replay.script import Script

QUESTION = json.dumps({"model": "kit-model", "messages": [{"role": "user", "content": "Name three rivers."}]}).encode()
HEADERS = {"Content-Type": "application/json", "Authorization": "Bearer no-key"}
ROUTE = "/v1/chat/completions"

ONE_KIB = Script(chunks=(json.dumps({"text": "x" * 1012}).encode(),))
HUNDRED_EVENTS = Script(
    headers=(("content-type", "text/event-stream"),),
    chunks=[b'data: {"choices":[{"index":0,"delta":{"content":"%03d"}}]}\n\n' % n for n in range(100)],
)


class _Constant(asyncio.Protocol):
    """Answers every `QUESTION` with the same bytes, and understands nothing else."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.seen = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.seen += data
        if self.seen.endswith(QUESTION):
            self.seen = b""
            self.transport.write(self.answer)


@contextmanager
def bare_server(answer: bytes) -> Iterator[str]:
    """Serves that constant from a thread, as the replay server does; yields the base URL."""
    loop = asyncio.SelectorEventLoop()
    server = loop.run_until_complete(loop.create_server(lambda: _Constant(answer), "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/bdfgjkmvwxzb"  # as long as a scene's
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()


def reused_client(base_url: str, count: int) -> Cost:
    """One client for `count` exchanges, warmed up."""

    async def all_of_them() -> Cost:
        async with httpx.AsyncClient(timeout=10) as client:
            await _exchange(client, base_url)
            started = time.perf_counter(), time.process_time()
            for _ in range(count):
                await _exchange(client, base_url)
            return _since(started)

    return asyncio.run(all_of_them())


def client_per_exchange(base_url: str, count: int) -> Cost:
    """A new event loop and a new client for each, as a fresh adapter per case needs them."""

    async def one() -> None:
        async with httpx.AsyncClient(timeout=10) as client:
            await _exchange(client, base_url)

    asyncio.run(one())
    started = time.perf_counter(), time.process_time()
    for _ in range(count):
        asyncio.run(one())
    return _since(started)


async def _exchange(client: httpx.AsyncClient, base_url: str) -> None:
    request = client.build_request("POST", base_url + ROUTE, headers=HEADERS, content=QUESTION)
    response = await client.send(request, stream=True)
    try:
        await response.aread()
    finally:
        await response.aclose()
    response.raise_for_status()


def _since(started: tuple[float, float]) -> Cost:
    wall, cpu = started
    return Cost(time.perf_counter() - wall, time.process_time() - cpu)
