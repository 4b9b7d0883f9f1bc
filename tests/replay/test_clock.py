"""Virtual sleeping: what is recorded, what still waits, and that the real functions come back."""

from __future__ import annotations

import asyncio
import math
import subprocess
import sys
import threading
import time

import anyio
import httpx
import pytest

from conformance.replay.clock import MANY, virtual_sleep
from conformance.replay.script import Script
from conformance.replay.server import ReplayServer

LONG = 30.0  # nobody would wait that long here


def test_sleeps_are_recorded_and_not_waited_for() -> None:
    async def adapter() -> str:
        await anyio.sleep(LONG + 2)
        return await asyncio.sleep(LONG + 1, "result")

    begun = time.monotonic()
    with virtual_sleep() as delays:
        time.sleep(LONG)
        assert asyncio.run(adapter()) == "result"
    assert delays == [LONG, LONG + 2, LONG + 1]
    assert time.monotonic() - begun < LONG / 2


def test_a_skipped_sleep_still_lets_others_run() -> None:
    order = []

    async def other() -> None:
        order.append("other")

    async def adapter() -> None:
        task = asyncio.create_task(other())
        await asyncio.sleep(LONG)
        order.append("slept")
        await task

    with virtual_sleep():
        asyncio.run(adapter())
    assert order == ["other", "slept"]


def test_short_and_endless_sleeps_pass_through() -> None:
    async def adapter() -> None:
        await asyncio.sleep(0)
        await asyncio.sleep(0.005)
        await asyncio.wait_for(asyncio.sleep(math.inf), 0.05)

    with virtual_sleep() as delays:
        time.sleep(0.001)
        with pytest.raises(TimeoutError):
            asyncio.run(adapter())
    assert delays == []


@pytest.mark.parametrize("delay", [-1.0, math.nan])
def test_what_the_original_refuses_is_still_refused(delay: float) -> None:
    with virtual_sleep() as delays, pytest.raises(ValueError, match=r"negative|NaN|non-negative"):
        time.sleep(delay)
    assert delays == []


def test_worker_threads_of_the_adapter_are_recorded_and_the_kits_are_not() -> None:
    waited = []

    def work() -> None:
        begun = time.monotonic()
        time.sleep(0.1)
        waited.append(time.monotonic() - begun >= 0.09)

    with virtual_sleep() as delays:
        for name in ("worker", "conformance-replay"):
            thread = threading.Thread(target=work, name=name)
            thread.start()
            thread.join()
    assert delays == [0.1]
    assert waited == [False, True]


def test_the_servers_pauses_are_real() -> None:
    script = Script(chunks=(b"ok",), delay=0.1)
    with ReplayServer() as server, server.scene(lambda exchange: script) as scene, virtual_sleep() as delays:
        begun = time.monotonic()
        assert httpx.get(scene.base_url, verify=False, trust_env=False).content == b"ok"
        assert time.monotonic() - begun >= 0.09
    assert delays == []


def test_the_real_functions_come_back_even_after_a_failure() -> None:
    def functions() -> tuple[object, ...]:
        return time.sleep, asyncio.sleep, asyncio.tasks.sleep, anyio.sleep

    def case() -> None:
        with virtual_sleep():
            within.extend(functions())
            raise RuntimeError("the case failed")

    before, within = functions(), list[object]()
    with pytest.raises(RuntimeError, match="the case failed"):
        case()
    assert len(within) == 4
    assert not set(within) & set(before)
    assert functions() == before


def test_a_replacement_taken_by_name_is_real_again_afterwards() -> None:
    with virtual_sleep() as delays:
        taken, taken_async = time.sleep, asyncio.sleep
    begun = time.monotonic()
    taken(0.05)
    asyncio.run(taken_async(0.05))
    assert time.monotonic() - begun >= 0.09
    assert delays == []


def test_virtual_sleeps_nest() -> None:
    with virtual_sleep() as outer:
        with virtual_sleep() as inner:
            time.sleep(LONG)
        time.sleep(LONG + 1)
    assert (inner, outer) == ([LONG], [LONG + 1])


def test_a_heartbeat_does_not_spin_for_ever() -> None:
    async def adapter() -> None:
        while True:
            await asyncio.sleep(LONG)

    async def run() -> None:
        async with asyncio.timeout(0.5):
            await adapter()

    with virtual_sleep() as delays, pytest.raises(TimeoutError):
        asyncio.run(run())
    assert delays == [LONG] * MANY


def test_housekeeping_is_nobodys_pause() -> None:
    """Such as the task by which a client's pool watches its idle connections."""

    async def watch() -> None:
        while True:
            await asyncio.sleep(5)

    async def retried() -> None:
        await asyncio.sleep(LONG)

    async def run() -> None:
        watching = asyncio.create_task(watch())
        await asyncio.create_task(retried())
        await asyncio.sleep(LONG + 1)
        assert not watching.done()

    with virtual_sleep() as delays:
        asyncio.run(run())
    assert delays == [LONG, LONG + 1]


def test_anyio_is_not_imported_for_this() -> None:
    code = (
        "import sys; from conformance.replay.clock import virtual_sleep\n"
        "with virtual_sleep(): pass\n"
        "print('anyio' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
