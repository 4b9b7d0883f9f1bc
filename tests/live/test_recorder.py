"""The recorder between httpx and a real llama.cpp server."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from conformance import cassettes
from conformance.paths import CASSETTES
from conformance.replay.recorder import Recorder
from tests.live import record
from tests.live.llama_server import KEY

pytestmark = pytest.mark.live

HELLO = "Hello! I am a tiny model with café 日本 🦀."


def test_a_stream_passes_through_unchanged(llama_url: str) -> None:
    body = {"messages": [{"role": "user", "content": "Hi"}], "temperature": 0, "stream": True}
    with Recorder(llama_url.removesuffix("/v1")) as recorder:
        url, headers = f"{recorder.base_url}/v1/chat/completions", {"authorization": f"Bearer {KEY}"}
        with httpx.stream("POST", url, json=body, headers=headers) as reply:
            reads = list(reply.iter_raw())
        (kept,) = recorder.interactions
    assert kept.chunks == tuple(reads)
    assert kept.broken == ""
    events = [json.loads(line[6:]) for line in b"".join(reads).decode().splitlines() if line.startswith("data: {")]
    assert "".join(event["choices"][0]["delta"].get("content") or "" for event in events) == HELLO


def test_embeddings_pass_through(llama_embedding_url: str) -> None:
    with Recorder(llama_embedding_url) as recorder:
        headers = {"authorization": f"Bearer {KEY}"}
        reply = httpx.post(f"{recorder.base_url}/embeddings", json={"input": ["a", "b"]}, headers=headers)
        assert [len(item["embedding"]) for item in reply.json()["data"]] == [448, 448]
        assert recorder.interactions[0].chunks == (reply.content,)


def test_a_new_recording_is_like_the_shipped_one(tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp")
    record.main([], folder=tmp_path / "openai-chat" / "recorded")
    names = cassettes.names("openai-chat", tmp_path)
    assert names == [name for name in cassettes.names("openai-chat") if name.startswith("recorded/")]
    for name in names:
        (new,) = cassettes.load("openai-chat", name, tmp_path).interactions
        (old,) = cassettes.load("openai-chat", name, CASSETTES).interactions
        assert (new.method, new.uri, new.request_body) == (old.method, old.uri, old.request_body)
        assert (new.status, _told(new.chunks)) == (old.status, _told(old.chunks)), name


def _told(chunks: tuple[bytes, ...]) -> list[object]:
    """What an answer says, without what differs from run to run."""
    text = b"".join(chunks).decode()
    events = [line.removeprefix("data: ") for line in text.splitlines() if line]
    return [_lasting(json.loads(event)) for event in events if event != "[DONE]"]


def _lasting(value: object) -> object:
    if isinstance(value, dict):
        passing = {"created", "id", "timings", "system_fingerprint"}
        return {key: _lasting(item) for key, item in value.items() if key not in passing}
    return [_lasting(item) for item in value] if isinstance(value, list) else value
