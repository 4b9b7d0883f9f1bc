"""What one case left behind. Plain data: drivers and the server fill it, checks read it.

Times are seconds on `time.monotonic()`, the same clock for the adapter's side and the server's.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

End = Literal[
    "complete",  # the body ends as HTTP says
    "clean",  # a cut body, ended as if it were whole
    "fin",  # a cut body, then the connection closes in the middle of it
    "reset",  # a cut body, then RST
    "stall",  # silence after the chunks, until the client gives up or `patience` is over
]

Close = Literal["fin", "reset"]

Fault = Literal[
    "refuse",  # nobody listens on the port
    "connect_timeout",  # the connection is never made
    "bad_tls",  # https with a certificate that nobody trusts
    "fin",  # accepted, the request read, then closed without a byte
    "reset",  # the same with RST
    "silence",  # the request read, then nothing
    "fin_in_head",  # half of the headers, then closed
    "reset_in_head",  # the same with RST
    "silence_in_head",  # half of the headers, then nothing
    "slow_head",  # headers one byte at a time, without end
    "endless_head",  # header after header, as fast as the client takes them
]

ENDLESS = 20_000_000  # bytes of headers: more than any limit, 10 MB in Go, and the buffers of a connection hold


@dataclass
class Exchange:
    """One request as the server saw it, and what became of the answer."""

    method: str
    path: str  # below the scene's own prefix, as sent: "/v1/chat/completions"
    query: str
    headers: list[tuple[str, str]]  # names in lower case, in order
    body: bytes
    connection: int
    at: float
    operation: str | None = None  # "chat", "embeddings", "models"; None: no route of the dialect
    turn: int = 0  # which of the requests of the asked kind it is
    status: int | None = None  # of the answer, None when none was sent
    content_type: str = ""  # of the answer
    head: int = 0  # bytes of headers without end that were written
    sent: bytes = b""  # the answer's body, as far as it was written
    intended: int = 0  # bytes of the whole body, had nothing been cut
    ended: str = ""  # "complete", "cut", "fin", "reset", "stall", or "hung up" by the client
    closed_at: float | None = None  # when the client hung up before the end
    stuck_at: float | None = None  # when the server fell silent, or began to repeat itself
    held_at: float | None = None  # when the answer stopped at the script's hold_after
    released_at: float | None = None  # when the host showed that it had the chunks, None: it never did

    def header(self, name: str) -> str | None:
        """The first header of that name, or None."""
        return next((v for k, v in self.headers if k == name.lower()), None)

    def json(self) -> Any:
        """The body as JSON, or None where it is not JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


@dataclass
class Decision:
    """What the host does about an error: its own code says it, or a model of that (`conformance.failover.oracles`)."""

    does: str  # an action of the catalogue: "skip", "wait", "retry", "next", "stop"
    reason: str  # in the host's words
    wait: float | None = None  # seconds before it asks this provider again; None: as it likes
    by: str = ""  # whose code that was


@dataclass
class Failure:
    """An exception as the host would meet it. The fields are None where the exception lacks them."""

    type: str  # qualified name
    text: str  # str(exc)
    typed: bool  # carries one of the host's kinds
    kind: str | None = None
    status: int | None = None
    code: str | None = None
    retry_after: float | None = None
    provider: str | None = None
    deliberate: bool = False  # by a raise statement, with a sentence: no slip, whatever its type
    chained: bool = False  # has a cause or context
    itself: str = ""  # str, args and attributes, without its causes
    everything: str = ""  # str, repr, args and attributes, causes: where a secret could leak
    locals: str = ""  # of the adapter's own frames, where a case looks at them
    pickled: str = ""  # itself, where a case looks at that
    unprintable: list[str] = field(default_factory=list)  # "str() of the exception raised KeyError"
    where: str = ""  # innermost frame of the adapter, "file.py:12 in parse"
    decided: Decision | None = None  # what the host does about it, where the kit knows


# Types of failures that are no words of the adapter's, which runs in a process of its own.
LOST = {
    "crashed": "the adapter's process ended in the middle of the call",
    "garbage": "the adapter's process said what is not of the protocol",
}


@dataclass
class StreamEvent:
    kind: str  # "text", "reasoning", "done", "other"
    text: str
    at: float


@dataclass
class Outcome:
    """What the driver brings home from one call, in the contract's words."""

    reply: Any = None  # contract.Reply
    vectors: list[list[float]] | None = None
    models: list[str] | None = None
    health: Any = None  # contract.Health
    health_shown: str = ""  # repr of what the adapter gave for it
    events: list[StreamEvent] = field(default_factory=list)
    error: Failure | None = None
    nonsense: str = ""  # the result was not of the contract's shape: what it was
    mutated: str = ""  # the request object was changed: how
    provider: str = ""  # the adapter's own name, "" when it has none
    repr: str = ""  # repr and str of the adapter, where a secret could leak
    unprintable: list[str] = field(default_factory=list)  # "repr() of the adapter raised TypeError"
    said: str = ""  # by a process of the adapter's own, on its stderr
    reached: list[str] = field(default_factory=list)  # hosts that such a process tried to reach
    left_at: float | None = None  # when the host abandoned the stream, or cancelled the call
    cancelled: str = (
        ""  # "cancelled" where that is how the cancelled call ended, else what it did; "": nobody cancelled
    )
    ended_at: float | None = None  # when the cancelled call ended
    finished_at: float | None = None
    crashed: str = ""  # the driver itself failed: a fault of the kit


@dataclass(frozen=True)
class Held:
    """What is open or alive at one moment."""

    connections: int  # to the server, as the server sees it
    descriptors: int | None  # of the process, beside both ends of these; None where the system does not tell
    threads: int
    tasks: int  # of the event loop


@dataclass
class Imports:
    """Optional packages: those that the adapter's module imports, those that a call needs, and how it fails without
    each: `type`, `text` and `everything` of the error, or nothing."""

    own: list[str] = field(default_factory=list)
    used: list[str] = field(default_factory=list)
    absent: dict[str, dict[str, str]] = field(default_factory=dict)
    broken: dict[str, dict[str, str]] = field(default_factory=dict)


@dataclass
class Trace:
    """Everything about one case."""

    outcome: Outcome
    exchanges: list[Exchange] = field(default_factory=list)
    connections: int = 0
    sleeps: Sequence[float] = ()  # asked for and skipped; each has the time `at` which it was
    logs: str = ""
    output: str = ""  # printed, and warned of
    files: list[tuple[str, bytes]] = field(default_factory=list)  # written while it was built and called
    processes: list[str] = field(default_factory=list)  # started
    environment: dict[str, str] = field(default_factory=dict)  # variables that were set, "" for those unset
    changed: list[str] = field(default_factory=list)  # of the process: "the working directory", "json.loads"
    ended: list[str] = field(default_factory=list)  # how the adapter ended the process, or tried to: "os._exit(3)"
    built: bool = False  # the constructor ended well
    reached_at_build: list[str] = field(default_factory=list)  # hosts that building it looked for
    strays: list[str] = field(default_factory=list)  # requests to the server, but outside of the base URL
    trusted: bool = False  # the adapter took a certificate that nobody trusts
    breaches: list[str] = field(default_factory=list)  # hosts that the adapter tried to reach
    seconds: float = 0.0
    base_url: str = ""
    started: float = 0.0
    answered: list[str] = field(default_factory=list)  # the fixed address of each request brought here and answered
    parts: list[Trace] = field(default_factory=list)  # of several calls: the outcome and the exchanges of each
    held: list[Held] = field(default_factory=list)  # early in a row of calls, and after the last
    closed: Held | None = None  # after the adapter was closed
    closing: Failure | None = None  # what closing it raised
    imports: Imports = field(default_factory=Imports)
