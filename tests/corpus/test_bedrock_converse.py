"""Real recordings of Amazon Bedrock's Converse API, played to its reference adapter: nothing lost, nothing invented."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator

import pytest

from conformance.reference import BedrockConverse
from conformance.replay.server import ReplayServer
from tests.corpus.bedrock_converse import Recording, play, recordings, said
from tests.corpus.exchanges import ABSENT, present
from tests.corpus.player import Outcome, agree, collect

if not present():
    pytest.skip(ABSENT, allow_module_level=True)

ALL = list(recordings())
every = pytest.mark.parametrize("recording", ALL, ids=lambda r: r.id)
every_stream = pytest.mark.parametrize("recording", [r for r in ALL if r.events], ids=lambda r: r.id)


@pytest.fixture(scope="module")
def server() -> Iterator[ReplayServer]:
    with ReplayServer() as running:
        yield running


@every
def test_the_reply_is_what_the_recording_says(recording: Recording, server: ReplayServer) -> None:
    outcome = asyncio.run(play(recording, server))
    agree(outcome, said(recording))
    if recording.status != 200:
        assert outcome.error
        assert outcome.error.status == recording.status
        assert json.loads(recording.body)["message"][:60] in str(outcome.error)


@every_stream
def test_one_byte_a_read_changes_nothing(recording: Recording) -> None:
    async def bytewise() -> AsyncIterator[bytes]:
        for byte in recording.body:
            yield bytes([byte])

    async def read() -> Outcome:
        outcome = Outcome()
        await collect(BedrockConverse(api_key="").events(bytewise()), outcome)
        return outcome

    agree(asyncio.run(read()), said(recording))
