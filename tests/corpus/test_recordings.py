"""Every real recording: the reply that it tells, or an error of a plausible kind; nothing lost, nothing invented."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from conformance.replay.server import ReplayServer
from tests.corpus.exchanges import ABSENT, Recording, played, present
from tests.corpus.player import agree, play, play_by_byte
from tests.corpus.reading import said, words

if not present():
    pytest.skip(ABSENT, allow_module_level=True)

every = pytest.mark.parametrize("recording", played(), ids=lambda r: r.id)
every_stream = pytest.mark.parametrize("recording", [r for r in played() if r.is_event_stream], ids=lambda r: r.id)


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
        assert words(recording) in str(outcome.error)


@every_stream
def test_one_byte_a_read_changes_nothing(recording: Recording) -> None:
    agree(asyncio.run(play_by_byte(recording)), said(recording))
