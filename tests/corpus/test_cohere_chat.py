"""Every real recording of Cohere's API, version 2: the reply that it tells, or an error of a plausible kind."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator

import pytest

from conformance.contract import Message, ProviderError, Request
from conformance.dialects import OPERATION, Said, load
from conformance.reference import CohereChat
from conformance.replay.server import ReplayServer
from tests.corpus.exchanges import ABSENT, CORPUS, Operation, Recording, present
from tests.corpus.player import Outcome, script
from tests.corpus.test_recordings import agree

if not present():
    pytest.skip(ABSENT, allow_module_level=True)

DIALECT = load("cohere-chat")
ASKED = Request([Message("user", "Hi")])


def recordings() -> Iterator[Recording]:
    for entry in json.loads((CORPUS / "index.json").read_text("utf-8"))["entries"]:
        if entry["dialect"] in ("cohere-chat", "cohere-embeddings"):
            told = json.loads((CORPUS / "exchanges" / entry["file"]).read_text("utf-8"))
            path = told["request"]["url"].partition("cohere.com")[2]
            sent, response = told["request"]["json"], told["response"]
            if path not in ("/v2/chat", "/v2/embed"):
                continue  # version 1
            operation: Operation = "embed" if path == "/v2/embed" else "stream" if sent.get("stream") else "generate"
            headers = {name.lower(): str(value) for name, value in response["headers"].items()}
            body = response["body_text"].encode()
            yield Recording(
                told["id"], entry["dialect"], operation, f"POST {path}", sent, response["status"], headers, body
            )


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


async def play(recording: Recording, server: ReplayServer) -> Outcome:
    with server.scene(lambda _: script(recording)) as scene:
        adapter, outcome = CohereChat(api_key="", base_url=scene.base_url, model="m", timeout=10), Outcome()
        try:
            if recording.operation == "generate":
                outcome.answer = await adapter.generate(ASKED)
            elif recording.operation == "embed":
                outcome.answer = await adapter.embed(recording.request["texts"])
            else:
                async for event in adapter.stream(ASKED):
                    outcome.events.append(event)
                    outcome.answer = getattr(event, "reply", None)
        except ProviderError as exc:
            outcome.error = exc
        finally:
            await adapter.close()
        return outcome


def said(recording: Recording) -> Said:
    assert recording.operation
    return DIALECT.said(OPERATION[recording.operation], recording.status, recording.body, recording.is_event_stream)
