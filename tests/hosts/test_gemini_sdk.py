"""Google's own SDK: it parses every cassette, and an adapter on it shows only the SDK's true faults."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from conformance import cassettes, dialects
from conformance.case import Wire
from conformance.replay.server import ReplayServer
from conformance.scene import script
from conformance.trace import Exchange
from tests.hosts.judging import blocked, with_known_failures

genai = pytest.importorskip("google.genai", reason="the google-genai SDK is not installed")
pytestmark = pytest.mark.filterwarnings("ignore")  # of values that the SDK does not know yet

DIALECT = dialects.load("gemini")
NAMES = [n for n in cassettes.names("gemini") if n.startswith(("replies/", "streams/"))]

# What is made to be refused, or is a fault of the SDK's.
NOT_PARSED = {
    "replies/finish-as-a-number": "the SDK takes no enum as a number",
    "replies/length-as-a-number": "the SDK takes no enum as a number",
    "replies/tool-arguments-array": "arguments of a wrong type",
    "replies/embeddings-null": "a vector that is null",
    "streams/chunk-is-a-string": "an event that is no object",
    "streams/choices-is-a-string": "candidates that are no list",
    "streams/delta-is-a-string": "a content that is no object",
    "streams/not-json": "an event that is cut",
    "streams/finish-as-a-number": "the SDK takes no enum as a number",
}
ERRORS = {n for n in NAMES if n.startswith("streams/error-")}

# Behind MAL-010 the same streams in other framings; behind STR-006, STR-008, STR-021 and STR-016 any framing, and what
# is judged with comments and pings, and with streams that are left.
BLOCKED = {"STR-004", "STR-005", "STR-029", "TIM-006", "TIM-010", "TIM-012", "TIM-013", "LAW-001"}


@pytest.fixture(scope="module")
def server() -> Iterator[ReplayServer]:
    with ReplayServer() as made:
        yield made


def asked(name: str, server: ReplayServer) -> list[Any]:
    """What the SDK makes of it: one object, or one for each event."""

    def answer(exchange: Exchange) -> Any:
        return script(Wire(cassette=name), DIALECT, "chat", exchange)

    with server.scene(answer) as scene:
        options = {"base_url": f"{scene.base_url}/v1beta", "api_version": ""}
        client = genai.Client(api_key="k", http_options=options)
        if name.startswith("replies/embeddings"):
            return [client.models.embed_content(model="m", contents=["one"])]
        if name.startswith("replies/models"):
            return list(client.models.list(config={"page_size": 1})[:1])
        if name.startswith("replies/"):
            return [client.models.generate_content(model="m", contents="Hi")]
        return list(client.models.generate_content_stream(model="m", contents="Hi"))


def raw(name: str) -> list[Any]:
    body = b"".join(DIALECT.cassette(name).interactions[0].chunks).decode()
    if name.startswith("replies/"):
        return [json.loads(body)]
    return [json.loads(d) for d in re.findall(r"data: (.*)\r\n", body)]


def meaning(answers: list[Any]) -> tuple[str, int, int | None]:
    """The text, how many calls, and the total of the last count."""
    text, calls, total = "", 0, None
    for answer in answers:
        parts = ((answer.get("candidates") or [{}])[0].get("content") or {}).get("parts") or []
        text += "".join(p.get("text") or "" for p in parts)
        calls += sum("functionCall" in p for p in parts)
        total = (answer.get("usageMetadata") or {}).get("totalTokenCount") or total
    return text, calls, total


@pytest.mark.parametrize("name", [n for n in NAMES if n not in {*NOT_PARSED, *ERRORS}])
def test_the_sdk_parses_it(name: str, server: ReplayServer) -> None:
    got = asked(name, server)
    if name.startswith("replies/models"):
        assert [m.name for m in got] == [m["name"] for m in raw(name)[0]["models"]][:1]
    elif name.startswith("replies/embeddings"):
        assert [e.values for e in got[0].embeddings] == [e["values"] for e in raw(name)[0]["embeddings"]]
    else:
        told = [json.loads(a.model_dump_json(by_alias=True, exclude_none=True)) for a in got]
        assert meaning(told) == meaning(raw(name))


@pytest.mark.parametrize("name", sorted(ERRORS))
def test_the_sdk_takes_it_for_an_error(name: str, server: ReplayServer) -> None:
    with pytest.raises(genai.errors.APIError):
        asked(name, server)


@pytest.mark.proof
def test_the_kit_finds_the_faults_of_the_sdk_and_no_others() -> None:
    assert blocked(with_known_failures("GeminiSDK")) == BLOCKED
