"""What the server does with one request: the answer, its cuts, its pauses, and how it ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from conformance.trace import Close, End, Fault

STREAMS = ("text/event-stream", "application/x-ndjson", "application/vnd.amazon.eventstream", "application/stream+json")


@dataclass(frozen=True)
class Script:
    """One answer. `chunks` are the body's pieces: each is one HTTP chunk and so one read of most clients."""

    status: int = 200
    headers: Sequence[tuple[str, str]] = (("content-type", "application/json"),)
    chunks: Sequence[bytes] = field(default=(b"",))
    end: End = "complete"
    whole: int | None = None  # length of the body before it was cut
    delay: float = 0.0  # seconds before the headers
    gap: float = 0.0  # seconds between chunks
    again: bytes = b""  # after the chunks, a piece that comes again and again
    times: int | None = None  # how often; None: until the client leaves
    hold_after: int | None = None  # stop after so many chunks until the host shows that it has them
    fault: Fault | None = None
    sized: bool = False  # content-length instead of chunked framing
    promise: int | None = None  # a content-length that is not the body's
    afterwards: Close | None = None  # what becomes of the connection, unannounced, when the answer is complete

    @property
    def body(self) -> bytes:
        return b"".join(self.chunks)

    @property
    def intended(self) -> int:
        return len(self.body) if self.whole is None else self.whole

    @property
    def streamed(self) -> bool:
        return self.header("content-type").startswith(STREAMS)

    def header(self, name: str) -> str:
        return next((v for k, v in self.headers if k.lower() == name), "")

    def with_headers(self, extra: dict[str, str]) -> Script:
        """A copy in which `extra` replaces the headers of the same name."""
        kept = [(k, v) for k, v in self.headers if k.lower() not in {n.lower() for n in extra}]
        return replace(self, headers=(*kept, *extra.items()))
