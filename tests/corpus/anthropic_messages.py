"""Which recordings are of Anthropic's Messages API, by whatever host."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from conformance.contract import Message, ProviderError, Request
from conformance.dialects import OPERATION, Said, load
from conformance.reference import AnthropicMessages
from conformance.replay.server import ReplayServer
from tests.corpus.exchanges import CORPUS, Operation, Recording, present
from tests.corpus.player import Outcome, script

ROUTES: dict[str, Operation] = {
    "/messages": "generate",
    "/invoke": "generate",  # Bedrock
    "/invoke-with-response-stream": "stream",
    ":rawPredict": "generate",  # Vertex
    ":streamRawPredict": "stream",
    "/models": "list_models",
}
ASKED = Request([Message("user", "Hi")])


@cache
def recordings() -> tuple[Recording, ...]:
    return tuple(_read()) if present() else ()


def _read() -> Iterator[Recording]:
    for entry in json.loads((CORPUS / "index.json").read_text("utf-8"))["entries"]:
        if entry["dialect"].startswith(("anthropic-m", "vertex-anthropic")) or entry["dialect"].endswith("-messages"):
            yield _recording(json.loads((CORPUS / "exchanges" / entry["file"]).read_text("utf-8")))
        elif entry["dialect"].startswith("bedrock-invoke"):
            told = json.loads((CORPUS / "exchanges" / entry["file"]).read_text("utf-8"))
            if _is_message(told["response"]):
                yield _recording(told)


def _is_message(response: dict[str, Any]) -> bool:
    """Bedrock passes on what many models say, Claude too, its older API among them."""
    first = response["decoded_events"][0]["payload"] if "decoded_events" in response else response
    told = first.get("bytes_decoded") or json.loads(first.get("body_text") or "{}")
    return told.get("type") in ("message", "message_start")


def _recording(told: dict[str, Any]) -> Recording:
    request, response = told["request"], told["response"]
    path = urlsplit(request["url"]).path
    operation = next(op for end, op in ROUTES.items() if path.endswith(end))
    if operation == "generate" and (request.get("json") or {}).get("stream"):
        operation = "stream"
    claude = " (Claude)" if told["dialect"].startswith("bedrock") else ""
    return Recording(
        id=told["id"],
        vendor=told["dialect"] + claude,
        operation=operation,
        route=f"{request['method']} {path}",
        request=request.get("json"),
        status=response["status"],
        headers={name.lower(): str(value) for name, value in response["headers"].items()},
        body=_body(response).encode(),
    )


def _body(response: dict[str, Any]) -> str:
    """Bedrock's streams are the same events in frames of its own; they are put into the API's, as its SDK does."""
    if "decoded_events" not in response:
        return str(response["body_text"])
    events = [e["payload"]["bytes_decoded"] for e in response["decoded_events"]]
    return "".join(f"event: {e['type']}\ndata: {json.dumps(e)}\n\n" for e in events)


async def play(recording: Recording, server: ReplayServer) -> Outcome:
    """Over the loopback server. Whatever is no ProviderError goes up."""
    with server.scene(lambda _: script(recording)) as scene:
        adapter, outcome = AnthropicMessages(api_key="", base_url=scene.base_url, model="m", timeout=10), Outcome()
        try:
            if recording.operation == "generate":
                outcome.answer = await adapter.generate(ASKED)
            elif recording.operation == "list_models":
                outcome.answer = list(await adapter.list_models())
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
    operation = OPERATION[recording.operation]
    return load("anthropic-messages").said(operation, recording.status, recording.body, recording.is_event_stream)
