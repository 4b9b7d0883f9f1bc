"""The judge of requests to the Responses API, what it reads, how it is recognised, and its data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

import jsonschema
import pytest
from hypothesis import given, settings

from conformance import cassettes, catalogue
from conformance.contract import Image, JSONSchema, Message, Request, Text, Tool, ToolCall
from conformance.dialects import load, recognise
from conformance.paths import FIXTURES
from conformance.reference import OpenAIResponses
from conformance.suites.requests import plain
from conformance.trace import Exchange
from tests.core.openai_chat.conversations import conversations
from tests.corpus.exchanges import ABSENT, CORPUS, present

DIALECT = load("openai-responses")
OTHER = load("openai-chat")


def exchange(body: Any, operation: str | None = "chat", path: str = "/v1/responses") -> Exchange:
    return Exchange("POST", path, "", [], json.dumps(body).encode(), connection=1, at=0.0, operation=operation)


def said(body: Any) -> list[str]:
    return list(DIALECT.judge(exchange(body)))


# --- bodies ------------------------------------------------------------------------------------

USER = {"role": "user", "content": "Hi"}
CALL = {"type": "function_call", "call_id": "call_1", "name": "now", "arguments": "{}"}
RESULT = {"type": "function_call_output", "call_id": "call_1", "output": "noon"}
NOW = {"type": "function", "name": "now"}
STRICT = {**NOW, "strict": True}
PIXEL = "iVBORw0KGgo="


def body(*items: Any, **more: Any) -> dict[str, Any]:
    return {"model": "m", "input": list(items) or [USER], **more}


def user(*parts: Any) -> dict[str, Any]:
    return body({"role": "user", "content": list(parts)})


def without(data: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {k: v for k, v in data.items() if k not in keys}


ILLEGAL: dict[str, tuple[dict[str, Any], str]] = {
    "no model": ({"input": "Hi"}, "$: 'model'"),
    "empty model": (body(model=""), "$.model:"),
    "no input": ({"model": "m"}, "$: 'input'"),
    "empty input": ({"model": "m", "input": []}, "$.input:"),
    "a text as item": (body("Hi"), "$.input[0]:"),
    # what other APIs have
    "messages": (body(messages=[USER]), "$.messages: there is no such field"),
    "max_tokens": (body(max_tokens=50), "$.max_tokens: there is no such field"),
    "max_completion_tokens": (body(max_completion_tokens=50), "$.max_completion_tokens: there is no such field"),
    "stop": (body(stop=["END"]), "$.stop: there is no such field"),
    "seed": (body(seed=1), "$.seed: there is no such field"),
    "n": (body(n=1), "$.n: there is no such field"),
    "response_format": (body(response_format={"type": "json_object"}), "$.response_format: there is no such field"),
    "reasoning_effort": (body(reasoning_effort="low"), "$.reasoning_effort: there is no such field"),
    "usage of a stream": (body(stream=True, stream_options={"include_usage": True}), "$.stream_options.include_usage:"),
    "a misspelt parameter": (body(temprature=1), "$.temprature: there is no such field"),
    # options
    "too small a limit": (body(max_output_tokens=15), "$.max_output_tokens:"),
    "limit as a text": (body(max_output_tokens="50"), "$.max_output_tokens:"),
    "too hot": (body(temperature=2.1), "$.temperature:"),
    "top_p above one": (body(top_p=1.1), "$.top_p:"),
    "options of a stream that is none": (body(stream_options={"include_obfuscation": False}), "$.stream_options:"),
    "effort of another API": (body(reasoning={"effort": "extreme"}), "$.reasoning.effort:"),
    "format of the chat API": (
        body(text={"format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {}}}}),
        "$.text.format",
    ),
    "schema without a name": (body(text={"format": {"type": "json_schema", "schema": {}}}), "$.text.format: 'name'"),
    "instructions as a list": (body(instructions=["Be brief."]), "$.instructions:"),
    "two kinds of state": (body(previous_response_id="resp_1", conversation="conv_1"), "$.previous_response_id:"),
    "background that is not kept": (body(background=True, store=False), "$.background:"),
    # messages
    "no role": (body({"type": "message", "content": "Hi"}), "$.input[0]: 'role'"),
    "role tool": (body({"role": "tool", "content": "noon"}), "$.input[0].role:"),
    "no content": (body({"role": "user"}), "$.input[0]: 'content'"),
    "null content": (body({"role": "user", "content": None}), "$.input[0].content:"),
    "no parts": (user(), "$.input[0].content:"),
    "part of the chat API": (user({"type": "text", "text": "Hi"}), "$.input[0].content[0].type:"),
    "image of the chat API": (
        user({"type": "image_url", "image_url": {"url": "https://x/y.png"}}),
        "$.input[0].content[0].type:",
    ),
    "an answer's part of a user": (user({"type": "output_text", "text": "Hi"}), "$.input[0].content[0].type:"),
    "a question's part of an assistant": (
        body({"role": "assistant", "content": [{"type": "input_text", "text": "Hi"}]}),
        "$.input[0].content[0].type:",
    ),
    "image in an object": (user({"type": "input_image", "image_url": {"url": "https://x/y"}}), "$.input[0].content[0]"),
    "bare base64": (user({"type": "input_image", "image_url": PIXEL}), "$.input[0].content[0].image_url:"),
    "tool calls of a message": (body({**USER, "role": "assistant", "tool_calls": []}), "$.input[0].tool_calls:"),
    # calls
    "an unknown item": (body({"type": "tool_result", "output": "x"}), "$.input[0].type:"),
    "call without call_id": (body(USER, without(CALL, "call_id"), RESULT), "$.input[1]: 'call_id'"),
    "empty call_id": (body(USER, {**CALL, "call_id": ""}), "$.input[1].call_id:"),
    "call_id that is too long": (body(USER, {**CALL, "call_id": "x" * 65}), "$.input[1].call_id:"),
    "arguments as an object": (body(USER, {**CALL, "arguments": {}}, RESULT), "$.input[1].arguments:"),
    "arguments that are cut": (body(USER, {**CALL, "arguments": '{"a'}, RESULT), "$.input[1].arguments:"),
    "the call's id as the item's": (body(USER, {**CALL, "id": "call_1"}, RESULT), "$.input[1].id:"),
    "result without output": (body(USER, CALL, without(RESULT, "output")), "$.input[2]: 'output'"),
    "result as an object": (body(USER, CALL, {**RESULT, "output": {"t": 1}}), "$.input[2].output:"),
    "result of the chat API": (body(USER, CALL, {**RESULT, "content": "noon"}), "$.input[2].content:"),
    "no output for a call": (body(USER, CALL), "$.input: no tool output found for function call call_1"),
    "no call for an output": (body(USER, RESULT), "$.input[1].call_id: no tool call found"),
    "an output before its call": (body(USER, RESULT, CALL), "$.input[1].call_id: no tool call found"),
    "reasoning without summary": (body({"type": "reasoning", "id": "rs_1"}, USER), "$.input[0]: 'summary'"),
    # tools
    "tool of the chat API": (body(tools=[{"type": "function", "function": {"name": "now"}}]), "$.tools[0]"),
    "tool without type": (body(tools=[{"name": "now"}]), "$.tools[0]: 'type'"),
    "tool with a space": (body(tools=[{**NOW, "name": "the time"}]), "$.tools[0].name:"),
    "parameters of a list": (body(tools=[{**NOW, "parameters": {"type": "array"}}]), "$.tools[0].parameters.type:"),
    "two tools of one name": (body(tools=[NOW, NOW]), "$.tools: two tools"),
    "strict and open": (
        body(tools=[{**STRICT, "parameters": {"type": "object", "properties": {}}}]),
        "$.tools[0].parameters: with strict, additionalProperties",
    ),
    "strict and optional": (
        body(
            tools=[{**STRICT, "parameters": {"type": "object", "properties": {"a": {}}, "additionalProperties": False}}]
        ),
        "$.tools[0].parameters: with strict, required",
    ),
    "choice without tools": (body(tool_choice="required"), "$.tool_choice:"),
    "choice of another API": (body(tools=[NOW], tool_choice="any"), "$.tool_choice:"),
    "choice of the chat API": (
        body(tools=[NOW], tool_choice={"type": "function", "function": {"name": "now"}}),
        "$.tool_choice",
    ),
    "choice of no tool": (body(tools=[NOW], tool_choice={"type": "function", "name": "then"}), "$.tool_choice: there"),
}

LEGAL: dict[str, dict[str, Any]] = {
    "a text": {"model": "m", "input": "Hi"},
    "instructions": body(instructions="Be brief."),
    "roles": body({"role": "system", "content": "x"}, {"role": "developer", "content": "y"}, USER),
    "typed messages": body({"type": "message", **USER}, {"type": "message", "role": "assistant", "content": "Hello."}),
    "an answer fed back": body(
        USER,
        {"id": "rs_1", "type": "reasoning", "summary": [], "encrypted_content": "gAAA"},
        {
            "id": "msg_1",
            "type": "message",
            "status": "completed",
            "role": "assistant",
            "content": [{"type": "output_text", "text": "Hello.", "annotations": [], "logprobs": []}],
        },
        USER,
    ),
    "a refusal fed back": body(USER, {"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]}, USER),
    "calls and results": body(USER, CALL, {**CALL, "call_id": "call_2"}, {**RESULT, "call_id": "call_2"}, RESULT),
    "a result in parts": body(USER, CALL, {**RESULT, "output": [{"type": "input_text", "text": "noon"}]}),
    "an empty result": body(USER, CALL, {**RESULT, "output": ""}),
    "a call on the server": body(RESULT, previous_response_id="resp_1"),
    "a reference": body({"type": "item_reference", "id": "msg_1"}, USER),
    "a bare reference": body({"id": "msg_1"}, USER),
    "another item": body({"type": "web_search_call", "id": "ws_1", "status": "completed"}, USER),
    "images": user(
        {"type": "input_text", "text": "What?"},
        {"type": "input_image", "image_url": f"data:image/png;base64,{PIXEL}", "detail": "auto"},
        {"type": "input_image", "image_url": "https://example.com/cat.jpg"},
        {"type": "input_image", "file_id": "file_1"},
        {"type": "input_file", "file_url": "https://example.com/a.pdf"},
    ),
    "tools": body(tools=[{**NOW, "description": None, "parameters": None, "strict": False}, {"type": "web_search"}]),
    "a strict tool": body(
        tools=[
            {
                **STRICT,
                "parameters": {
                    "type": "object",
                    "properties": {"a": {"type": "string"}},
                    "required": ["a"],
                    "additionalProperties": False,
                },
            }
        ]
    ),
    "choices": body(tools=[NOW], tool_choice={"type": "function", "name": "now"}),
    "some tools": body(tools=[NOW], tool_choice={"type": "allowed_tools", "mode": "auto", "tools": [NOW]}),
    "limits": body(temperature=0, top_p=1, max_output_tokens=16, stream=True, store=False),
    "what is null is not said": body(temperature=None, instructions=None, tools=None, stop=None),
    "a schema": body(text={"format": {"type": "json_schema", "name": "x", "schema": {"type": "object"}}}),
    "reasoning": body(reasoning={"effort": "low", "summary": "auto"}, include=["reasoning.encrypted_content"]),
    "a prompt of the server": {"prompt": {"id": "pmpt_1"}},
    "OpenRouter's own": {"models": ["a", "b"], "input": "Hi", "provider": {"order": ["x"]}},
}


@pytest.mark.parametrize("name", ILLEGAL)
def test_what_the_api_rejects_is_named(name: str) -> None:
    sent, complaint = ILLEGAL[name]
    assert any(told.startswith(complaint) for told in said(sent)), said(sent)


@pytest.mark.parametrize("name", LEGAL)
def test_what_the_api_takes_is_not_accused(name: str) -> None:
    assert said(LEGAL[name]) == []


@pytest.mark.parametrize("name", ["chat", "embeddings"])
def test_the_schemas_are_schemas(name: str) -> None:
    schema = json.loads((FIXTURES / "schemas" / DIALECT.name / f"{name}.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({}, schema)


def test_embeddings_are_judged_as_such() -> None:
    sent = exchange({"model": "m", "input": ["one", "two"]}, "embeddings", "/v1/embeddings")
    assert DIALECT.judge(sent) == []
    assert DIALECT.read(sent).inputs == ("one", "two")
    assert DIALECT.judge(exchange({"model": "m", "input": []}, "embeddings", "/v1/embeddings"))


# --- recognising -------------------------------------------------------------------------------


@pytest.mark.parametrize("base", ["/v1", "", "/gateway/openai/v1"])
def test_it_is_recognised_by_its_own_route(base: str) -> None:
    assert recognise(exchange({}, None, f"{base}/responses")) == (DIALECT, base)
    assert recognise(exchange({}, None, f"{base}/chat/completions")) == (OTHER, base)


def test_what_both_have_is_taken_for_the_older_one() -> None:
    """The probe looks at chat first; who only lists models speaks either."""
    found = recognise(Exchange("GET", "/v1/models", "", [], b"", 1, 0.0))
    assert found == (OTHER, "/v1")


# --- reading -----------------------------------------------------------------------------------


@settings(max_examples=150, deadline=None)
@given(messages=conversations)
def test_what_the_reference_adapter_sends_is_legal_and_reads_back(messages: list[Message]) -> None:
    tools = [Tool("now", "The time"), Tool("get_weather", "", {"type": "object", "properties": {"a": {}}})]
    asked = Request(messages, temperature=0.5, max_tokens=17, tools=tools, tool_choice="now")
    sent = exchange(OpenAIResponses(api_key="", model="m").payload(asked, stream=True))
    assert [p for p in DIALECT.judge(sent) if "call_id" not in p] == []
    read = DIALECT.read(sent)
    assert read.stream
    assert (read.request.model, read.request.temperature, read.request.max_tokens) == ("m", 0.5, 17)
    assert plain(read.request.tools) == plain(tools)
    assert read.request.tool_choice == "now"
    spoken = [m for m in messages if m.content or m.tool_calls or m.role != "assistant"]
    if not _ambiguous(messages) and len(spoken) == len(messages):
        assert plain(read.request.messages) == plain(messages)


def _ambiguous(messages: list[Message]) -> bool:
    """A turn of the assistant right after another: items do not tell where one ends."""
    return any(a.role == b.role == "assistant" for a, b in pairwise(messages))


def test_instructions_are_the_system_prompt() -> None:
    read = DIALECT.read(exchange(body({"role": "developer", "content": "Twice."}, USER, instructions="Be brief.")))
    assert [(m.role, m.content) for m in read.request.messages] == [
        ("system", "Be brief."),
        ("system", "Twice."),
        ("user", "Hi"),
    ]


def test_a_turn_is_put_together_from_its_items() -> None:
    """Text and calls of one turn, in either order; reasoning is none; the next round is another turn."""
    text, second = {"role": "assistant", "content": "Looking."}, {**CALL, "call_id": "call_2"}
    thought = {"type": "reasoning", "id": "rs_1", "summary": []}
    calls = [ToolCall("call_1", "now", {}), ToolCall("call_2", "now", {})]
    for items in ([thought, text, CALL, second], [CALL, second, text]):
        read = DIALECT.read(exchange(body(USER, *items, RESULT, {**RESULT, "call_id": "call_2"}, text)))
        _, turn, *results, last = read.request.messages
        assert (turn.role, turn.content, list(turn.tool_calls)) == ("assistant", "Looking.", calls)
        assert [m.tool_call_id for m in results] == ["call_1", "call_2"]
        assert last.content == "Looking."


def test_parts_are_read() -> None:
    sent = user(
        {"type": "input_text", "text": "What?"},
        {"type": "input_image", "image_url": f"data:image/gif;base64,{PIXEL}"},
        {"type": "input_image", "image_url": "https://example.com/cat.jpg"},
    )
    (message,) = DIALECT.read(exchange(sent)).request.messages
    assert message.content == [
        Text("What?"),
        Image(data=PIXEL, media_type="image/gif"),
        Image(url="https://example.com/cat.jpg"),
    ]


@pytest.mark.parametrize("strict", [True, False])
def test_the_form_of_the_answer_and_the_effort_are_read_back(strict: bool) -> None:
    form = JSONSchema("person", {"type": "object", "properties": {"größe": {"type": "number"}}}, strict=strict)
    asked = Request([Message("user", "Who?")], response_schema=form, reasoning_effort="none")
    sent = exchange(OpenAIResponses(api_key="", model="m").payload(asked, stream=False))
    assert DIALECT.judge(sent) == []
    read = DIALECT.read(sent).request
    assert (read.response_schema, read.reasoning_effort) == (form, "none")


def test_a_form_that_is_not_asked_for_is_none() -> None:
    """Strict is not the default of a form, as it is of a tool."""
    for said_so in ({}, {"text": None, "reasoning": None}, {"text": {"format": {"type": "text"}, "verbosity": "low"}}):
        read = DIALECT.read(exchange(body(**said_so))).request
        assert (read.response_schema, read.reasoning_effort) == (None, None)
    form = {"type": "json_schema", "name": "x", "schema": {"type": "array"}}
    assert DIALECT.read(exchange(body(text={"format": form}))).request.response_schema == JSONSchema(
        "x", {"type": "array"}, strict=False
    )
    anything = DIALECT.read(exchange(body(text={"format": {"type": "json_object"}}))).request.response_schema
    assert anything == JSONSchema("", {"type": "object"}, strict=False)


# --- what a recording says ---------------------------------------------------------------------

RIVERS = "The Nile, the Amazon and the Yangtze."


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("replies/three-rivers", {"text": RIVERS, "finish": "stop", "usage": (11, 9, 20), "id": "resp_kit"}),
        ("replies/two-tool-calls", {"finish": "tool_calls", "odd": False}),
        ("replies/json-cut", {"finish": "length", "kinds": set()}),
        ("replies/json-filtered", {"finish": "content_filter"}),
        ("replies/refusal", {"text": "", "refusal": "I can't help with that."}),
        ("replies/reasoning-then-tool-call", {"text": "", "reasoning": "Paris, then.", "finish": "tool_calls"}),
        ("replies/tool-call-cut", {"kinds": {"malformed"}}),
        ("streams/three-rivers", {"text": RIVERS, "finish": "stop", "usage": (11, 9, 20), "odd": False}),
        ("streams/reasoning-interleaved", {"text": RIVERS, "reasoning": "Rivers, long ones. Asia?"}),
        ("streams/other-deltas", {"text": RIVERS, "calls": []}),
        ("streams/tool-call-cut", {"kinds": {"malformed"}}),
        ("errors/rate-limit", {"kinds": {"rate_limit", "billing"}}),
    ],
)
def test_what_a_recording_says(name: str, told: dict[str, Any]) -> None:
    recorded = DIALECT.cassette(name).interactions[0]
    read = DIALECT.said("chat", recorded.status, b"".join(recorded.chunks), name.startswith("streams/"))
    assert {field: getattr(read, field) for field in told} == told


def test_a_recording_of_a_call_without_a_schema_is_an_error() -> None:
    call = {"type": "custom_tool_call", "call_id": "c", "name": "sql", "input": "SELECT 1"}
    answer = json.dumps({"status": "completed", "output": [call]}).encode()
    assert DIALECT.said("chat", 200, answer, False).kinds == {"malformed", "unsupported"}


def test_a_recording_of_an_answer_that_failed_is_an_error() -> None:
    for body in ({"status": "failed", "output": []}, {"error": {"message": "no"}, "output": []}):
        assert DIALECT.said("chat", 200, json.dumps(body).encode(), False).kinds
    assert DIALECT.said("chat", 200, b'data: {"type": "response.created"}\n\n', True).kinds == {"network", "malformed"}
    assert DIALECT.said("chat", 200, b'data: {"type": "error", "message": "no"}\n\n', True).kinds


@pytest.mark.parametrize(("status", "raw"), [(200, b"[]"), (200, b"{"), (302, b"")])
def test_a_recording_of_which_there_is_no_telling(status: int, raw: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        DIALECT.said("chat", status, raw, False)


# --- the data ----------------------------------------------------------------------------------


def test_every_case_is_told_or_explained() -> None:
    """No cassette that a case asks for is missing by accident, and none lies about."""
    used = {*DIALECT.facts.good.values(), *DIALECT.facts.errors.values()}
    for case in catalogue.load().told_in(DIALECT.name).cases:
        for wire in case.answers if not DIALECT.cannot(case) else ():
            if wire.cassette:
                DIALECT.cassette(wire.cassette)
                used.add(wire.cassette)
            assert not wire.error or wire.error in DIALECT.facts.errors
    assert sorted(set(cassettes.names(DIALECT.name)) - used) == []


@pytest.mark.parametrize("pattern", [*DIALECT.facts.absent, *DIALECT.facts.borrowed])
def test_what_is_absent_or_borrowed_is_asked_for(pattern: str) -> None:
    asked = {w.cassette or "" for c in catalogue.load().cases for w in c.answers}
    asked |= {*DIALECT.facts.good.values(), *DIALECT.facts.errors.values()}
    assert any(fnmatchcase(name, pattern) for name in asked)


# --- what real servers accepted ----------------------------------------------------------------

# Laxness of one vendor, or of a recorder.
VENDORS_OWN: dict[str, str] = {}


def accepted() -> Iterator[tuple[str, Any]]:
    for entry in json.loads((CORPUS / "index.json").read_text("utf-8"))["entries"]:
        if entry["status"] == 200 and entry["dialect"].endswith("-responses"):
            sent = json.loads((CORPUS / "exchanges" / entry["file"]).read_text("utf-8"))["request"]
            if urlsplit(sent["url"]).path.endswith("/responses") and isinstance(sent.get("json"), dict):
                yield entry["id"], sent["json"]


@pytest.mark.skipif(not present(), reason=ABSENT)
def test_no_request_that_a_real_server_accepted_is_accused() -> None:
    sent = dict(accepted())
    accused = {id: problems for id, asked in sent.items() if (problems := said(asked))}
    assert len(sent) > 100
    assert {id: p for id, p in accused.items() if id not in VENDORS_OWN} == {}
    for id, complaint in VENDORS_OWN.items():
        assert [p[: len(complaint)] for p in accused.pop(id)] == [complaint]


@pytest.mark.skipif(not present(), reason=ABSENT)
def test_every_real_request_is_understood_or_refused_with_a_reason() -> None:
    read = 0
    for _, sent in accepted():
        try:
            DIALECT.read(exchange(sent))
            read += 1
        except ValueError as exc:
            assert "cannot be understood" in str(exc)  # noqa: PT017
    assert read > 100
