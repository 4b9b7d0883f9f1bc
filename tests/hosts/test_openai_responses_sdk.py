"""The official SDK on the cassettes of the Responses API: it takes them as they are, and its types find in them only
what is wrong on purpose. And the reference adapter on the SDK is conformant."""

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
from conformance.replay.framing import server_sent
from conformance.replay.server import ReplayServer
from conformance.scene import script
from conformance.verdict import Result
from tests.hosts.judging import careless

openai = pytest.importorskip("openai", reason="the openai SDK is not installed")
if not hasattr(openai, "responses"):
    pytest.skip("the openai SDK is too old for the Responses API", allow_module_level=True)

DIALECT = dialects.load("openai-responses")
REPLIES = [n for n in cassettes.names(DIALECT.name) if n.startswith("replies/")]
STREAMS = [n for n in cassettes.names(DIALECT.name) if n.startswith("streams/")]

# What the SDK's types do not have, and real servers or broken ones send.
NOT_OF_THE_TYPES = {
    "replies/items-of-other-kinds": "an item of a kind that nobody knows yet",
    "replies/minimal": "nothing that is optional",
    "replies/tool-arguments-object": "arguments that are no text",
    "replies/tool-call-without-id": "a call without its ids",
    "replies/unknown-finish-reason": "a reason that nobody knows yet",
    "replies/usage-count-null": "counts that are null",
    "replies/usage-odd-keys": "counts without details",
    "streams/choices-is-a-string": "an answer that is a string",
    "streams/chunk-is-a-string": "an event that is a string",
    "streams/completed-output-missing": "an answer without output",
    "streams/delta-is-a-string": "a delta that is an object",
    "streams/error-nested": "the details of an error in an object of their own",
    "streams/failed-by-context": "a code of the API that is not of the type",
    "streams/failed-by-quota": "a code of the API that is not of the type",
    "streams/items-of-other-kinds": "an item of a kind that nobody knows yet",
    "streams/not-json": "an event that is cut",
    "streams/null-deltas": "lists that are null",
    "streams/other-deltas": "an event of a kind that nobody knows yet",
    "streams/preamble-without-choices": "a keepalive",
    "streams/tool-arguments-object": "arguments that are no text",
    "streams/usage-count-null": "counts that are null",
    "streams/usage-odd-keys": "counts without details",
    "streams/usage-answer-only": "counts that are not there",
    "streams/usage-prompt-only": "counts that are not there",
    "streams/without-sequence-numbers": "events without numbers",
}
RAISED = {  # by the SDK itself, while it reads the stream
    "streams/not-json": ValueError,
    "streams/error-nested": openai.APIError,
}
NO_EVENT = {"streams/chunk-is-a-string"}

ADVICE = {
    "AUT-010": "the SDK's own exception quotes the body, with the key in it, and is the context of the adapter's",
    "CFG-008": "the SDK joins the route to the end of the base URL, where the query stands",
    "CFG-009": "the SDK takes white space after the base URL for a part of it",
    "SEC-002": "the SDK follows redirects to other origins, with the prompt",
    "SEC-006": "the SDK's own exception quotes the address, with its password, and is the context of the adapter's",
    "TIM-005": "the SDK's timeout is for one read",
    "TIM-006": "the SDK's timeout is for one read",
    "CON-008": "the SDK's client belongs to the first event loop in which it was used",
}


def body(name: str) -> bytes:
    return b"".join(DIALECT.cassette(name).interactions[0].chunks)


def events(name: str) -> Iterator[Any]:
    for event in server_sent(body(name)):
        data = event.partition(b"data: ")[2].strip()
        if data != b"[DONE]":
            yield json.loads(data)


@pytest.fixture(scope="module")
def server() -> Iterator[ReplayServer]:
    with ReplayServer() as running:
        yield running


@pytest.fixture(scope="module")
def types() -> tuple[Any, Any]:
    from openai.types.responses import Response, ResponseStreamEvent  # noqa: PLC0415
    from pydantic import TypeAdapter  # noqa: PLC0415

    return TypeAdapter(Response), TypeAdapter(ResponseStreamEvent)


@pytest.mark.parametrize("name", REPLIES + STREAMS)
def test_it_is_of_the_sdks_types_where_it_means_to_be(name: str, types: tuple[Any, Any]) -> None:
    answer, event = types
    try:
        if name in REPLIES:
            answer.validate_python(json.loads(body(name)))
        else:
            [event.validate_python(data) for data in events(name)]
    except ValueError:
        assert name in NOT_OF_THE_TYPES
    else:
        assert name not in NOT_OF_THE_TYPES


@pytest.mark.parametrize("name", REPLIES)
def test_the_sdk_parses_the_reply(name: str, server: ReplayServer) -> None:
    told = json.loads(body(name))
    with server.scene(lambda _: script(Wire(cassette=name), DIALECT)) as scene:
        with openai.OpenAI(api_key="x", base_url=f"{scene.base_url}/v1", max_retries=0) as client:
            answer = client.responses.create(model="m", input="Name three rivers.")
        parts = [p for i in told["output"] if i["type"] == "message" for p in i["content"]]
        assert answer.output_text == "".join(p.get("text") or "" for p in parts)
        calls = [(i.get("call_id"), i["name"]) for i in told["output"] if i["type"] == "function_call"]
        seen = [(getattr(i, "call_id", None), i.name) for i in answer.output if i.type == "function_call"]
        assert seen == calls
        assert answer.status == told.get("status")


@pytest.mark.parametrize("name", STREAMS)
def test_the_sdk_parses_the_stream(name: str, server: ReplayServer) -> None:
    seen: list[Any] = []
    with (
        server.scene(lambda _: script(Wire(cassette=name), DIALECT)) as scene,
        openai.OpenAI(api_key="x", base_url=f"{scene.base_url}/v1", max_retries=0) as client,
    ):
        stream = client.responses.create(model="m", input="Name three rivers.", stream=True)
        if name in RAISED:
            with pytest.raises(RAISED[name]):
                seen += stream
            return
        seen += stream
    told = list(events(name))
    if name not in NO_EVENT:
        assert [e.type for e in seen] == [e["type"] for e in told]
        deltas = [e["delta"] for e in told if e["type"] == "response.output_text.delta"]
        assert [e.delta for e in seen if e.type == "response.output_text.delta"] == deltas


def test_every_deviation_is_one_of_a_cassette() -> None:
    assert set(NOT_OF_THE_TYPES) <= {*REPLIES, *STREAMS}


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.proof
def test_the_reference_adapter_on_the_sdk_is_conformant() -> None:
    with careless(), Bench() as bench:
        spec = "conformance.reference:OpenAIResponsesSDK"
        examination = Examination(resolve([spec], {})[0], bench, catalogue.load())
        examination.expect(examination.exams)
        verdicts = [(e.requirement, examination.verdict(e).result) for e in examination.exams]
    assert {rule.id for rule, result in verdicts if result is Result.FAIL} == set(ADVICE)
    assert {rule.level for rule, result in verdicts if result is Result.FAIL} == {"SHOULD"}
    assert {result for _, result in verdicts} == {Result.PASS, Result.FAIL, Result.UNSUPPORTED}
