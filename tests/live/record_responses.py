"""Records `cassettes/openai-responses/recorded/` from a llama.cpp server, which speaks the Responses API too.

    python -m tests.live.record_responses

Neither a limit of tokens nor a form of the answer is asked for: the server tells every end as a whole one, and takes no
notice of `text.format`.
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

FOLDER = CASSETTES / "openai-responses" / "recorded"
HEADERS = {"user-agent": "provider-conformance"}

TOOLS: dict[str, Any] = {"tools": [{"type": "function", **WEATHER["function"]}]}  # type: ignore[dict-item]
CALL = {"type": "function_call", "call_id": "call_1", "name": "get_weather", "arguments": '{"city":"Paris"}'}
AFTER_THE_CALL = [
    {"role": "user", "content": "Weather in Paris?"},
    CALL,
    {"type": "function_call_output", "call_id": "call_1", "output": "sunny"},
]


def ask(name: str, said: str = "Hi", /, *, status: int = 200, key: str = KEY, **more: Any) -> Ask:
    plain = {"model": MODEL, "input": [{"role": "user", "content": said}], "temperature": 0}
    return Ask(name, {**plain, **more}, path="/responses", status=status, key=key)


ASKS = [
    ask("chat"),
    ask("empty", "say nothing"),
    ask("reasoning", "please think"),
    ask("tool-call", "Weather in Paris?", **TOOLS),
    ask("tools-parallel", "Weather in Paris and Rome?", **TOOLS),
    ask("tool-result", input=AFTER_THE_CALL, **TOOLS),
    ask("error-auth", key="sk-wrong", status=401),
    ask("error-invalid-request", temperature="hot", status=400),
    ask("error-context-length", "a " * (CONTEXT // 2), status=400),
    # Its streams have neither output_index nor content_index.
    ask("unnumbered-text", stream=True),
    ask("unnumbered-reasoning", "please think", stream=True),
    ask("unnumbered-call", "Weather in Paris?", **TOOLS, stream=True),
    ask("unnumbered-calls", "Weather in Paris and Rome?", **TOOLS, stream=True),
    ask("unnumbered-text-then-call", "first say, then call", **TOOLS, stream=True),
]


def record() -> Iterator[tuple[str, Recorded]]:
    """Plays the requests in order. Stops at an answer that is not what the list promises."""
    with (
        llama_server(context=CONTEXT) as upstream,
        Recorder(upstream.removesuffix("/v1")) as recorder,
        httpx.Client(base_url=f"{recorder.base_url}/v1", headers=HEADERS) as client,
    ):
        for asked in ASKS:
            answer = client.post(asked.path, json=asked.body, headers={"authorization": f"Bearer {asked.key}"})
            recorded = recorder.interactions[-1]
            if answer.status_code != asked.status or recorded.broken:
                raise SystemExit(f"{asked.name}: got {answer.status_code} {answer.text[:300]} {recorded.broken}")
            yield asked.name, recorded


def main() -> None:
    source = f"llama.cpp server (xllamacpp {version('xllamacpp')}), tiny scripted model"
    provenance = Provenance(origin="recorded", source=source, date=datetime.now(UTC).date().isoformat())
    for name, recorded in record():
        save(FOLDER / f"{name}.yaml", [recorded], provenance)
        print(f"{recorded.status}  {len(recorded.chunks):3} chunks  {name}")


if __name__ == "__main__":
    main()
