"""Every real recording of Gemini, Vertex AI's too: the reply that it tells, or an error of a plausible kind."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator

import pytest

from conformance.replay.server import ReplayServer
from tests.corpus.exchanges import ABSENT, Recording, present
from tests.corpus.gemini import answers, is_array, play, play_by_byte, played, recordings, said
from tests.corpus.player import agree

if not present():
    pytest.skip(ABSENT, allow_module_level=True)

STREAMS = [r for r in played() if r.is_event_stream]
every = pytest.mark.parametrize("recording", played(), ids=lambda r: r.id)
every_stream = pytest.mark.parametrize("recording", [r for r in STREAMS if not is_array(r)], ids=lambda r: r.id)


@pytest.fixture(scope="module")
def server() -> Iterator[ReplayServer]:
    with ReplayServer() as running:
        yield running


def test_there_are_many() -> None:
    assert Counter(r.vendor for r in played()).keys() == {
        "gemini-embeddings",
        "gemini-generate",
        "gemini-models",
        "gemini-stream",
        "mirascope-router-generate",
        "mirascope-router-stream",
        "pydantic-gateway-generate",
        "vertex-generate",
        "vertex-stream",
    }
    assert len(played()) > 110
    assert len(STREAMS) > 45
    assert any(map(is_array, STREAMS))


def test_what_is_not_played_is_of_another_route() -> None:
    others = [r.route for r in recordings() if not r.operation]
    assert others
    assert not [
        r for r in others if r.endswith(("enerateContent", "batchEmbedContents", "/models")) and "batchG" not in r
    ]


@every
def test_the_reply_is_what_the_recording_says(recording: Recording, server: ReplayServer) -> None:
    outcome = asyncio.run(play(recording, server))
    agree(outcome, said(recording))
    if recording.status != 200:
        assert outcome.error
        assert outcome.error.status == recording.status
        assert answers(recording)[0]["error"]["message"][:60] in str(outcome.error)


@every_stream
def test_one_byte_a_read_changes_nothing(recording: Recording) -> None:
    """An array is not read so here: what has not ended is tried anew at each byte, which takes minutes."""
    agree(asyncio.run(play_by_byte(recording)), said(recording))
