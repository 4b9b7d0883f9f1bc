"""Plays a recording to the reference adapter; tells what came of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from conformance.contract import Embeddings, Event, Message, ProviderError, Reply, Request
from conformance.reference import OpenAIChat
from conformance.replay.http import FRAMING
from conformance.replay.script import Script
from conformance.replay.server import ReplayServer
from tests.corpus.exchanges import Recording

ASKED = Request([Message("user", "Hi")])


@dataclass
class Outcome:
    answer: Reply | Embeddings | list[str] | None = None
    error: ProviderError | None = None
    events: list[Event] = field(default_factory=list)


async def play(recording: Recording, server: ReplayServer, made: type[Any] = OpenAIChat) -> Outcome:
    """Over the loopback server. Whatever is no ProviderError goes up."""
    with server.scene(lambda _: script(recording)) as scene:
        adapter, outcome = made(api_key="", base_url=scene.base_url, model="m", timeout=10), Outcome()
        try:
            if recording.operation == "generate":
                outcome.answer = await adapter.generate(ASKED)
            elif recording.operation == "stream":
                await _collect(adapter.stream(ASKED), outcome)
            elif recording.operation == "embed":
                outcome.answer = await adapter.embed(inputs(recording))
            else:
                outcome.answer = list(await adapter.list_models())
        except ProviderError as exc:
            outcome.error = exc
        finally:
            await adapter.close()
        return outcome


async def play_by_byte(recording: Recording, made: type[Any] = OpenAIChat) -> Outcome:
    """A stream, one byte a read, straight into the adapter: two million reads of a socket would take minutes."""
    outcome = Outcome()
    try:
        await _collect(made(api_key="", model="m").events(_bytes(recording.body)), outcome)
    except ProviderError as exc:
        outcome.error = exc
    return outcome


async def _bytes(body: bytes) -> AsyncIterator[bytes]:
    for i in range(len(body)):
        yield body[i : i + 1]


async def _collect(events: AsyncIterator[Event], outcome: Outcome) -> None:
    async for event in events:
        outcome.events.append(event)
        outcome.answer = getattr(event, "reply", None)


def inputs(recording: Recording) -> list[str]:
    """As many texts as were embedded; what they said is not looked at."""
    if "requests" in recording.request:
        return ["x"] * len(recording.request["requests"])
    given = recording.request.get("input")
    one = isinstance(given, str) or (bool(given) and isinstance(given[0], int))
    return ["x"] * (1 if one else len(given))


def script(recording: Recording) -> Script:
    """The answer. Some recorders dropped the content type, or put one of another exchange beside a stream."""
    headers = {"content-type": "application/json"} | recording.headers
    is_array = recording.body.lstrip().startswith(b"[")  # a stream too, where events were not asked for
    if recording.is_event_stream and not is_array and not headers["content-type"].startswith("text/event-stream"):
        headers["content-type"] = "text/event-stream"
    kept = tuple((name, value) for name, value in headers.items() if name not in FRAMING)
    return Script(recording.status, kept, (recording.body,))
