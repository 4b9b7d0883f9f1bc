"""Every real recording of Cohere's API, version 2: the reply that it tells, or an error of a plausible kind."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator

import pytest

from conformance.reference import CohereChat
from conformance.replay.server import ReplayServer
from tests.corpus.cohere_chat import play, recordings, said
from tests.corpus.exchanges import ABSENT, Recording, present
from tests.corpus.player import Outcome, agree

if not present():
    pytest.skip(ABSENT, allow_module_level=True)

ALL = list(recordings())
every = pytest.mark.parametrize("recording", ALL, ids=lambda r: r.id)
every_stream = pytest.mark.parametrize("recording", [r for r in ALL if r.is_event_stream], ids=lambda r: r.id)


@pytest.fixture(scope="module")
def server() -> Iterator[ReplayServer]:
    with ReplayServer() as running:
        yield running


def test_there_are_some() -> None:
    assert len(ALL) >= 25


@every
def test_the_reply_is_what_the_recording_says(recording: Recording, server: ReplayServer) -> None:
    outcome = asyncio.run(play(recording, server))
    agree(outcome, said(recording))
    if recording.status != 200:
        assert outcome.error is not None
        assert outcome.error.status == recording.status
        assert json.loads(recording.body)["message"] in str(outcome.error)


@every_stream
def test_one_byte_a_read_changes_nothing(recording: Recording) -> None:
    async def bytewise() -> AsyncIterator[bytes]:
        for i in range(len(recording.body)):
            yield recording.body[i : i + 1]

    async def read() -> Outcome:
        outcome = Outcome()
        async for event in CohereChat("").events(bytewise()):
            outcome.events.append(event)
            outcome.answer = getattr(event, "reply", None)
        return outcome

    agree(asyncio.run(read()), said(recording))
