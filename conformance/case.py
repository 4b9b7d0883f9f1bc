"""A case: what to ask, what the wire answers, and what must have been sent and come back."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from conformance.ask import Adapter, Ask
from conformance.contract import ErrorKind
from conformance.data import Data
from conformance.then import Then
from conformance.trace import Close, End, Fault

Law = Literal["framing", "json", "cut", "parity", "text", "history", "at-once", "noise", "ways"]
Again = Literal[
    "last",  # the last event
    "comment",  # what no event is made of: a comment, an empty line
    "ping",  # an event of a foreign name
    "space",  # white space, which ends no event
    "megabyte",  # a million of it
]
How = Literal["in_turn", "together", "loops", "threads", "while_open"]
SLOW = 0.1  # seconds between two pieces, or of the host, that make a case one that takes long
SILENT: tuple[Fault, ...] = ("silence", "silence_in_head", "slow_head")


class Wire(Data):
    """One answer: from a cassette, as an error of the dialect, as a raw body, or a fault of the connection."""

    cassette: str | None = None
    folder: str | None = Field(None, description="where the cassette lies, if not among the kit's own")
    error: ErrorKind | None = None
    body: str | dict[str, str] | None = Field(
        None, description="a raw body, or one for each dialect that tells it; backslash escapes of bytes as \\xNN"
    )
    fault: Fault | None = None
    status: int | None = None
    headers: dict[str, str] = {}
    transform: str | list[str] = []
    embeds: bool = Field(False, description="a vector for each text that was sent, told by the text alone")
    echo_tool: bool = Field(False, description="the call is of the first tool that was sent, by the name that was sent")
    close: End = "complete"
    hold_after: str | None = Field(
        None, description="the event with this text, or {headers}, until the host has what came"
    )
    gap: float = 0.0
    again: Again | None = Field(None, description="what comes after that, again and again")
    times: int | None = Field(None, description="how often; None: until the host leaves")
    promise: int | None = None
    afterwards: Close | None = Field(None, description="how the server closes the connection after the answer")


class EachStream(Data):
    """Makes a case of every streaming case: the same question, its wire changed."""

    transform: str | list[str] = []
    close: End = "complete"
    cut: bool = Field(False, description="the answer cannot be whole: an error must come after what was delivered")


class Part(Data):
    """One of several calls."""

    ask: Ask = Ask()
    wire: Annotated[list[Wire], Field(min_length=1)] | Wire = Wire()
    then: Then = Then()


class Several(Data):
    """Several calls in place of one. What is asked at once is told apart by the text of its last message."""

    how: How = Field(
        "in_turn",
        description="one after the other; at once, in one event loop or, without any, in threads; in event loops "
        "of their own, one after the other; in threads of their own, at once; one after the other, while the first, a "
        "stream that has given its first text, is open",
    )
    adapters: Literal["one", "each"] = Field("one", description="for all of them, or for each, with a key of its own")
    of: list[Part] = []
    times: int = Field(1, description="how often these are asked")
    closes: int = Field(1, description="how often the adapter is closed in the end")


class Case(Data):
    case: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    proves: str
    about: str = ""
    dialect: str | None = Field(None, description="the only dialect in which there is such a thing; None: any")
    needs: list[str] = Field([], description="beyond what its requirement needs")
    lacks: list[str] = Field([], description="beyond what its requirement wants undeclared")
    after: list[str] = Field([], description="beyond what its requirement comes after")
    alone: bool = Field(False, description="not taken for each_stream")
    law: Law | None = Field(None, description="what is drawn anew for every example, and must hold of each")
    adapter: Adapter = Adapter()
    ask: Ask = Ask()
    wire: Annotated[list[Wire], Field(min_length=1)] | Wire = Wire()
    several: Several | None = None
    then: Then = Then()
    each_stream: EachStream | None = None

    @property
    def answers(self) -> list[Wire]:
        return self.wire if isinstance(self.wire, list) else [self.wire]

    @property
    def parts(self) -> list[Case]:
        """The calls that it is made of, each as a case of its own."""
        if self.several is None:
            return [self]
        told = [{"ask": p.ask, "wire": p.wire, "then": p.then, "several": None} for p in self.several.of]
        return [self.model_copy(update=part) for part in told * self.several.times]

    @property
    def waits(self) -> bool:
        """Whether most of it is waiting. The wire falls silent, or has nothing new to say, while the host listens: it
        lasts until the adapter's own timeout, or until the call is cancelled. Or the wire takes its time, or the
        host does."""
        drips = any(wire.again is not None and wire.times is None for wire in self.answers)
        silent = any(wire.fault in SILENT or wire.close == "stall" for wire in self.answers)
        slow = any(wire.gap >= SLOW for wire in self.answers)
        return (silent or drips or slow or self.ask.pause >= SLOW) and self.ask.leave_after is None

    @property
    def plain_stream(self) -> bool:
        """A stream of which the whole is one cassette, untouched: what each_stream can be made of."""
        wire, judged = self.answers[0], self.then.reply or self.then.error
        untouched = len(self.answers) == 1 and bool(wire.cassette) and wire == Wire(cassette=wire.cassette)
        return self.ask.op == "stream" and untouched and judged is not None and not self.alone


class ManifestCase(Case):
    """A manifest by one requirement. Nothing is asked of the adapter."""

    case: str = Field(min_length=1, description="the file, from the project's root")
