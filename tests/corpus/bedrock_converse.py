"""Real recordings of Amazon Bedrock's Converse API: found, and played."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from conformance.contract import Message, ProviderError, Request
from conformance.dialects import OPERATION, Said, load
from conformance.reference import BedrockConverse
from conformance.replay.http import FRAMING
from conformance.replay.script import Script
from conformance.replay.server import ReplayServer
from tests.corpus import exchanges
from tests.corpus.exchanges import CORPUS, Operation
from tests.corpus.player import Outcome, collect

ASKED = Request([Message("user", "Hi")])
STREAM = "application/vnd.amazon.eventstream"
WANTED = ("bedrock-converse", "bedrock-converse-stream", "bedrock-control-models")


@dataclass(frozen=True)
class Recording(exchanges.Recording):
    events: list[dict[str, Any]] = field(default_factory=list)  # of a stream, decoded by the corpus


def recordings() -> Iterator[Recording]:
    for entry in json.loads((CORPUS / "index.json").read_text("utf-8"))["entries"]:
        if entry["dialect"] in WANTED:
            told = json.loads((CORPUS / "exchanges" / entry["file"]).read_text("utf-8"))
            yield recording(told)


def recording(told: dict[str, Any]) -> Recording:
    request, response = told["request"], told["response"]
    events = response.get("decoded_events", [])
    operation: Operation = "stream" if events else "list_models" if request["method"] == "GET" else "generate"
    return Recording(
        id=told["id"],
        vendor=told["dialect"],
        operation=operation,
        route=f"{request['method']} {urlsplit(request['url']).path}",
        request=request.get("json"),
        status=response["status"],
        headers={name.lower(): str(value) for name, value in response["headers"].items()},
        body=base64.b64decode(response["body_base64"]) if "body_base64" in response else response["body_text"].encode(),
        events=events,
    )


async def play(recording: exchanges.Recording, server: ReplayServer) -> Outcome:
    with server.scene(lambda _: script(recording)) as scene:
        adapter, outcome = BedrockConverse(api_key="", base_url=scene.base_url, model="m", timeout=10), Outcome()
        try:
            if recording.operation == "stream":
                await collect(adapter.stream(ASKED), outcome)
            elif recording.operation == "list_models":
                outcome.answer = list(await adapter.list_models())
            else:
                outcome.answer = await adapter.generate(ASKED)
        except ProviderError as exc:
            outcome.error = exc
        finally:
            await adapter.close()
        return outcome


def script(recording: exchanges.Recording) -> Script:
    """The scrubbed request id is none."""
    given = {name: value for name, value in recording.headers.items() if name != "x-amzn-requestid"}
    given["content-type"] = STREAM if recording.operation == "stream" else "application/json"
    return Script(recording.status, tuple((n, v) for n, v in given.items() if n not in FRAMING), (recording.body,))


def said(recording: Recording) -> Said:
    assert recording.operation
    operation = OPERATION[recording.operation]
    return load("bedrock-converse").said(operation, recording.status, recording.body, bool(recording.events))
