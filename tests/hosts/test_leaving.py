"""How the drivers cancel, forget and ask again, and what they bring home of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any, ClassVar

import pytest

from conformance import drivers
from conformance.ask import Ask
from conformance.contract import Capabilities, Done, Reply, TextDelta
from conformance.drivers import Call
from conformance.drivers.llm_council import LLMCouncil
from conformance.reference.llm_council import GenerateResponse
from conformance.trace import Outcome


class Patient:
    """Waits for ever the first time, and answers the second."""

    name = "patient"
    capabilities = Capabilities()
    calls = 0
    ended: ClassVar[list[str]] = []

    async def generate(self, request: Any) -> Any:
        self.calls += 1
        if self.calls == 1:
            await self.wait()
        return Reply("Here.")

    async def wait(self) -> None:
        await asyncio.Event().wait()

    async def stream(self, request: Any) -> AsyncIterator[Any]:
        self.calls += 1
        try:
            yield TextDelta("He")
            if self.calls == 1:
                await self.wait()
            yield Done(Reply("Here."))
        finally:
            self.ended.append("stream")


class Swallows(Patient):
    async def wait(self) -> None:
        try:
            await super().wait()
        except asyncio.CancelledError:
            return


class Renames(Patient):
    async def wait(self) -> None:
        try:
            await super().wait()
        except asyncio.CancelledError:
            raise ValueError("gone") from None


class GoesOn(Patient):
    async def wait(self) -> None:
        try:
            await super().wait()
        finally:
            await asyncio.wait({asyncio.ensure_future(asyncio.Event().wait())}, timeout=2.0)


class Fails(Patient):
    async def wait(self) -> None:
        raise ValueError("by itself")


def told(adapter: Any, host: str = "native", **ask: Any) -> tuple[Outcome, list[str]]:
    """The outcome, and what the driver told the server, in order."""
    signals: list[str] = []
    names = ("first_event", "left", "stuck", "over")
    told: dict[str, Any] = {name: lambda name=name: signals.append(name) for name in names}
    return drivers.load(host).call(Call(lambda: adapter, Ask(**ask), 5.0, **told)), signals


def test_a_cancelled_call() -> None:
    out, signals = told(Patient(), cancel="waiting")
    assert (out.cancelled, out.error, out.reply) == ("cancelled", None, None)
    assert out.left_at is not None
    assert out.ended_at is not None
    assert out.ended_at - out.left_at < 0.5
    assert signals == ["stuck", "left", "over"]


def test_a_cancelled_stream_has_begun() -> None:
    out, signals = told(Patient(), op="stream", cancel="started")
    assert (out.cancelled, [e.text for e in out.events]) == ("cancelled", ["He"])
    assert "first_event" in signals


def test_it_is_asked_again() -> None:
    out, _ = told(Patient(), cancel="waiting", twice=True)
    assert out.cancelled == "cancelled"
    assert out.reply
    assert out.reply.text == "Here."


@pytest.mark.parametrize(
    ("adapter", "end"),
    [(Swallows, "an end without an error"), (Renames, "ValueError: gone"), (GoesOn, "not ended after 1.5 s")],
)
def test_a_cancellation_that_is_none(adapter: type[Patient], end: str) -> None:
    out, _ = told(adapter(), cancel="waiting")
    assert (out.cancelled, out.error, out.reply) == (end, None, None)
    assert (out.ended_at is None) == (adapter is GoesOn)


def test_a_call_that_fails_before_it_is_cancelled() -> None:
    out, _ = told(Fails(), cancel="waiting")
    assert (out.cancelled, out.left_at) == ("", None)
    assert out.error is not None
    assert out.error.text == "by itself"


@pytest.mark.parametrize("leave", ["close", "drop"])
def test_a_stream_is_left(leave: str) -> None:
    Patient.ended.clear()
    out, signals = told(Patient(), op="stream", leave_after=1, leave=leave)
    assert out.left_at is not None
    assert signals == ["first_event", "left"]
    assert Patient.ended == ["stream"]


def test_a_stream_is_left_and_asked_again() -> None:
    out, signals = told(Patient(), op="stream", leave_after=1, twice=True)
    assert out.reply.text == "Here."
    assert signals.count("left") == 2


def test_a_call_that_hangs_is_ended_upstream() -> None:
    call = Call(Patient, Ask(), 0.2, over=lambda: ended.append(time.monotonic()))
    ended: list[float] = []
    out = drivers.load("native").call(call)
    assert out.error is not None
    assert out.error.type == "hung"
    assert len(ended) == 1


class Council:
    async def supports(self, capability: str) -> bool:
        return True

    async def doctor(self) -> Any: ...

    async def generate(self, request: Any) -> Any:
        return self.texts() if request.stream else await asyncio.Event().wait()

    async def texts(self) -> AsyncIterator[GenerateResponse]:
        try:
            yield GenerateResponse(text="He")
            await asyncio.Event().wait()
        finally:
            Patient.ended.append("council")


def test_a_council_cancels_too() -> None:
    assert LLMCouncil().recognise(Council) is not None
    assert told(Council(), "llm-council", cancel="waiting")[0].cancelled == "cancelled"
    assert told(Council(), "llm-council", op="stream", cancel="started")[0].cancelled == "cancelled"


@pytest.mark.parametrize("leave", ["close", "drop"])
def test_a_council_leaves_too(leave: str) -> None:
    Patient.ended.clear()
    out, _ = told(Council(), "llm-council", op="stream", leave_after=1, leave=leave)
    assert out.left_at is not None
    assert Patient.ended == ["council"]


class Laios:
    calls = 0

    def generate(self, messages: Any, **_: Any) -> Any: ...

    def generate_stream(self, messages: Any, **_: Any) -> Iterator[str]:
        self.calls += 1
        try:
            yield "He"
            yield "re."
        finally:
            Patient.ended.append("laios")


@pytest.mark.parametrize("leave", ["close", "drop"])
def test_laios_leaves_too_and_asks_again(leave: str) -> None:
    Patient.ended.clear()
    out, signals = told(Laios(), "laios", op="stream", leave_after=1, leave=leave, twice=True)
    assert out.left_at is not None
    assert out.reply is not None
    assert out.reply.text == "Here."
    assert [e.text for e in out.events] == ["He"]
    assert (Patient.ended, signals.count("left")) == (["laios", "laios"], 2)
