"""What the dialects say of a recorded answer, held against the reference adapters: by every cassette of the kit."""

from __future__ import annotations

import asyncio
import importlib
import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from conformance import cassettes, catalogue, dialects, own
from conformance.bench import Bench
from conformance.case import Case, Wire
from conformance.cassettes import CASSETTES
from conformance.contract import ERROR_KINDS, Done, Event, Message, ProviderError, Reply, Request
from conformance.dialects import Dialect, Said
from conformance.examination import Examination
from conformance.provider import resolve
from conformance.recording import is_stream, operation_of, request_of
from conformance.replay.script import Script
from conformance.replay.server import ReplayServer
from conformance.scene import script
from conformance.trace import Exchange
from conformance.verdict import Result
from tests.corpus.player import Outcome, agree, collect

ADAPTERS = {
    "anthropic-messages": "conformance.reference:AnthropicMessages",
    "bedrock-converse": "conformance.reference:BedrockConverse",
    "cohere-chat": "conformance.reference:CohereChat",
    "gemini": "conformance.reference:Gemini",
    "ollama": "conformance.reference:Ollama",
    "ollama-generate": "tests.hosts.ollama_generate:OllamaGenerate",
    "openai-chat": "conformance.reference:OpenAIChat",
    "openai-responses": "conformance.reference:OpenAIResponses",
}
ASKED = Request([Message("user", "Hi")])


def test_every_dialect_is_read() -> None:
    assert sorted(ADAPTERS) == sorted(dialects.names())


@pytest.mark.parametrize("name", ADAPTERS)
def test_the_reference_adapter_agrees(name: str) -> None:
    dialect = dialects.load(name)
    found = asyncio.run(disagreements(dialect, cassettes.names(dialect.facts.like or name)))
    assert {cassette: why for cassette, why in found.items() if why} == {}
    assert len(found) > 100


async def disagreements(dialect: Dialect, names: Sequence[str]) -> dict[str, str]:
    module, _, attribute = ADAPTERS[dialect.name].partition(":")
    make: Any = getattr(importlib.import_module(module), attribute)
    left: list[Script] = []
    with ReplayServer() as server, server.scene(lambda _: left.pop(0)) as scene:
        adapter = make(api_key="", base_url=scene.base_url, model="m", timeout=10)
        found = {name: await disagreement(name, dialect, adapter, left) for name in names}
        await adapter.close()
        return found


async def disagreement(cassette: str, dialect: Dialect, adapter: Any, left: list[Script]) -> str:
    interaction = dialect.cassette(cassette).interactions[0]
    if dialect.name == "ollama-generate":  # which tells the answers of the other route in its own way
        interaction = replace(interaction, uri=interaction.uri.replace("/api/chat", "/api/generate"))
    request, operation = request_of(interaction), operation_of(interaction, dialect)
    if operation not in ("chat", "embeddings", "models"):
        return ""
    request.operation = operation
    left[:] = [played(cassette, dialect, request)]
    streamed = operation == "chat" and is_stream(interaction, dialect)
    try:
        told = dialect.said(operation, interaction.status, left[0].body, streamed)
    except ValueError:
        told = Said(kinds={*ERROR_KINDS})  # of which there is no telling
    if told.more:
        left.append(played(dialect.facts.good["models"], dialect, request))
        told.models = told.models + dialect.said("models", 200, left[1].body, streamed=False).models
    outcome = await play(adapter, operation, streamed, len(told.vectors))
    if told.odd and outcome.error and outcome.error.kind == "malformed":
        return ""
    try:
        agree(outcome, told)
    except AssertionError as exc:
        return str(exc)[:300]
    return ""


def played(cassette: str, dialect: Dialect, request: Exchange) -> Script:
    """The id of an answer is told by its body, where it is looked for."""
    made = script(Wire(cassette=cassette), dialect, exchange=request)
    return replace(made, headers=[h for h in made.headers if h[0] != "x-amzn-requestid"])


async def play(adapter: Any, operation: str, streamed: bool, vectors: int) -> Outcome:
    outcome = Outcome()
    try:
        if operation == "embeddings":
            outcome.answer = await adapter.embed(["x"] * (vectors or 2))
        elif operation == "models":
            outcome.answer = list(await adapter.list_models())
        elif streamed:
            await collect(adapter.stream(ASKED), outcome)
        else:
            outcome.answer = await adapter.generate(ASKED)
    except ProviderError as exc:
        outcome.error = exc
    return outcome


RIVERS = "The Nile, the Amazon and the Yangtze."
PARIS = [("get_weather", {"city": "Paris"})]
CALLS = [("get_weather", {"city": "Paris", "days": 2})]


@pytest.mark.parametrize(
    ("dialect", "name", "told"),
    [
        ("anthropic-messages", "replies/three-rivers", {"text": RIVERS, "finish": "stop", "usage": (11, 9, None)}),
        ("anthropic-messages", "replies/tool-call", {"calls": CALLS, "finish": "tool_calls"}),
        ("anthropic-messages", "replies/usage-cached", {"usage": (1200, 90, None)}),
        ("anthropic-messages", "replies/error-in-200", {"text": "", "usage": None}),
        ("anthropic-messages", "streams/three-rivers", {"text": RIVERS, "finish": "stop", "usage": (11, 9, None)}),
        ("anthropic-messages", "streams/tool-call", {"calls": PARIS, "finish": "tool_calls"}),
        ("anthropic-messages", "streams/tool-call-cut", {"kinds": {"malformed"}}),
        ("anthropic-messages", "streams/without-message-stop", {"text": RIVERS, "odd": True, "kinds": set()}),
        ("anthropic-messages", "errors/overloaded", {"kinds": {"overloaded"}}),
        ("gemini", "replies/three-rivers", {"text": RIVERS, "finish": "stop", "usage": (11, 9, 20)}),
        ("gemini", "replies/tool-call", {"calls": CALLS, "finish": "tool_calls"}),
        ("gemini", "replies/prompt-blocked", {"kinds": {"content_filter"}}),
        ("gemini", "replies/malformed-function-call", {"kinds": {"malformed"}}),
        ("gemini", "replies/finish-as-a-number", {"finish": "stop", "odd": True}),
        ("gemini", "streams/three-rivers", {"text": RIVERS, "finish": "stop", "usage": (11, 9, 20)}),
        ("gemini", "streams/tool-call", {"calls": PARIS, "finish": "tool_calls"}),
        ("gemini", "streams/finish-safety", {"text": "The Nile,", "finish": "content_filter"}),
        ("gemini", "errors/rate-limit", {"kinds": {"rate_limit", "billing"}}),
        ("ollama", "replies/three-rivers", {"text": RIVERS, "finish": "stop", "usage": (11, 9, 20)}),
        ("ollama", "replies/tool-call", {"calls": CALLS, "finish": "tool_calls"}),
        ("ollama", "replies/tool-arguments-text", {"calls": CALLS, "odd": True}),
        ("ollama", "replies/no-prompt-count", {"usage": (None, 9, None)}),
        ("ollama", "streams/three-rivers", {"text": RIVERS, "finish": "stop", "usage": (11, 9, 20)}),
        ("ollama", "streams/tool-call", {"calls": PARIS, "finish": "tool_calls"}),
        ("ollama", "streams/reasoning-content", {"text": RIVERS, "reasoning": "Rivers, long ones."}),
        ("ollama", "errors/not-found", {"kinds": {"not_found"}}),
        ("bedrock-converse", "replies/three-rivers", {"text": RIVERS, "finish": "stop", "usage": (11, 9, 20)}),
        ("bedrock-converse", "replies/tool-call", {"calls": CALLS, "finish": "tool_calls"}),
        ("bedrock-converse", "replies/citations", {"text": RIVERS}),
        ("bedrock-converse", "replies/server-tool", {"calls": []}),
        ("bedrock-converse", "streams/three-rivers", {"text": RIVERS, "finish": "stop", "usage": (11, 9, 20)}),
        ("bedrock-converse", "streams/tool-call", {"calls": PARIS, "finish": "tool_calls"}),
        ("bedrock-converse", "streams/wrong-crc", {"kinds": {"network", "malformed"}}),
        ("bedrock-converse", "errors/permission", {"kinds": {"permission", "auth"}}),
        ("openai-chat", "streams/tool-calls-one-index", {"odd": True, "kinds": set(), "finish": "tool_calls"}),
    ],
)
def test_what_a_recording_says(dialect: str, name: str, told: dict[str, Any]) -> None:
    recorded = dialects.load(dialect).cassette(name).interactions[0]
    body = b"".join(recorded.chunks)
    read = dialects.load(dialect).said("chat", recorded.status, body, name.startswith("streams/"))
    assert {field: getattr(read, field) for field in told} == told


def test_the_older_route_of_ollama() -> None:
    rows = [{"response": "The "}, {"response": "Nile.", "thinking": "Hm."}, {"response": "", "done": True}]
    told = dialects.load("ollama-generate").said("chat", 200, "\n".join(map(json.dumps, rows)).encode(), True)
    assert (told.text, told.reasoning, told.finish, told.kinds) == ("The Nile.", "Hm.", "unknown", set())


@pytest.mark.parametrize("name", sorted({*ADAPTERS} - {"ollama-generate"}))
def test_a_stream_that_was_broken_off_is_an_error(name: str) -> None:
    """Wherever: between two events, and within one."""
    dialect = dialects.load(name)
    body = b"".join(dialect.cassette("streams/three-rivers").interactions[0].chunks)
    for at in range(len(body) * 6 // 10):
        assert dialect.said("chat", 200, body[:at], True).kinds == {"network", "malformed"}, body[:at]


def test_gemini_told_as_an_array() -> None:
    dialect = dialects.load("gemini")
    request = Exchange("POST", "/v1beta/models/m:streamGenerateContent", "", [], b"{}", connection=1, at=0.0)
    request.operation = "chat"
    made = script(Wire(cassette="streams/three-rivers"), dialect, exchange=request)
    assert made.body.startswith(b"[")
    told = dialect.said("chat", 200, made.body, True)
    assert (told.text, told.finish, told.usage) == (RIVERS, "stop", (11, 9, 20))
    assert dialect.said("chat", 200, made.body[:-20], True).kinds == {"network", "malformed"}
    request.query = "alt=sse"
    events = dialect.told(request, made)
    assert dialect.said("chat", 200, events.body, True) == told


@pytest.mark.parametrize("name", ["anthropic-messages", "bedrock-converse", "gemini", "ollama"])
@pytest.mark.parametrize(("status", "raw"), [(200, b"[]"), (200, b"{"), (200, b"\xff"), (302, b"")])
def test_a_recording_of_which_there_is_no_telling(name: str, status: int, raw: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        dialects.load(name).said("chat", status, raw, streamed=False)


# --- as cases ----------------------------------------------------------------------------------

NAMES = ["replies/three-rivers", "replies/tool-call", "streams/three-rivers", "streams/tool-call", "errors/overloaded"]
PAGED = {"anthropic-messages", "gemini"}


def losing(spec: str) -> Callable[..., Any]:
    """The adapter, of which no text arrives whole."""
    module, _, attribute = spec.partition(":")
    base: Any = getattr(importlib.import_module(module), attribute)

    class Loses(base):  # type: ignore[misc]
        async def generate(self, request: Request) -> Reply:
            reply = await super().generate(request)
            return replace(reply, text=reply.text[:-1])

        async def stream(self, request: Request) -> AsyncIterator[Event]:
            async for event in super().stream(request):
                lost = isinstance(event, Done) and replace(event.reply, text=event.reply.text[:-1])
                yield Done(lost) if lost else event

    return Loses


@pytest.mark.parametrize("name", ["anthropic-messages", "bedrock-converse", "gemini", "ollama", "openai-chat"])
def test_they_are_cases(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two pages of models one was recorded: who asks for the other gets one."""
    monkeypatch.setitem(globals(), "LOSES", losing(ADAPTERS[name]))
    names = [*NAMES, "replies/models-first-page" if name in PAGED else "replies/models"]
    cases = [own.case(cassette, CASSETTES, dialects.load(name)) for cassette in names]
    with Bench() as bench:
        told = verdicts(ADAPTERS[name], cases, bench)
        assert told == dict.fromkeys(told, Result.PASS)
        lost = verdicts(f"{__name__}:LOSES", cases, bench)
    assert [case for case, result in lost.items() if result is Result.FAIL] == ["replies-three-rivers"]
    assert lost["streams-three-rivers"] is Result.BLOCKED  # by the other one


def verdicts(spec: str, cases: Sequence[Case], bench: Bench) -> dict[str, Result]:
    examination = Examination(resolve([spec], {})[0], bench, catalogue.load().with_own(cases))
    chosen = [exam for exam in examination.exams if exam.requirement.id == own.REQUIREMENT]
    return {exam.case.case: examination.verdict(exam).result for exam in chosen}
