"""Which recordings are of Gemini's protocol, Vertex AI's too."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from conformance.contract import Event, Message, ProviderError, Request
from conformance.dialects import OPERATION, Said, load
from conformance.reference import Gemini
from conformance.replay.http import FRAMING
from conformance.replay.script import Script
from conformance.replay.server import ReplayServer
from tests.corpus.exchanges import CORPUS, Operation, Recording, present
from tests.corpus.player import Outcome
from tests.hosts.gemini_array import GeminiArray

ROUTES: dict[tuple[str, str], Operation] = {
    ("POST", ":generateContent"): "generate",
    ("POST", ":streamGenerateContent"): "stream",
    ("POST", ":batchEmbedContents"): "embed",
    ("GET", "/models"): "list_models",
}
ASKED = Request([Message("user", "Hi")])


@cache
def recordings() -> tuple[Recording, ...]:
    """Those of other routes too: of no operation. Claude at Vertex speaks the Messages API."""
    if not present():
        return ()
    entries = json.loads((CORPUS / "index.json").read_text("utf-8"))["entries"]
    forms = r"gemini-|vertex-(?!anthropic)|(mirascope-router|pydantic-gateway)-(generate|stream)$"
    files = [e["file"] for e in entries if re.match(forms, e["dialect"])]
    return tuple(_recording(json.loads((CORPUS / "exchanges" / file).read_text("utf-8"))) for file in files)


def played() -> list[Recording]:
    return [r for r in recordings() if r.operation]


def _recording(told: dict[str, Any]) -> Recording:
    request, response = told["request"], told["response"]
    path = urlsplit(request["url"]).path
    operation = next(
        (op for (method, end), op in ROUTES.items() if method == request["method"] and path.endswith(end)), None
    )
    return Recording(
        id=told["id"],
        vendor=told["dialect"],
        operation=operation,
        route=f"{request['method']} {re.sub('/batches/[^/]+$', '/batches/{id}', path)}",
        request=request.get("json"),
        status=response["status"],
        headers={name.lower(): str(value) for name, value in response["headers"].items()},
        body=response["body_text"].encode(),
    )


def is_array(recording: Recording) -> bool:
    """A stream that was asked for without `alt=sse`."""
    return recording.is_event_stream and recording.body.startswith(b"[")


# --- how it is played --------------------------------------------------------------------------


async def play(recording: Recording, server: ReplayServer) -> Outcome:
    """Over the loopback server. Whatever is no ProviderError goes up."""
    make = GeminiArray if is_array(recording) else Gemini
    with server.scene(lambda _: script(recording)) as scene:
        adapter, outcome = make(api_key="", base_url=scene.base_url, model="m", timeout=10), Outcome()
        try:
            if recording.operation == "generate":
                outcome.answer = await adapter.generate(ASKED)
            elif recording.operation == "stream":
                await collect(adapter.stream(ASKED), outcome)
            elif recording.operation == "embed":
                outcome.answer = await adapter.embed(["x"] * len(recording.request["requests"]))
            else:
                outcome.answer = list(await adapter.list_models())
        except ProviderError as exc:
            outcome.error = exc
        finally:
            await adapter.close()
        return outcome


async def play_by_byte(recording: Recording) -> Outcome:
    """Straight into the adapter: so many reads of a socket would take minutes."""
    outcome = Outcome()
    try:
        await collect(Gemini(api_key="", model="m").events(_bytes(recording.body)), outcome)
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


def script(recording: Recording) -> Script:
    """The answer. Some recorders dropped the content type, or put one of another exchange beside a stream."""
    headers = {"content-type": "application/json"} | recording.headers
    if recording.is_event_stream and not is_array(recording):
        headers["content-type"] = "text/event-stream"
    kept = tuple((name, value) for name, value in headers.items() if name not in FRAMING)
    return Script(recording.status, kept, (recording.body,))


# --- what it says ------------------------------------------------------------------------------


def answers(recording: Recording) -> list[Any]:
    """Of a stream one for each event."""
    body = recording.body.decode()
    if recording.is_event_stream and not is_array(recording):
        return [json.loads(data) for data in re.findall(r"(?m)^data: (.*?)\r?$", body)]
    told = json.loads(body)
    return told if isinstance(told, list) else [told]


def said(recording: Recording) -> Said:
    assert recording.operation
    operation = OPERATION[recording.operation]
    told = load("gemini").said(operation, recording.status, recording.body, recording.is_event_stream)
    return replace(told, models=told.models * 2) if told.more else told  # the next page is this one again
