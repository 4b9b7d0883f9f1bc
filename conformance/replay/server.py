"""The replay server: one per process, in a thread, on 127.0.0.1, with a URL prefix for every scene.

    with ReplayServer() as server, server.scene(answer) as scene:
        ...                    # call the adapter with scene.base_url; `answer(exchange)` says what it gets
        scene.settle(1.0)      # let hang-ups arrive
        scene.exchanges        # what the server saw

A raw asyncio protocol, because only that is cheap enough: a plain answer is one callback and one write.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from contextlib import suppress
from functools import partial
from typing import Any, Self, TypeVar

from conformance.replay.http import Request, Wait, frame
from conformance.replay.playing import BEFORE_RESET, Halts, Playing
from conformance.replay.ports import listeners
from conformance.replay.script import Script
from conformance.trace import Exchange

T = TypeVar("T")
Answer = Callable[[Exchange], Script]

# Hosts classify errors by text, and the URL is often part of it: no token may read as a word.
LETTERS = "bdfgjkmvwxz"

THREAD = "conformance-replay"  # guard and clock leave threads of this prefix alone
KIT_ERROR = Script(599, sized=True, chunks=(b"the kit has no answer",))


async def _turns() -> None:
    """As many turns of the event loop as lie between a connection made and its first request read."""
    for _ in range(8):
        await asyncio.sleep(0)


class Scene:
    """One case's part of the server: its prefix, its answers, its log. Methods may be called from any thread."""

    def __init__(self, server: ReplayServer, token: str, answer: Answer) -> None:
        self.base_url = f"http://127.0.0.1:{server.port}/{token}"
        # The scene again, as its own origin, as that of another port, and as that of another name.
        self.places = {
            "here": self.base_url,
            "elsewhere": f"http://127.0.0.1:{server.other_port}/{token}",
            "localhost": f"http://localhost:{server.port}/{token}",
        }
        self.answer = answer  # called in the server's thread
        self.exchanges: list[Exchange] = []
        self.errors: list[str] = []  # tracebacks: faults of the kit, answered with 599
        self._server = server
        self._token = token
        self._halts = Halts()

    @property
    def connections(self) -> int:
        """Distinct TCP connections that carried a request of this scene."""
        return len({exchange.connection for exchange in self.exchanges})

    def release(self) -> None:
        """Frees the scripts that are stopped at their `hold_after`."""
        self._server._post(self._halts.release, time.monotonic())

    def stuck(self, timeout: float) -> bool:
        """Waits until an answer falls silent, or repeats itself, `timeout` seconds at most. True: one does."""
        return self._halts.stuck.wait(timeout)

    def open_connections(self, most: int, timeout: float) -> int:
        """How many are open; waits for those that are about to close until there are so few."""
        return self._server._call(self._shrink(most, timeout), otherwise=0)

    def settle(self, timeout: float) -> bool:
        """Waits until no exchange is in progress, `timeout` seconds at most. True: none is."""
        return self._server._call(self._settle(timeout), otherwise=True)

    def hang_up(self) -> None:
        """Aborts its connections, idle ones too. Nobody need wait for it any more."""
        self._halts.stuck.set()
        self._server._call(self._drop(), otherwise=None)

    def close(self) -> None:
        """Forgets the scene and aborts its connections. The log stays readable."""
        self._server._scenes.pop(self._token, None)
        self.hang_up()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def _settle(self, timeout: float) -> bool:
        await _turns()  # what is already on the way gets read
        end = time.monotonic() + timeout
        while (playing := [c.task for c in self._open() if c.task]) and (left := end - time.monotonic()) > 0:
            await asyncio.wait(playing, timeout=left)
        return not playing

    async def _shrink(self, most: int, timeout: float) -> int:
        await _turns()
        end = time.monotonic() + timeout
        while len(self._open()) > most and time.monotonic() < end:
            await asyncio.sleep(0.005)
        return len(self._open())

    async def _drop(self) -> None:
        for connection in self._open():
            connection.drop()
        await _turns()  # tasks and sockets end one turn later

    def _open(self) -> list[_Connection]:
        return [connection for connection in self._server._connections if connection.scene is self]


class ReplayServer:
    """Serves scenes from `start` to `close`, once.

    patience: seconds of silence before a stalled connection is closed.
    hold: seconds that a script stopped at its `hold_after` waits for the release.
    """

    def __init__(self, patience: float = 30.0, hold: float = 1.5) -> None:
        self.patience = patience
        self.hold = hold
        self.port = self.other_port = 0
        self.strays: deque[str] = deque(maxlen=100)  # "POST /v1/models": requests outside of any scene
        self._scenes: dict[str, Scene] = {}
        self._connections: set[_Connection] = set()
        self._accepted = 0
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None  # None: not serving
        self._stop = asyncio.Event()

    def start(self) -> Self:
        sockets = listeners()
        for listener in sockets:
            listener.listen(256)  # here, so that a failure is the caller's
        self.port, self.other_port = (listener.getsockname()[1] for listener in sockets[:2])
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(sockets, ready), name=THREAD, daemon=True)
        self._thread.start()
        ready.wait()
        return self

    def close(self) -> None:
        """Aborts all connections and ends the thread. May be called twice."""
        self._scenes.clear()
        self._post(self._stop.set)
        if self._thread:
            self._thread.join()

    @property
    def serving(self) -> bool:
        """Whether its thread lives."""
        return self._thread is not None and self._thread.is_alive()

    def scene(self, answer: Answer = lambda _: KIT_ERROR, token: str = "") -> Scene:
        """Opens a scene under a prefix of its own. Use it as a context manager, or close it."""
        token = token or "".join(secrets.choice(LETTERS) for _ in range(12))
        self._scenes[token] = scene = Scene(self, token, answer)
        return scene

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self, sockets: list[socket.socket], ready: threading.Event) -> None:
        # A loop of our own choice: the process may have a policy of its own.
        try:
            with asyncio.Runner(debug=False, loop_factory=asyncio.SelectorEventLoop) as runner:
                runner.run(self._serve(sockets, ready))
        finally:
            self._loop = None  # also where an adapter ended this thread

    async def _serve(self, sockets: list[socket.socket], ready: threading.Event) -> None:
        loop = self._loop = asyncio.get_running_loop()
        servers = [
            await loop.create_server(lambda: _Connection(self), sock=listener, backlog=256) for listener in sockets
        ]
        ready.set()
        await self._stop.wait()
        self._loop = None
        # asyncio leaks a connection that was accepted a moment before its server closes: accept no more, then close.
        for sock in (sock for server in servers for sock in server.sockets):
            loop.remove_reader(sock.fileno())
        await _turns()
        for server in servers:
            server.close()
        for connection in list(self._connections):
            connection.drop()
        await _turns()  # tasks and sockets end one turn later

    def _post(self, call: Callable[..., object], *args: object) -> None:
        """Has the server's thread call that, unless the server is closed."""
        if loop := self._loop:
            loop.call_soon_threadsafe(call, *args)

    def _call(self, job: Coroutine[Any, Any, T], otherwise: T) -> T:
        """What the job gives in the server's thread; `otherwise` where the server is closed."""
        if loop := self._loop:
            future = asyncio.run_coroutine_threadsafe(job, loop)
            while self.serving:
                with suppress(TimeoutError):
                    return future.result(1.0)
            return otherwise
        job.close()
        return otherwise


class _Connection(Playing):
    """One TCP connection, on which scenes may follow each other."""

    def __init__(self, server: ReplayServer) -> None:
        super().__init__(server.patience, server.hold)
        self._server = server
        self._number = server._accepted = server._accepted + 1
        self.scene: Scene | None = None  # of the latest request
        self._exchange: Exchange | None = None  # the latest

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._server._connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._server._connections.discard(self)

    def hung_up(self) -> None:
        if self._exchange:
            self._exchange.closed_at = time.monotonic()
            if self._exchange.ended != "stall":
                self._exchange.ended = "hung up"

    def malformed(self, reason: str) -> None:
        self._server.strays.append(f"malformed: {reason}")

    def respond(self, request: Request) -> Iterator[Wait]:
        path, _, query = request.target.partition("?")
        token, slash, rest = path[1:].partition("/")
        self.scene = scene = self._server._scenes.get(token)
        if not scene:
            self._server.strays.append(f"{request.method} {path}")
            self.transport.write(frame(Script(404, sized=True), request.method).wire)
            return
        method, _, headers, body, last = request
        exchange = Exchange(method, slash + rest, query, headers, body, self._number, at=time.monotonic())
        scene.exchanges.append(exchange)
        self._exchange = exchange
        try:
            script = scene.answer(exchange)
            if script.fault in ("refuse", "connect_timeout", "bad_tls"):
                raise ValueError(f"{script.fault} happens before any request: it needs a door")
            reply = frame(script, method)
        except BaseException:  # pytest.fail and its like are not Exceptions
            scene.errors.append(traceback.format_exc())
            script, reply = KIT_ERROR, frame(KIT_ERROR, method)
        exchange.intended = script.intended
        yield from self.play(scene._halts, exchange, script, reply)
        if script.afterwards == "reset":
            yield partial(asyncio.sleep, BEFORE_RESET)
            self.reset()
        elif last or not reply.reusable or script.afterwards:
            self.transport.close()
