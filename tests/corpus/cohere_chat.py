"""Real recordings of Cohere's API, version 2: found, played, and read a second time."""

from __future__ import annotations

import json
from collections.abc import Iterator

from conformance.contract import Message, ProviderError, Request
from conformance.dialects import OPERATION, Said, load
from conformance.reference import CohereChat
from conformance.replay.server import ReplayServer
from tests.corpus.exchanges import CORPUS, Operation, Recording
from tests.corpus.player import Outcome, script

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
