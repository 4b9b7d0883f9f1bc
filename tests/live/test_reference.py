"""The good cases of the suite, asked of a real server: the reference adapter is no creature of the cassettes."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from conformance import catalogue, dialects
from conformance.ask import Ask, Operation
from conformance.case import Case
from conformance.contract import Message
from conformance.drivers import Call
from conformance.drivers.native import DRIVER
from conformance.reference import OpenAIChat
from conformance.replay.recorder import Recorded, Recorder
from conformance.trace import Exchange, Outcome
from tests.live.llama_server import KEY

pytestmark = pytest.mark.live

# What this server refuses: a prompt longer than its context, a schema that it has no grammar for.
BEYOND = {"UNI-008", "SCH-002", "SCH-005"}

DIALECT = dialects.load("openai-chat")


def good_asks() -> Iterator[tuple[str, Ask]]:
    """Every different question of a case in which nothing is wrong."""
    seen: list[Ask] = []
    for case in catalogue.load().cases:
        mine = case.dialect in (None, DIALECT.name) and case.proves not in BEYOND
        if mine and _is_good(case) and case.ask not in seen and case.ask.leave_after is None:
            seen.append(case.ask)
            yield f"{case.proves}-{case.case}", case.ask


def _is_good(case: Case) -> bool:
    wire = case.answers[0]
    answered = wire.cassette is not None and wire.close == "complete" and wire.status is None
    return answered and case.then.error is None and not case.then.either and "error" not in (wire.cassette or "")


def _has_image(ask: Ask) -> bool:
    return any(not isinstance(m.content, str) and any(hasattr(p, "url") for p in m.content) for m in ask.messages)


ASKS = dict(good_asks())
TEXT_ASKS = {name: ask for name, ask in ASKS.items() if not _has_image(ask)}
IMAGE_ASKS = {name: ask for name, ask in ASKS.items() if _has_image(ask)}


def asked(ask: Ask, url: str, key: str = KEY) -> tuple[Outcome, list[Recorded]]:
    with Recorder(url.removesuffix("/v1")) as recorder:
        base_url = f"{recorder.base_url}/v1"
        call = Call(lambda: OpenAIChat(api_key=key, base_url=base_url, model="tiny", timeout=30.0), ask, deadline=60.0)
        return DRIVER.call(call), list(recorder.interactions)


@pytest.mark.parametrize("name", TEXT_ASKS)
def test_a_good_case_is_good_with_a_real_server(name: str, llama_url: str, llama_embedding_url: str) -> None:
    ask = TEXT_ASKS[name]
    outcome, (*_, exchange) = asked(ask, llama_embedding_url if ask.op == "embed" else llama_url)
    assert outcome.error is None, outcome.error
    assert exchange.status == 200
    assert not DIALECT.judge(_as_seen(exchange, ask)), "the real server took what the judge rejects"
    if ask.op == "embed":
        assert outcome.vectors is not None
        assert len(outcome.vectors) == len(ask.texts)
    elif ask.op == "list_models":
        assert outcome.models == ["tiny"]
    else:
        assert outcome.reply.text == _text_on_the_wire(exchange)
        assert outcome.reply.finish_reason in ("stop", "length", "tool_calls")
        assert outcome.reply.usage.output_tokens > 0
    if ask.op == "stream":
        assert "".join(e.text for e in outcome.events if e.kind == "text") == outcome.reply.text
        assert [e.kind for e in outcome.events].count("done") == 1


@pytest.mark.parametrize("name", IMAGE_ASKS)
def test_an_image_that_the_model_cannot_read_is_a_typed_error(name: str, llama_url: str) -> None:
    outcome, (exchange,) = asked(IMAGE_ASKS[name], llama_url)
    assert outcome.error is not None
    assert (outcome.error.kind, outcome.error.status) == ("server", exchange.status)
    assert "image" in outcome.error.text


def test_a_tool_call_and_its_result(llama_url: str) -> None:
    ask = next(a for a in TEXT_ASKS.values() if a.tools and a.op == "generate" and a.tool_choice is None)
    outcome, _ = asked(ask, llama_url)
    assert [(c.name, c.arguments) for c in outcome.reply.tool_calls] == [("get_weather", {"city": "Paris"})]


@pytest.mark.parametrize("op", ["generate", "stream", "list_models"])
def test_a_wrong_key_is_auth(op: Operation, llama_url: str) -> None:
    outcome, _ = asked(Ask(op=op), llama_url, key="wrong")
    assert outcome.error is not None
    assert (outcome.error.kind, outcome.error.status) == ("auth", 401)


def test_a_prompt_that_is_too_long_is_context_length(llama_url: str) -> None:
    outcome, _ = asked(Ask(messages=[Message("user", "a " * 4000)]), llama_url)
    assert outcome.error is not None
    assert outcome.error.kind == "context_length"


def _as_seen(kept: Recorded, ask: Ask) -> Exchange:
    operation = {"embed": "embeddings", "list_models": "models"}.get(ask.op, "chat")
    path = kept.uri.partition("//")[2].partition("/")[2]
    headers = list(kept.request_headers)
    return Exchange(kept.method, f"/{path}", "", headers, kept.request_body, 1, 0.0, operation)


def _text_on_the_wire(kept: Recorded) -> str:
    """Read by other means than the adapter's."""
    body = b"".join(kept.chunks).decode()
    if body.startswith("{"):
        return json.loads(body)["choices"][0]["message"]["content"] or ""
    events = [json.loads(line[6:]) for line in body.split("\n") if line.startswith("data: {")]
    return "".join(c["delta"].get("content") or "" for e in events for c in e["choices"])
