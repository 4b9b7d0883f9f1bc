"""What the replay server costs per exchange, against a bare server that answers the same bytes without a look.

The client is the same, and its own work is most of an exchange: this is what an adapter's call takes longer because the
server parses, logs and plays a script.
"""

from __future__ import annotations

from benchmarks.exchanges import HUNDRED_EVENTS, ONE_KIB, bare_server, reused_client
from benchmarks.figures import Cost, Figure, shuffled
from conformance.replay.http import frame
from conformance.replay.script import Script
from conformance.replay.server import ReplayServer

AIM = 1.2
SECOND = 1.0


def measure(rounds: int) -> list[Figure]:
    return [
        *_compared("1 KiB of JSON", ONE_KIB, 200, rounds),
        *_compared("100 events of SSE", HUNDRED_EVENTS, 50, rounds),
    ]


def _compared(what: str, script: Script, count: int, rounds: int) -> list[Figure]:
    with bare_server(frame(script, "POST").wire) as url, ReplayServer() as server:

        def replayed() -> Cost:
            with server.scene(lambda exchange: script) as scene:
                return reused_client(scene.base_url, count)

        pairs = [shuffled({"bare": lambda: reused_client(url, count), "replay": replayed}) for _ in range(rounds)]
    return [
        Figure(f"replay server / bare server, {what}", [p["replay"].wall / p["bare"].wall for p in pairs], "x", AIM),
        Figure(f"replay server, {what}", [count * SECOND / p["replay"].wall for p in pairs], "exchanges/s"),
    ]
