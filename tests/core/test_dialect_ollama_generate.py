"""/api/generate: what is read of a request, how the answers of /api/chat are told, and what is no case here."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from conformance import catalogue, dialects
from conformance.contract import Image, Text
from conformance.replay.script import Script
from conformance.trace import Exchange
from tests.core.test_dialect_ollama import exchange

DIALECT = dialects.load("ollama-generate")
BODY = {"model": "m", "prompt": "Name three rivers.", "stream": False}


def asked(**more: object) -> Exchange:
    made = exchange({**BODY, **more}, path="/api/generate")
    return replace(made, operation="chat")


def test_it_is_recognised_by_its_route() -> None:
    found = dialects.recognise(asked())
    assert found is not None
    assert found[0].name == "ollama-generate"


def test_a_request_is_read() -> None:
    read = DIALECT.read(
        asked(system="Be short.", options={"temperature": 0.5, "num_predict": 7}, images=["iVBORw0KGgo="])
    )
    assert [m.role for m in read.request.messages] == ["system", "user"]
    assert read.request.messages[1].content == [
        Text("Name three rivers."),
        Image(data="iVBORw0KGgo=", media_type="image/png"),
    ]
    assert (read.request.temperature, read.request.max_tokens, read.stream) == (0.5, 7, False)


@pytest.mark.parametrize(
    ("more", "problem"),
    [({}, None), ({"prompt": ["a"]}, "$.prompt"), ({"model": ""}, "$.model"), ({"format": "yaml"}, "$.format")],
)
def test_the_judge(more: dict[str, object], problem: str | None) -> None:
    said = DIALECT.judge(asked(**more))
    assert [text.partition(":")[0] for text in said] == ([problem] if problem else [])


def test_unknown_fields_and_options() -> None:
    assert DIALECT.unknown(asked(messages=[], options={"max_tokens": 1})) == ["messages", "options.max_tokens"]


def test_a_message_is_told_as_a_response() -> None:
    lines = [
        {"model": "m", "message": {"role": "assistant", "content": "Hi", "thinking": "hm"}, "done": False},
        {"error": "gone"},
    ]
    chunks = tuple(json.dumps(line).encode() + b"\n" for line in lines)
    told = DIALECT.told(asked(), Script(200, [("content-type", "application/x-ndjson")], chunks)).chunks
    assert [json.loads(chunk) for chunk in told] == [
        {"model": "m", "done": False, "response": "Hi", "thinking": "hm"},
        {"error": "gone"},
    ]
    assert all(chunk.endswith(b"\n") for chunk in told)


def test_neither_a_history_nor_tools_are_asked_of_it() -> None:
    cases = [c for c in catalogue.load().told_in("ollama-generate").cases if c.several is None]
    left = [c for c in cases if DIALECT.cannot(c) is None]
    assert len(left) > 400
    assert not [c for c in left if c.ask.tools or any(m.role in ("assistant", "tool") for m in c.ask.messages)]
