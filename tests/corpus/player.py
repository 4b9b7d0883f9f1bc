"""Plays a recording to the reference adapter of its protocol; tells what came of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from conformance.contract import (
    Done,
    Embeddings,
    Event,
    Message,
    ProviderError,
    ReasoningDelta,
    Reply,
    Request,
    TextDelta,
)
from conformance.dialects import Said
from conformance.reference import Ollama, OpenAIChat
from conformance.replay.http import FRAMING
from conformance.replay.script import Script
from conformance.replay.server import ReplayServer
from tests.corpus.exchanges import Protocol, Recording
from tests.hosts.ollama_generate import OllamaGenerate

ADAPTERS: dict[Protocol, type[Ollama] | type[OpenAIChat]] = {
    "ollama": Ollama,
    "ollama-generate": OllamaGenerate,
    "openai-chat": OpenAIChat,
}
LINES = "application/x-ndjson"
STREAMS: dict[Protocol, str] = {"ollama": LINES, "ollama-generate": LINES, "openai-chat": "text/event-stream"}
ASKED = Request([Message("user", "Hi")])


@dataclass
class Outcome:
    answer: Reply | Embeddings | list[str] | None = None
    error: ProviderError | None = None
    events: list[Event] = field(default_factory=list)


async def play(recording: Recording, server: ReplayServer) -> Outcome:
    """Over the loopback server. Whatever is no ProviderError goes up."""
    with server.scene(lambda _: script(recording)) as scene:
        make, outcome = ADAPTERS[recording.protocol], Outcome()
        adapter = make(api_key="", base_url=scene.base_url, model="m", timeout=10)
        try:
            if recording.operation == "generate":
                outcome.answer = await adapter.generate(ASKED)
            elif recording.operation == "stream":
                await collect(adapter.stream(ASKED), outcome)
            elif recording.operation == "embed":
                outcome.answer = await adapter.embed(inputs(recording))
            else:
                outcome.answer = list(await adapter.list_models())
        except ProviderError as exc:
            outcome.error = exc
        finally:
            await adapter.close()
        return outcome


async def play_by_byte(recording: Recording) -> Outcome:
    """A stream, one byte a read, straight into the adapter: two million reads of a socket would take minutes."""
    outcome = Outcome()
    try:
        adapter = ADAPTERS[recording.protocol](api_key="", model="m")
        await collect(adapter.events(_bytes(recording.body)), outcome)
    except ProviderError as exc:
        outcome.error = exc
    return outcome


async def _bytes(body: bytes) -> AsyncIterator[bytes]:
    for i in range(len(body)):
        yield body[i : i + 1]


async def collect(events: AsyncIterator[Event], outcome: Outcome) -> None:
    async for event in events:
        outcome.events.append(event)
        outcome.answer = getattr(event, "reply", None)


def inputs(recording: Recording) -> list[str]:
    """As many texts as were embedded; what they said is not looked at."""
    given = recording.request.get("input")
    one = isinstance(given, str) or (bool(given) and isinstance(given[0], int))
    return ["x"] * (1 if one else len(given))


def script(recording: Recording) -> Script:
    """The answer. Some recorders dropped the content type, or put one of another exchange beside a stream."""
    headers = {"content-type": "application/json"} | recording.headers
    stream = STREAMS[recording.protocol]
    if recording.is_event_stream and not headers["content-type"].startswith(stream):
        headers["content-type"] = stream
    kept = tuple((name, value) for name, value in headers.items() if name not in FRAMING)
    return Script(recording.status, kept, (recording.body,))


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
