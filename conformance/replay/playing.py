"""One answer as its script says: its pauses and faults, and where it stands still."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain, pairwise, repeat, takewhile

from conformance.replay.http import Connection, Reply, Wait
from conformance.replay.script import Script
from conformance.trace import ENDLESS, End, Exchange, Fault

HALF_A_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-More: "
MORE_HEADERS = b"%s\r\nX-More: " % (b"x" * 1000) * 64  # not so many of so few bytes that it takes long to send them
BEFORE_RESET = 0.005  # seconds: some clients drop what they have not yet read when the RST arrives


class Halts:
    """Where the answers of one scene stand still."""

    def __init__(self) -> None:
        self.holds: set[asyncio.Future[float]] = set()  # for the server's thread only
        self.stuck = threading.Event()  # an answer fell silent, or repeats itself

    def release(self, now: float) -> None:
        for hold in self.holds:
            if not hold.done():
                hold.set_result(now)


class Playing(Connection):
    """A connection on which scripts are played.

    patience: seconds of silence before it is closed.
    longest: seconds that a script stopped at its `hold_after` waits for the release.
    """

    def __init__(self, patience: float, longest: float) -> None:
        super().__init__()
        self._patience, self._longest = patience, longest

    def play(self, halts: Halts, exchange: Exchange, script: Script, reply: Reply) -> Iterator[Wait]:
        """Does what the script says; yields where that takes time, so never for a plain answer."""
        if script.delay:
            yield partial(asyncio.sleep, script.delay)
        if script.fault:
            yield from self._fail(halts, exchange, script.fault)
            return
        exchange.status = script.status
        count = len(reply.pieces)
        hold_after = None if script.hold_after is None else min(script.hold_after, count)
        stops = {count} if hold_after is None else {count, hold_after}
        if script.gap:
            stops.update(range(1, count))
        wire = reply.head
        for start, stop in pairwise([0, *sorted(stops)]):
            # Before the write: no reader may see what the log lacks.
            exchange.sent += b"".join(reply.bodies[start:stop])
            wire += b"".join(reply.pieces[start:stop])
            if stop == hold_after:
                yield from self._hold(halts, exchange, wire)
                wire = b""
            elif stop < count:
                yield from self.write(wire)
                yield partial(asyncio.sleep, script.gap)
                wire = b""
        if reply.again:
            yield from self.write(wire)
            exchange.sent += script.again  # once: nobody wants to read it so often
            often = repeat(reply.again) if script.times is None else repeat(reply.again, script.times)
            yield from self._drip(halts, exchange, often, script.gap)
            wire = b""
        if script.end in ("complete", "clean"):
            exchange.ended = script.end
            yield from self.write(wire + reply.tail)
        else:
            yield from self.write(wire)
            yield from self._end(halts, exchange, script.end)

    def _hold(self, halts: Halts, exchange: Exchange, wire: bytes) -> Iterator[Wait]:
        hold: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        halts.holds.add(hold)  # before the write: the release may be that quick
        exchange.held_at = time.monotonic()
        yield from self.write(wire)
        yield partial(asyncio.wait, {hold}, timeout=self._longest)
        halts.holds.discard(hold)
        exchange.released_at = hold.result() if hold.done() else None

    def _fail(self, halts: Halts, exchange: Exchange, fault: Fault) -> Iterator[Wait]:
        """What there is of an answer without a whole head, and its end."""
        if fault == "slow_head":
            yield from self._drip(halts, exchange, chain(_bytes(HALF_A_HEAD), repeat(b"x")), gap=0.02)
        elif fault == "endless_head":
            yield from self._drip(halts, exchange, _without_end(exchange), gap=0.0)
            fault = "reset" if exchange.head >= ENDLESS else fault
        elif fault.endswith("_in_head"):
            yield from self.write(HALF_A_HEAD)
        yield from self._end(halts, exchange, fault)

    def _drip(self, halts: Halts, exchange: Exchange, pieces: Iterable[bytes], gap: float) -> Iterator[Wait]:
        """Piece by piece, as long as there are any and the server has patience."""
        end = time.monotonic() + self._patience
        for piece in takewhile(lambda _: time.monotonic() < end, pieces):
            yield from self.write(piece)
            self._is_stuck(halts, exchange)
            yield partial(asyncio.sleep, gap)

    def _is_stuck(self, halts: Halts, exchange: Exchange) -> None:
        exchange.stuck_at = exchange.stuck_at or time.monotonic()
        exchange.ended = "stuck"  # until it goes on
        halts.stuck.set()

    def _end(self, halts: Halts, exchange: Exchange, how: End | Fault) -> Iterator[Wait]:
        """Ends the connection without ending the answer."""
        how = how.removesuffix("_in_head")  # type: ignore[assignment]
        if how == "reset":
            yield partial(asyncio.sleep, BEFORE_RESET)
        if how in ("silence", "stall"):
            self._is_stuck(halts, exchange)
            how = "stall"
        exchange.ended = how
        if how == "stall":
            yield partial(asyncio.sleep, self._patience)
        if how == "reset":
            self.reset()
        else:
            self.transport.close()


def _bytes(text: bytes) -> Iterator[bytes]:
    return (text[i : i + 1] for i in range(len(text)))


def _without_end(exchange: Exchange) -> Iterator[bytes]:
    """Headers, as many as nobody with any limit takes, and no more: the verdict is not to hang on who is faster."""
    yield HALF_A_HEAD
    while exchange.head < ENDLESS:
        yield MORE_HEADERS
        exchange.head += len(MORE_HEADERS)  # the connection has it: it takes no more before
