"""Cohere's official SDK reads every good cassette; the reference adapter on it has no faults but the SDK's own."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from conformance import cassettes
from conformance.dialects import load
from conformance.replay.script import Script
from conformance.replay.server import ReplayServer
from tests.hosts.judging import blocked, with_known_failures

cohere = pytest.importorskip("cohere", reason="the cohere SDK is not installed: pip install cohere")

FOLLOWING = {"STR-004", "STR-005", "STR-006", "STR-008", "STR-014", "STR-021", "STR-029"}  # what comes after MAL-009

DIALECT = load("cohere-chat")
GOOD = [n for n in cassettes.names("cohere-chat") if n.startswith(("replies/", "streams/"))]
# Those that break the protocol, each for a case of MAL, ERR or STR.
BROKEN = {
    "replies/embeddings-null",
    "replies/error-in-200",
    "streams/choices-is-a-string",
    "streams/chunk-is-a-string",
    "streams/delta-is-a-string",
    "streams/not-json",
}
OF_TOMORROW = {"replies/part-of-tomorrow", "streams/events-of-tomorrow"}  # what its types do not know


@pytest.fixture(scope="module")
def server() -> Iterator[ReplayServer]:
    with ReplayServer() as running:
        yield running


def script(name: str) -> Script:
    recorded = DIALECT.cassette(name).interactions[0]
    return Script(recorded.status, recorded.headers, recorded.chunks)


def texts(content: Any) -> str:
    return "".join(part.text for part in content or () if part.type == "text")


@pytest.mark.parametrize("name", [n for n in GOOD if n not in BROKEN | OF_TOMORROW])
def test_the_sdk_reads_the_cassette_as_it_was_meant(
    name: str, server: ReplayServer, caplog: pytest.LogCaptureFixture
) -> None:
    with server.scene(lambda _: script(name)) as scene, httpx.Client() as http:
        client = cohere.ClientV2("key", base_url=scene.base_url, max_retries=0, httpx_client=http)
        body = b"".join(script(name).chunks).decode()
        with caplog.at_level(logging.WARNING):
            if name.startswith("streams/"):
                streamed(client, body)
            elif "/embeddings" in name:
                read = client.embed(model="m", input_type="search_document", texts=["one", "two"])
                assert read.embeddings.float_ == json.loads(body)["embeddings"]["float"]
            elif name == "replies/model":
                assert client.models.get("tiny").name == json.loads(body)["name"]
            elif "/models" in name:
                assert [m.name for m in client.models.list().models] == [m["name"] for m in json.loads(body)["models"]]
            else:
                replied(client, json.loads(body))
    assert not caplog.records, "the SDK left something out"


def replied(client: Any, body: dict[str, Any]) -> None:
    read, told = client.chat(model="m", messages=[cohere.UserChatMessageV2(content="Hi")]), body["message"]
    assert read.finish_reason == body["finish_reason"]
    assert texts(read.message.content) == "".join(p.get("text", "") for p in told.get("content") or ())
    calls = [(c.id, c.function.name, c.function.arguments) for c in read.message.tool_calls or ()]
    wire = [(c["id"], *c["function"].values()) for c in told.get("tool_calls") or ()]
    assert calls == wire
    if "tokens" in (body.get("usage") or {}):
        assert read.usage.tokens.input_tokens == body["usage"]["tokens"]["input_tokens"]


def streamed(client: Any, body: str) -> None:
    wire = [json.loads(line[6:]) for line in body.split("\n") if line.startswith("data: {")]
    read = list(client.chat_stream(model="m", messages=[cohere.UserChatMessageV2(content="Hi")]))
    assert [getattr(e, "type", None) or e["type"] for e in read] == [event["type"] for event in wire]
    for event, told in zip(read, wire, strict=True):
        if told["type"] == "content-delta":
            assert (event.delta.message.content.text or "") == told["delta"]["message"]["content"].get("text", "")
        elif told["type"] == "tool-call-start":
            assert event.delta.message.tool_calls.id == told["delta"]["message"]["tool_calls"]["id"]
        elif told["type"] == "message-end":
            assert event.delta.finish_reason == told["delta"]["finish_reason"]


@pytest.mark.filterwarnings("ignore")  # the SDK's own
@pytest.mark.proof
def test_the_adapter_on_the_sdk_has_no_faults_but_the_sdks() -> None:
    assert blocked(with_known_failures("CohereChatSDK")) <= FOLLOWING
