"""Real recordings of Amazon Bedrock's Converse API, played to its reference adapter: nothing lost, nothing invented."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from conformance.contract import Message, ProviderError, Request
from conformance.reference import BedrockConverse
from conformance.replay.http import FRAMING
from conformance.replay.script import Script
from conformance.replay.server import ReplayServer
from tests.corpus.exchanges import ABSENT, CORPUS, present
from tests.corpus.player import Outcome, _collect
from tests.corpus.reading import Said

if not present():
    pytest.skip(ABSENT, allow_module_level=True)

from tests.corpus.test_recordings import agree

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


def recorded() -> list[dict[str, Any]]:
    index = json.loads((CORPUS / "index.json").read_text("utf-8"))["entries"]
    wanted = ("bedrock-converse", "bedrock-converse-stream", "bedrock-control-models")
    files = [e["file"] for e in index if e["dialect"] in wanted]
    return [json.loads((CORPUS / "exchanges" / file).read_text("utf-8")) for file in files]


RECORDED = recorded()
every = pytest.mark.parametrize("told", RECORDED, ids=lambda told: told["id"])
every_stream = pytest.mark.parametrize(
    "told", [t for t in RECORDED if "decoded_events" in t["response"]], ids=lambda told: told["id"]
)


def body(told: dict[str, Any]) -> bytes:
    response = told["response"]
    return base64.b64decode(response["body_base64"]) if "body_base64" in response else response["body_text"].encode()


@pytest.fixture(scope="module")
def server() -> Iterator[ReplayServer]:
    with ReplayServer() as running:
        yield running


@every
def test_the_reply_is_what_the_recording_says(told: dict[str, Any], server: ReplayServer) -> None:
    outcome, expected = asyncio.run(play(told, server)), said(told)
    agree(outcome, expected)
    if told["response"]["status"] != 200:
        assert outcome.error
        assert outcome.error.status == told["response"]["status"]
        assert json.loads(body(told))["message"][:60] in str(outcome.error)


@every_stream
def test_one_byte_a_read_changes_nothing(told: dict[str, Any]) -> None:
    async def bytewise() -> AsyncIterator[bytes]:
        for byte in body(told):
            yield bytes([byte])

    async def read() -> Outcome:
        outcome = Outcome()
        await _collect(BedrockConverse(api_key="").events(bytewise()), outcome)
        return outcome

    agree(asyncio.run(read()), said(told))


async def play(told: dict[str, Any], server: ReplayServer) -> Outcome:
    with server.scene(lambda _: script(told)) as scene:
        adapter, outcome = BedrockConverse(api_key="", base_url=scene.base_url, model="m", timeout=10), Outcome()
        try:
            if "decoded_events" in told["response"]:
                await _collect(adapter.stream(ASKED), outcome)
            elif told["request"]["method"] == "GET":
                outcome.answer = list(await adapter.list_models())
            else:
                outcome.answer = await adapter.generate(ASKED)
        except ProviderError as exc:
            outcome.error = exc
        finally:
            await adapter.close()
        return outcome


def script(told: dict[str, Any]) -> Script:
    """The scrubbed request id is none."""
    response = told["response"]
    given = {name.lower(): str(value) for name, value in response["headers"].items()}
    given.pop("x-amzn-requestid", None)
    given["content-type"] = STREAM if "decoded_events" in response else "application/json"
    return Script(response["status"], tuple((n, v) for n, v in given.items() if n not in FRAMING), (body(told),))


# --- what it says, read on its own -------------------------------------------------------------


def said(told: dict[str, Any]) -> Said:
    if told["response"]["status"] != 200:
        return Said(kinds=PLAUSIBLE[told["response"]["status"]])
    if "decoded_events" in told["response"]:
        return streamed(told["response"]["decoded_events"])
    answer = json.loads(body(told))
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
