"""The official package reads what we wrote; and as an adapter, it has the faults listed here and no others."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from conformance import cassettes
from conformance.case import Wire
from conformance.dialects import load
from conformance.replay.server import ReplayServer
from conformance.scene import script
from tests.hosts.judging import blocked, with_known_failures

ollama = pytest.importorskip("ollama", reason="the ollama package is not installed")

WRONG_ON_PURPOSE = {
    "replies/tool-arguments-array",
    "replies/tool-arguments-text",
    "replies/embeddings-null",
    "replies/error-in-200",
    "replies/models-null",
    "replies/root",
    "replies/version",
    "streams/chunk-is-a-string",
    "streams/delta-is-a-string",
    "streams/error-after-text",
    "streams/error-first",
    "streams/not-json",
}
UNREADABLE = {  # with ollama 0.6.3
    "streams/unicode": "it splits lines at U+0085, as httpx's iter_lines does",
    "streams/blank-lines": "it takes a blank line for an object",
}

# Behind RAT-001, RAT-002 and STR-023: what a line separator breaks, any law of streams finds too.
BLOCKED = {"FLO-002", "RAT-002", "RAT-003", "RAT-006", "RAT-012", "RAT-020", "STR-004", "STR-005"}
BLOCKED |= {"LAW-002", "LAW-003", "LAW-004", "LAW-005", "LAW-007"}

NAMES = [n for n in cassettes.names("ollama") if n.startswith(("replies/", "streams/")) and n not in WRONG_ON_PURPOSE]


@pytest.fixture(scope="module")
def server() -> Any:
    with ReplayServer() as running:
        yield running


@pytest.mark.parametrize("name", NAMES)
def test_the_official_package_reads_it(name: str, server: ReplayServer) -> None:
    if name in UNREADABLE:
        with pytest.raises(json.JSONDecodeError):
            asyncio.run(read(name, server))
        return
    body = b"".join(load("ollama").cassette(name).interactions[0].chunks).decode()
    assert asyncio.run(read(name, server)) == told([json.loads(part) for part in objects(name, body)])


def objects(name: str, body: str) -> list[str]:
    return [line for line in body.split("\n") if line.strip()] if name.startswith("streams/") else [body]


async def read(name: str, server: ReplayServer) -> Any:
    """What the package makes of the cassette: text, thinking, calls, reason and counts; vectors; or names."""
    with server.scene(lambda _: script(Wire(cassette=name), load("ollama"))) as scene:
        client = ollama.AsyncClient(scene.base_url, timeout=10)
        try:
            if "embeddings" in name:
                return [list(v) for v in (await client.embed("m", ["x"])).embeddings]
            if "/models" in name:
                return [m.model for m in (await client.list()).models]
            answer = await client.chat("m", [{"role": "user", "content": "Hi"}], stream=name.startswith("streams/"))
            lines = [line async for line in answer] if name.startswith("streams/") else [answer]
            return told([line.model_dump() for line in lines])
        finally:
            await client.close()


def told(lines: list[dict[str, Any]]) -> Any:
    """The same of the bare JSON."""
    first, last = lines[0], lines[-1]
    if "embeddings" in first:
        return first["embeddings"]
    if "models" in first:
        return [row["model"] for row in first["models"]]
    messages = [line["message"] for line in lines]
    calls = [c["function"] for m in messages for c in m.get("tool_calls") or ()]
    return (
        "".join(m.get("content") or "" for m in messages),
        "".join(m.get("thinking") or "" for m in messages),
        [(f["name"], f["arguments"]) for f in calls],
        *(last.get(name) for name in ("done", "done_reason", "prompt_eval_count", "eval_count")),
    )


@pytest.mark.proof
def test_the_kit_finds_its_true_faults_and_accuses_it_of_nothing_else() -> None:
    assert blocked(with_known_failures("OllamaSDK")) == BLOCKED
