"""What is told whole and what is told as a stream says the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from conformance import dialects
from conformance.dialects import retold
from conformance.paths import CASSETTES

DELTAS = {"text_delta": "text", "thinking_delta": "thinking", "signature_delta": "signature"}


def whole(name: str) -> Iterator[Any]:
    """The answers that can be told so."""
    dialect = dialects.load(name)
    for file in sorted((CASSETTES / name / "replies").glob("*.yaml")):
        body = b"".join(dialect.cassette(f"replies/{file.stem}").interactions[0].chunks)
        if retold.as_stream(name, body) is not None:
            yield pytest.param(body, id=file.stem)


@pytest.mark.parametrize("body", list(whole("openai-chat")))
def test_a_chat_says_the_same(body: bytes) -> None:
    dialect = dialects.load("openai-chat")
    told = b"".join(retold.as_stream("openai-chat", body) or ())
    try:
        first, again = dialect.said("chat", 200, body, False), dialect.said("chat", 200, told, True)
    except ValueError:
        pytest.skip("there is no telling what it says")
    assert replace(again, odd=False) == replace(first, odd=False)


@pytest.mark.parametrize("body", list(whole("anthropic-messages")))
def test_a_message_is_the_same_when_it_is_put_together(body: bytes) -> None:
    assert put_together(retold.as_stream("anthropic-messages", body) or ()) == json.loads(body)


def put_together(told: tuple[bytes, ...]) -> Any:
    message: dict[str, Any] = {}
    pieces = ""
    for event in (json.loads(e.partition(b"data: ")[2]) for e in told):
        if event["type"] == "message_start":
            message = event["message"]
        elif event["type"] == "content_block_start":
            pieces = ""
            message["content"].append(event["content_block"])
        elif event["type"] == "content_block_delta":
            delta, block = event["delta"], message["content"][-1]
            if delta["type"] == "input_json_delta":
                pieces += delta["partial_json"]
                block["input"] = json.loads(pieces)
            elif delta["type"] == "citations_delta":
                block.setdefault("citations", []).append(delta["citation"])
            else:
                block[DELTAS[delta["type"]]] += delta[DELTAS[delta["type"]]]
        elif event["type"] == "message_delta":
            message |= event["delta"] | ({"usage": event["usage"]} if "usage" in event else {})
    return message


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b'{"error": {}}', b'{"content": null}', b'{"content": ["x"]}'])
@pytest.mark.parametrize("name", retold.DIALECTS)
def test_what_is_no_answer(name: str, body: bytes) -> None:
    assert retold.as_stream(name, body) is None
