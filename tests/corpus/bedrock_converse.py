"""Real recordings of Amazon Bedrock's Converse API: found, played, and read a second time."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from conformance.contract import Message, ProviderError, Request
from conformance.reference import BedrockConverse
from conformance.replay.http import FRAMING
from conformance.replay.script import Script
from conformance.replay.server import ReplayServer
from tests.corpus import exchanges
from tests.corpus.exchanges import CORPUS, Operation
from tests.corpus.player import Outcome, _collect
from tests.corpus.reading import Said

ASKED = Request([Message("user", "Hi")])
STREAM = "application/vnd.amazon.eventstream"
FINISH = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "tool_use": "tool_calls",
    "guardrail_intervened": "content_filter",
    "content_filtered": "content_filter",
}
PLAUSIBLE = {400: {"invalid_request", "context_length"}, 403: {"permission", "auth"}, 404: {"not_found"}}
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
                await _collect(adapter.stream(ASKED), outcome)
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


# --- what it says, read on its own -------------------------------------------------------------


def said(recording: Recording) -> Said:
    if recording.status != 200:
        return Said(kinds=PLAUSIBLE[recording.status])
    if recording.events:
        return streamed(recording.events)
    answer = json.loads(recording.body)
    if "modelSummaries" in answer:
        return Said(models=[row["modelId"] for row in answer["modelSummaries"]])
    blocks = answer["output"]["message"]["content"]
    calls = [b["toolUse"] for b in blocks if "toolUse" in b]
    thoughts = [b["reasoningContent"].get("reasoningText", {}) for b in blocks if "reasoningContent" in b]
    return Said(
        text="".join(text(b) for b in blocks),
        calls=[(c["name"], c["input"]) for c in calls if c.get("type") != "server_tool_use"],
        finish=FINISH[answer["stopReason"]],
        usage=usage(answer.get("usage")),
        reasoning="".join(t.get("text", "") for t in thoughts),
    )


def text(block: dict[str, Any]) -> str:
    if "citationsContent" in block:
        return "".join(cited["text"] for cited in block["citationsContent"].get("content", ()))
    return str(block.get("text", ""))


def streamed(events: list[dict[str, Any]]) -> Said:
    answer, calls = Said(), {}
    for name, payload in ((e["headers"][":event-type"], e["payload"]) for e in events):
        delta, index = payload.get("delta", {}), payload.get("contentBlockIndex")
        if used := payload.get("start", {}).get("toolUse"):
            calls[index] = [used, ""]
        if "toolUse" in delta:
            calls[index][1] += delta["toolUse"]["input"]
        answer.text += delta.get("text", "")
        answer.reasoning += delta.get("reasoningContent", {}).get("text", "")
        if name == "messageStop":
            answer.finish = FINISH[payload["stopReason"]]
        if name == "metadata":
            answer.usage = usage(payload["usage"])
    host = [(used, told) for used, told in calls.values() if used.get("type") != "server_tool_use"]
    answer.calls = [(used["name"], json.loads(told or "{}")) for used, told in host]
    return answer


def usage(told: Any) -> tuple[Any, Any, Any] | None:
    return (told["inputTokens"], told["outputTokens"], told["totalTokens"]) if told else None
