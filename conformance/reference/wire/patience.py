"""A limit for all of an answer: a client's own timeout is for one read, and a byte now and then is enough for that."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from time import monotonic


@dataclass
class Awaited:
    """What every stream keeps: for how long the server has sent nothing of the answer. Whatever is of it sets this
    back; comments, pings and half of an event do not."""

    waited: float = field(default=0.0, kw_only=True, compare=False)  # seconds

    def wait(self, seconds: float, limit: float) -> None:
        self.waited += seconds
        if self.waited > limit:
            raise TimeoutError(f"nothing of the answer for {limit:g} seconds")


async def arriving(chunks: AsyncIterator[bytes], answer: Awaited, limit: float) -> AsyncIterator[bytes]:
    """The chunks as they come. What the host does between them is its own time."""
    since = monotonic()
    async for chunk in chunks:
        answer.wait(monotonic() - since, limit)
        yield chunk
        since = monotonic()


def arrived(chunks: Iterator[bytes], answer: Awaited, limit: float) -> Iterator[bytes]:
    """The same for a host that is not async."""
    since = monotonic()
    for chunk in chunks:
        answer.wait(monotonic() - since, limit)
        yield chunk
        since = monotonic()
