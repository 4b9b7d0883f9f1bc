"""Records `cassettes/openai-chat/recorded/` from a llama.cpp server and its tiny scripted model.

    python -m tests.live.record [name …]

A new recording differs from the last one in ids, timestamps and timings, and in the lengths that follow from them. With
names only these are written, but all are played: a count of cached tokens depends on what was asked before.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpx

from conformance.cassettes import Provenance
from conformance.paths import CASSETTES
from conformance.replay.recorder import Recorded, Recorder, save
from tests.live.llama_server import KEY, MODEL, llama_server

FOLDER = CASSETTES / "openai-chat" / "recorded"
CONTEXT = 768  # tokens; small, so that little text is too long

USAGE: dict[str, Any] = {"stream": True, "stream_options": {"include_usage": True}}
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Weather in a city",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
            "additionalProperties": False,
        },
    },
}
TOOLS: dict[str, Any] = {"tools": [WEATHER]}
PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
    "required": ["name", "age"],
    "additionalProperties": False,
}
CALL = {"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": '{"city":"Paris"}'}}
AFTER_THE_CALL = [
    {"role": "user", "content": "Weather in Paris?"},
    {"role": "assistant", "content": None, "tool_calls": [CALL]},
    {"role": "tool", "tool_call_id": "call_1", "content": "sunny"},
]


@dataclass(frozen=True)
class Ask:
    """One request, and the name of its cassette."""

    name: str
    body: dict[str, Any] | None
    path: str = "/chat/completions"
    key: str = KEY
    status: int = 200


def chat(name: str, text: str = "Hi", *, status: int = 200, key: str = KEY, **more: Any) -> Ask:
    messages = [{"role": "user", "content": text}]
    return Ask(name, {"model": MODEL, "messages": messages, "temperature": 0} | more, status=status, key=key)


def embed(name: str, status: int = 200, **more: Any) -> Ask:
    return Ask(name, {"model": MODEL, **more}, path="/embeddings", status=status)


CHAT = [
    chat("chat"),
    chat("chat-stream", stream=True),
    chat("chat-stream-usage", **USAGE),
    chat("length", max_tokens=3),
    chat("length-stream", max_tokens=3, stream=True),
    chat("stop-sequence", stop=[" tiny"]),
    chat("empty", "say nothing"),
    chat("tool-call", "Weather in Paris?", **TOOLS),
    chat("tool-call-stream", "Weather in Paris?", **TOOLS, stream=True),
    chat("tools-parallel", "Weather in Paris and Rome?", **TOOLS, parallel_tool_calls=True),
    chat("tools-parallel-stream", "Weather in Paris and Rome?", **TOOLS, parallel_tool_calls=True, stream=True),
    chat("text-then-tool-stream", "first say, then call", **TOOLS, stream=True),
    chat("tool-result", messages=AFTER_THE_CALL, **TOOLS),
    chat("reasoning", "please think"),
    chat("reasoning-stream", "please think", stream=True),
    chat(
        "json-schema",
        "Who?",
        response_format={"type": "json_schema", "json_schema": {"name": "person", "strict": True, "schema": PERSON}},
    ),
    Ask("models", None, path="/models"),
    chat("error-auth", key="sk-wrong", status=401),
    chat("error-invalid-request", temperature="hot", status=400),
    chat("error-context-length", "a " * (CONTEXT // 2), status=400),
    Ask("error-not-found", {}, path="/no-such-route", status=404),
    embed("error-not-supported", input="hello", status=501),
]

EMBEDDING = [
    embed("embeddings", input=["hello", "world"]),
    embed("embeddings-base64", input=["hello", "world"], encoding_format="base64"),
]


def record(asks: list[Ask], embedding: bool) -> Iterator[tuple[str, Recorded]]:
    """Plays the requests in order. Stops at an answer that is not what the list promises."""
    with (
        llama_server(embedding=embedding, context=CONTEXT) as upstream,
        Recorder(upstream.removesuffix("/v1")) as recorder,
        httpx.Client(base_url=f"{recorder.base_url}/v1", headers={"user-agent": "provider-conformance"}) as client,
    ):
        for ask in asks:
            method = "GET" if ask.body is None else "POST"
            headers = {"authorization": f"Bearer {ask.key}"}
            answer = client.request(method, ask.path, json=ask.body, headers=headers)
            recorded = recorder.interactions[-1]
            if answer.status_code != ask.status or recorded.broken:
                raise SystemExit(f"{ask.name}: got {answer.status_code} {answer.text[:300]} {recorded.broken}")
            yield ask.name, recorded


def main(names: list[str], folder: Path = FOLDER) -> None:
    source = f"llama.cpp server (xllamacpp {version('xllamacpp')}), tiny scripted model"
    provenance = Provenance(origin="recorded", source=source, date=datetime.now(UTC).date().isoformat())
    for asks, embedding in ((CHAT, False), (EMBEDDING, True)):
        for name, recorded in record(asks, embedding):
            if not names or name in names:
                save(folder / f"{name}.yaml", [recorded], provenance)
                print(f"{recorded.status}  {len(recorded.chunks):3} chunks  {name}")


if __name__ == "__main__":
    main(sys.argv[1:])
