"""Every real recording of Gemini: the reply that it tells, or an error of a plausible kind."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from conformance.reference import Gemini
from conformance.replay.server import ReplayServer
from tests.corpus.exchanges import ABSENT, Recording, present
from tests.corpus.gemini import answers, recordings, said
from tests.corpus.player import play, play_by_byte
from tests.corpus.test_recordings import agree
from tests.hosts.gemini_array import GeminiArray

if not present():
    pytest.skip(ABSENT, allow_module_level=True)


def is_array(recording: Recording) -> bool:
    return recording.is_event_stream and recording.body.startswith(b"[")


every = pytest.mark.parametrize("recording", recordings(), ids=lambda r: r.id)
streams = [r for r in recordings() if r.is_event_stream]


@pytest.fixture(scope="module")
def server() -> Iterator[ReplayServer]:
    with ReplayServer() as running:
        yield running


@every
def test_the_reply_is_what_the_recording_says(recording: Recording, server: ReplayServer) -> None:
    outcome = asyncio.run(play(recording, server, GeminiArray if is_array(recording) else Gemini))
    agree(outcome, said(recording))
    if recording.status != 200:
        assert outcome.error
        assert outcome.error.status == recording.status
        assert answers(recording)[0]["error"]["message"][:60] in str(outcome.error)


@pytest.mark.parametrize("recording", [r for r in streams if not is_array(r)], ids=lambda r: r.id)
def test_one_byte_a_read_changes_nothing(recording: Recording) -> None:
    """An array is not read so here: what has not ended is tried anew at each byte, which takes minutes."""
    agree(asyncio.run(play_by_byte(recording, Gemini)), said(recording))


def test_there_are_many() -> None:
    assert len(recordings()) > 110
    assert len(streams) > 45
