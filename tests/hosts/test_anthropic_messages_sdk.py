"""Our answers are ones that Anthropic's official SDK reads as they are meant, and the adapter on it is judged."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from conformance import cassettes, catalogue, dialects
from conformance.bench import Bench
from conformance.case import Wire
from conformance.examination import Examination
from conformance.provider import resolve
from conformance.replay.server import ReplayServer
from conformance.scene import script
from conformance.verdict import Result

anthropic = pytest.importorskip("anthropic", reason="the anthropic SDK is not installed")

DIALECT = dialects.load("anthropic-messages")
ASKED: dict[str, Any] = {"model": "m", "max_tokens": 64, "messages": [{"role": "user", "content": "Hi"}]}


def ours(folder: str) -> list[str]:
    """All of a folder but those that are written to be wrong, which say so."""
    names = [n for n in cassettes.names("anthropic-messages") if n.startswith(folder)]
    return [n for n in names if not DIALECT.cassette(n).provenance.note.startswith("not the protocol's")]


MODELS = [n for n in ours("replies/") if "models" in n]
ONE_MODEL = "replies/model"
REPLIES = [n for n in ours("replies/") if n not in (*MODELS, ONE_MODEL, "replies/error-in-200")]
NAMELESS = "streams/without-names"  # the SDK overlooks events without a name
DONE = "streams/done-at-the-end"  # and fails over this one
BROKEN = [n for n in ours("streams/") if "error" in n or "overloaded" in n]
STREAMS = [n for n in ours("streams/") if n not in (*BROKEN, NAMELESS, DONE)]
RECORDED = [n for n in ours("recorded/") if "error" not in n and n != "recorded/models"]


@pytest.fixture(scope="module")
def server() -> Iterator[ReplayServer]:
    with ReplayServer() as running:
        yield running


@pytest.fixture(scope="module")
def sdk() -> Iterator[Any]:
    with anthropic.Anthropic(api_key="x", max_retries=0) as made:
        yield made


@pytest.fixture
def client(request: pytest.FixtureRequest, server: ReplayServer, sdk: Any) -> Iterator[Any]:
    """The SDK's client, which is answered with one wire, or one cassette."""
    wire = request.param if isinstance(request.param, Wire) else Wire(cassette=request.param)
    with server.scene(lambda _: script(wire, DIALECT)) as scene:
        yield sdk.with_options(base_url=scene.base_url)


def every(names: list[str]) -> Any:
    def told(test: Any) -> Any:
        pairs = [pytest.param(n, n, id=n) for n in names]
        return pytest.mark.parametrize(("client", "name"), pairs, indirect=["client"])(test)

    return told


def body(name: str) -> str:
    return b"".join(DIALECT.cassette(name).interactions[0].chunks).decode()


def streamed(name: str) -> bool:
    return "event-stream" in dict(DIALECT.cassette(name).interactions[0].headers)["content-type"]


@every(REPLIES + [n for n in RECORDED if not streamed(n)])
def test_a_reply_is_what_the_sdk_reads(client: Any, name: str) -> None:
    message = client.messages.create(**ASKED)
    told = json.loads(body(name))
    assert isinstance(message, anthropic.types.Message)
    assert message.to_dict(mode="python", warnings=False)["content"] == told["content"]
    assert [block.type for block in message.content] == [block["type"] for block in told["content"]]
    assert message.stop_reason == told["stop_reason"]
    assert (message.usage.input_tokens, message.usage.output_tokens) == (
        told["usage"]["input_tokens"],
        told["usage"]["output_tokens"],
    )


@every(STREAMS + [n for n in RECORDED if streamed(n)])
@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")  # types that are new to it
def test_a_stream_is_what_the_sdk_puts_together(client: Any, name: str) -> None:
    with client.messages.stream(**ASKED) as events:
        message = events.get_final_message()
    told = [json.loads(data) for data in data_of(body(name))]
    starts = [e["content_block"] for e in told if e["type"] == "content_block_start"]
    deltas = [e["delta"] for e in told if e["type"] == "content_block_delta"]
    texts = [p["text"] for p in [*starts, *deltas] if p["type"] in ("text", "text_delta")]
    assert "".join(b.text for b in message.content if b.type == "text") == "".join(texts)
    stops = [e["delta"]["stop_reason"] for e in told if e["type"] == "message_delta"]
    assert message.stop_reason == (stops[-1] if stops else None)
    for index, block in enumerate(message.content):
        if block.type == "tool_use" and name != "streams/tool-call-cut":
            pieces = [e["delta"] for e in told if e["type"] == "content_block_delta" and e["index"] == index]
            start = next(e for e in told if e["type"] == "content_block_start" and e["index"] == index)
            said = "".join(p["partial_json"] for p in pieces)
            assert (block.input or {}) == (json.loads(said) if said else start["content_block"].get("input"))


def data_of(text: str) -> list[str]:
    """The data of each event of the protocol's; pings and what a gateway puts behind the last one are none."""
    lines = [line.removeprefix("data:").strip() for line in text.split("\n") if line.startswith("data:")]
    return [line for line in lines if line not in ("", "[DONE]")]


@every(BROKEN)
def test_an_error_in_a_stream_is_one_to_the_sdk(client: Any, name: str) -> None:
    with pytest.raises(anthropic.APIStatusError) as caught, client.messages.stream(**ASKED) as events:
        events.until_done()
    assert caught.value.type in ("api_error", "overloaded_error", "rate_limit_error")


@every([n for n in MODELS if n != "replies/models-first-page"])
def test_a_list_of_models_is_what_the_sdk_reads(client: Any, name: str) -> None:
    assert [m.id for m in client.models.list()] == [m["id"] for m in json.loads(body(name))["data"]]


@every([ONE_MODEL])
def test_one_model_is_what_the_sdk_reads(client: Any, name: str) -> None:
    assert client.models.retrieve("tiny").id == json.loads(body(name))["id"]


@every(["replies/models-first-page"])
def test_the_sdk_asks_for_the_next_page(client: Any, name: str) -> None:
    page = client.models.list()
    assert page.has_next_page()
    assert page.next_page_info().params == {"after_id": "kit-small"}


# --- the faults of the SDK, 2.11.0 ---------------------------------------------------------------


@every([NAMELESS])
def test_it_overlooks_events_without_a_name(client: Any, name: str) -> None:
    """ANT-020."""
    assert list(client.messages.create(**ASKED, stream=True)) == []


@every(["replies/error-in-200"])
def test_it_takes_an_error_under_status_200_for_a_message(client: Any, name: str) -> None:
    """ERR-020, which the adapter looks for itself."""
    assert isinstance(client.messages.create(**ASKED), anthropic.types.Message)


PAGE = Wire(body="<html></html>", headers={"content-type": "text/html"})


@pytest.mark.parametrize("client", [PAGE], indirect=True)
def test_it_fails_over_a_page_in_place_of_the_models(client: Any) -> None:
    """MAL-012, which the adapter catches."""
    with pytest.raises(AttributeError):
        client.models.list()


@every(["streams/overloaded-first"])
def test_an_overload_inside_a_stream_has_the_status_of_the_stream(client: Any, name: str) -> None:
    """ANT-013, where the adapter goes by the type."""
    with pytest.raises(anthropic.APIStatusError) as caught:
        list(client.messages.create(**ASKED, stream=True))
    assert (caught.value.status_code, caught.value.type) == (200, "overloaded_error")


@every([DONE])
def test_it_reads_done_as_json(client: Any, name: str) -> None:
    """ANT-021, where the adapter leaves at message_stop."""
    with pytest.raises(json.JSONDecodeError):
        list(client.messages.create(**ASKED, stream=True))


# --- the adapter on it ---------------------------------------------------------------------------

ADVICE = {
    "ANT-020": "the SDK overlooks events without a name",
    "AUT-010": "the SDK's own exception, in whose handling the adapter's is raised, quotes the whole body",
    "CFG-008": "the SDK puts the route behind the query of a base URL",
    "SEC-002": "the SDK's client follows redirects to anywhere, without the key, but with the prompt",
    "TIM-005": "the SDK's timeout is for one read",
    "TIM-006": "the SDK's timeout is for one read",
    "CON-008": "its client belongs to the first event loop in which it was used",
}


@pytest.mark.proof
def test_the_adapter_on_the_sdk_is_conformant() -> None:
    with Bench() as bench:
        examination = Examination(
            resolve(["conformance.reference:AnthropicMessagesSDK"], {})[0], bench, catalogue.load()
        )
        examination.expect(examination.exams)
        verdicts = [(e.requirement, examination.verdict(e).result) for e in examination.exams]
    failed = {rule.id: rule.level for rule, result in verdicts if result is Result.FAIL}
    assert failed == dict.fromkeys(ADVICE, "SHOULD")
    assert {result for _, result in verdicts} == {Result.PASS, Result.FAIL, Result.UNSUPPORTED}
