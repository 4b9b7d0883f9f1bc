"""Every real recording of Gemini: the reply that it tells, or an error of a plausible kind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from conformance.contract import Event, Message, ProviderError, Request
from conformance.reference import Gemini
from conformance.replay.http import FRAMING
from conformance.replay.script import Script
from conformance.replay.server import ReplayServer
from tests.corpus.exchanges import ABSENT, present
from tests.corpus.gemini import Recording, answers, recordings, said
from tests.corpus.player import Outcome
from tests.corpus.test_recordings import agree
from tests.hosts.gemini_array import GeminiArray

if not present():
    pytest.skip(ABSENT, allow_module_level=True)


ASKED = Request([Message("user", "Hi")])
every = pytest.mark.parametrize("recording", recordings(), ids=lambda r: r.id)
streams = [r for r in recordings() if r.is_stream]


@pytest.fixture(scope="module")
def server() -> Iterator[ReplayServer]:
    with ReplayServer() as running:
        yield running


@every
def test_the_reply_is_what_the_recording_says(recording: Recording, server: ReplayServer) -> None:
    outcome = asyncio.run(play(recording, server, GeminiArray if recording.is_array else Gemini))
    agree(outcome, said(recording))
    if recording.status != 200:
        assert outcome.error
        assert outcome.error.status == recording.status
        assert answers(recording)[0]["error"]["message"][:60] in str(outcome.error)


@pytest.mark.parametrize("recording", [r for r in streams if not r.is_array], ids=lambda r: r.id)
def test_one_byte_a_read_changes_nothing(recording: Recording) -> None:
    """An array is not read so here: what has not ended is tried anew at each byte, which takes minutes."""
    agree(asyncio.run(play_by_byte(recording)), said(recording))


def test_there_are_many() -> None:
    assert len(recordings()) > 110
    assert len(streams) > 45


async def play(recording: Recording, server: ReplayServer, make: type[Gemini]) -> Outcome:
    with server.scene(lambda _: script(recording)) as scene:
        adapter, outcome = make(api_key="", base_url=scene.base_url, model="m", timeout=10), Outcome()
        try:
            if recording.operation == "generate":
                outcome.answer = await adapter.generate(ASKED)
            elif recording.operation == "stream":
                await collect(adapter.stream(ASKED), outcome)
            elif recording.operation == "embed":
                outcome.answer = await adapter.embed(["x"] * len(recording.request["requests"]))
            else:
                outcome.answer = list(await adapter.list_models())
        except ProviderError as exc:
            outcome.error = exc
        finally:
            await adapter.close()
        return outcome


async def play_by_byte(recording: Recording) -> Outcome:
    """Straight into the adapter: so many reads of a socket would take minutes."""

    async def bytewise() -> AsyncIterator[bytes]:
        for i in range(len(recording.body)):
            yield recording.body[i : i + 1]

    outcome = Outcome()
    try:
        await collect(Gemini(api_key="", model="m").events(bytewise()), outcome)
    except ProviderError as exc:
        outcome.error = exc
    return outcome


async def collect(events: AsyncIterator[Event], outcome: Outcome) -> None:
    async for event in events:
        outcome.events.append(event)
        outcome.answer = getattr(event, "reply", None)


def script(recording: Recording) -> Script:
    """The answer. Some recorders dropped the content type, or put one of another exchange beside a stream."""
    headers = {"content-type": "application/json"} | recording.headers
    if recording.is_stream and not recording.is_array:
        headers["content-type"] = "text/event-stream"
    kept = tuple((name, value) for name, value in headers.items() if name not in FRAMING)
    return Script(recording.status, kept, (recording.body,))
