"""Which recordings are of OpenAI's Responses API, whoever serves it, and how each is played to its adapter."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from conformance.contract import Message, ProviderError, Request
from conformance.dialects import Said, load
from conformance.reference import OpenAIResponses
from conformance.replay.server import ReplayServer
from tests.corpus.exchanges import CORPUS, Operation, Recording, present
from tests.corpus.player import Outcome, script

ASKED = Request([Message("user", "Hi")])


@cache
def recordings() -> tuple[Recording, ...]:
    """Those of its other routes too: of no operation."""
    if not present():
        return ()
    entries = json.loads((CORPUS / "index.json").read_text("utf-8"))["entries"]
    files = [e["file"] for e in entries if "-responses" in e["dialect"]]
    return tuple(_recording(json.loads((CORPUS / "exchanges" / file).read_text("utf-8"))) for file in files)


def played() -> list[Recording]:
    return [r for r in recordings() if r.operation]


def _recording(told: dict[str, Any]) -> Recording:
    request, response = told["request"], told["response"]
    path = urlsplit(request["url"]).path
    operation: Operation | None = None
    if request["method"] == "POST" and path.endswith("/responses"):
        operation = "stream" if (request.get("json") or {}).get("stream") else "generate"
    return Recording(
        id=told["id"],
        vendor=told["dialect"],
        operation=operation,
        route=f"{request['method']} {path}",
        request=request.get("json"),
        status=response["status"],
        headers={name.lower(): str(value) for name, value in response["headers"].items()},
        body=response["body_text"].encode(),
    )


def said(recording: Recording) -> Said:
    return load("openai-responses").said("chat", recording.status, recording.body, recording.is_event_stream)


async def play(recording: Recording, server: ReplayServer) -> Outcome:
    """Over the loopback server. Whatever is no ProviderError goes up."""
    with server.scene(lambda _: script(recording)) as scene:
        adapter, outcome = OpenAIResponses(api_key="", base_url=scene.base_url, model="m", timeout=10), Outcome()
        try:
            if recording.operation == "generate":
                outcome.answer = await adapter.generate(ASKED)
            else:
                async for event in adapter.stream(ASKED):
                    outcome.events.append(event)
                    outcome.answer = getattr(event, "reply", None)
        except ProviderError as exc:
            outcome.error = exc
        finally:
            await adapter.close()
        return outcome


async def play_by_byte(recording: Recording) -> Outcome:
    """A stream, one byte a read, straight into the adapter."""
    outcome = Outcome()
    try:
        async for event in OpenAIResponses(api_key="", model="m").events(_bytes(recording.body)):
            outcome.events.append(event)
            outcome.answer = getattr(event, "reply", None)
    except ProviderError as exc:
        outcome.error = exc
    return outcome


async def _bytes(body: bytes) -> AsyncIterator[bytes]:
    for i in range(len(body)):
        yield body[i : i + 1]
