"""Every real recording of the Messages API: the reply that it tells, or an error of a plausible kind."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator

import pytest

from conformance.contract import ProviderError
from conformance.reference import AnthropicMessages
from conformance.replay.server import ReplayServer
from tests.corpus.anthropic_messages import play, recordings, said
from tests.corpus.exchanges import ABSENT, Recording, present
from tests.corpus.player import Outcome, agree

if not present():
    pytest.skip(ABSENT, allow_module_level=True)

STREAMS = [r for r in recordings() if r.is_event_stream]
every = pytest.mark.parametrize("recording", recordings(), ids=lambda r: r.id)
every_stream = pytest.mark.parametrize("recording", STREAMS, ids=lambda r: r.id)


@pytest.fixture(scope="module")
def server() -> Iterator[ReplayServer]:
    with ReplayServer() as running:
        yield running


def test_there_are_many_of_several_hosts() -> None:
    hosts = Counter(r.vendor for r in recordings())
    assert hosts["anthropic-messages"] > 60
    assert {"anthropic-models", "vertex-anthropic", "bedrock-invoke (Claude)", "openrouter-messages"} <= {*hosts}
    assert len(STREAMS) > 25


@every
def test_the_reply_is_what_the_recording_says(recording: Recording, server: ReplayServer) -> None:
    outcome = asyncio.run(play(recording, server))
    agree(outcome, said(recording))
    if recording.status != 200:
        assert outcome.error is not None
        assert outcome.error.status == recording.status
        assert json.loads(recording.body)["error"]["message"][:60] in str(outcome.error)


@every_stream
def test_one_byte_a_read_changes_nothing(recording: Recording) -> None:
    async def bytewise() -> AsyncIterator[bytes]:
        for i in range(len(recording.body)):
            yield recording.body[i : i + 1]

    async def read() -> Outcome:
        outcome = Outcome()
        try:
            async for event in AnthropicMessages("").events(bytewise()):
                outcome.events.append(event)
                outcome.answer = getattr(event, "reply", None)
        except ProviderError as exc:
            outcome.error = exc
        return outcome

    agree(asyncio.run(read()), said(recording))
