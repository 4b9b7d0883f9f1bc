"""Every real recording: the reply that it tells, or an error of a plausible kind; nothing lost, nothing invented."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from conformance.contract import Done, Embeddings, ReasoningDelta, Reply, TextDelta
from conformance.replay.server import ReplayServer
from tests.corpus.exchanges import ABSENT, Recording, played, present
from tests.corpus.player import Outcome, play, play_by_byte
from tests.corpus.reading import Said, said, words

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


def agree(outcome: Outcome, told: Said) -> None:
    if outcome.events:
        assert "".join(e.text for e in outcome.events if isinstance(e, TextDelta)) == told.text
        assert "".join(e.reasoning for e in outcome.events if isinstance(e, ReasoningDelta)) == told.reasoning
    if told.kinds:
        assert outcome.error is not None, f"no error, of {told.kinds}: {outcome.answer}"
        assert outcome.error.kind in told.kinds, outcome.error
        assert str(outcome.error)
        assert not any(isinstance(e, Done) for e in outcome.events)
        return
    assert outcome.error is None, outcome.error
    assert not any(isinstance(e, Done) for e in outcome.events[:-1])
    answer = outcome.answer
    if isinstance(answer, Reply):
        assert answer.text == told.text
        assert [(c.name, c.arguments) for c in answer.tool_calls] == told.calls
        assert all(c.id for c in answer.tool_calls)
        assert answer.finish_reason == told.finish
        assert (answer.refusal or "", answer.reasoning or "") == (told.refusal, told.reasoning)
        assert (answer.model or "", answer.id or "") == (told.model, told.id)
        assert counts(answer) == told.usage
    elif isinstance(answer, Embeddings):
        assert [list(v) for v in answer.vectors] == told.vectors
        assert counts(answer) == told.usage
    else:
        assert answer == told.models
        assert answer


def counts(answer: Reply | Embeddings) -> tuple[int | None, int | None, int | None] | None:
    usage = answer.usage
    return (usage.input_tokens, usage.output_tokens, usage.total_tokens) if usage else None
