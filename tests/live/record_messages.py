"""Records `cassettes/anthropic-messages/recorded/` from a llama.cpp server, which speaks the Messages API too.

    python -m tests.live.record_messages

The two that tell the counts of a prompt are each asked first of a server, whose cache is empty then. Reasoning is not
asked for: the server ends over it in this API.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import httpx

from conformance.cassettes import Provenance
from conformance.paths import CASSETTES
from conformance.replay.recorder import Recorded, Recorder, save
from tests.live.llama_server import KEY, MODEL, llama_server
from tests.live.record import CONTEXT, WEATHER, Ask

FOLDER = CASSETTES / "anthropic-messages" / "recorded"
HEADERS = {"user-agent": "provider-conformance", "anthropic-version": "2023-06-01"}

FUNCTION = WEATHER["function"]
TOOLS: dict[str, Any] = {
    "tools": [{"name": "get_weather", "description": "Weather in a city", "input_schema": FUNCTION["parameters"]}]  # type: ignore[index]
}
CALL = {"type": "tool_use", "id": "call_1", "name": "get_weather", "input": {"city": "Paris"}}
AFTER_THE_CALL = [
    {"role": "user", "content": "Weather in Paris?"},
    {"role": "assistant", "content": [CALL]},
    {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "call_1", "content": "sunny"}]},
]


def ask(name: str, text: str = "Hi", *, status: int = 200, key: str = KEY, **more: Any) -> Ask:
    plain = {"model": MODEL, "max_tokens": 64, "messages": [{"role": "user", "content": text}], "temperature": 0}
    return Ask(name, {**plain, **more}, path="/messages", status=status, key=key)


FIRST = [ask("chat-stream-usage", stream=True)]
ASKS = [
    ask("chat"),
    ask("chat-stream", stream=True),
    ask("length", max_tokens=3),
    ask("length-stream", max_tokens=3, stream=True),
    ask("stop-sequence", stop_sequences=[" tiny"]),
    ask("empty", "say nothing"),
    ask("tool-call", "Weather in Paris?", **TOOLS),
    ask("tool-call-stream", "Weather in Paris?", **TOOLS, stream=True),
    ask("tools-parallel", "Weather in Paris and Rome?", **TOOLS),
    ask("tools-parallel-stream", "Weather in Paris and Rome?", **TOOLS, stream=True),
    ask("text-then-tool-stream", "first say, then call", **TOOLS, stream=True),
    ask("tool-result", messages=AFTER_THE_CALL, **TOOLS),
    Ask("models", None, path="/models"),
    ask("error-auth", key="sk-wrong", status=401),
    ask("error-invalid-request", temperature="hot", status=400),
    Ask("error-not-found", {}, path="/no-such-route", status=404),
]


def record(asks: list[Ask]) -> Iterator[tuple[str, Recorded]]:
    """Plays the requests in order. Stops at an answer that is not what the list promises."""
    with (
        llama_server(context=CONTEXT) as upstream,
        Recorder(upstream.removesuffix("/v1")) as recorder,
        httpx.Client(base_url=f"{recorder.base_url}/v1", headers=HEADERS) as client,
    ):
        for asked in asks:
            method = "GET" if asked.body is None else "POST"
            answer = client.request(method, asked.path, json=asked.body, headers={"x-api-key": asked.key})
            recorded = recorder.interactions[-1]
            if answer.status_code != asked.status or recorded.broken:
                raise SystemExit(f"{asked.name}: got {answer.status_code} {answer.text[:300]} {recorded.broken}")
            yield asked.name, recorded


def main() -> None:
    source = f"llama.cpp server (xllamacpp {version('xllamacpp')}), tiny scripted model"
    provenance = Provenance(origin="recorded", source=source, date=datetime.now(UTC).date().isoformat())
    for asks in (FIRST, ASKS):
        for name, recorded in record(asks):
            save(FOLDER / f"{name}.yaml", [recorded], provenance)
            print(f"{recorded.status}  {len(recorded.chunks):3} chunks  {name}")


if __name__ == "__main__":
    main()
