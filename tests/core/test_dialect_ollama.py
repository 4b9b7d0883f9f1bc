"""The judge of requests to Ollama: what its server rejects, what it takes, and what it ignores in silence."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conformance.contract import Image, JSONSchema, Message, ProviderError, Request, Text, Tool, ToolCall
from conformance.dialects import load, recognise
from conformance.reference import Ollama
from conformance.suites.requests import numbered, plain
from conformance.trace import Exchange
from tests.corpus.exchanges import CORPUS, present

DIALECT = load("ollama")
USER = {"role": "user", "content": "Hi"}
CALL = {"function": {"name": "now", "arguments": {}}}
CALLS = {"role": "assistant", "content": "", "tool_calls": [CALL]}
ANSWER = {"role": "tool", "tool_name": "now", "content": "noon"}
NOW = {"type": "function", "function": {"name": "now", "parameters": {"type": "object", "properties": {}}}}
PIXEL = "iVBORw0KGgo="


def exchange(body: Any, operation: str | None = "chat", method: str = "POST", path: str = "/api/chat") -> Exchange:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Exchange(method, path, "", [], sent, connection=1, at=0.0, operation=operation)


def said(body: Any, operation: str = "chat") -> list[str]:
    return list(DIALECT.judge(exchange(body, operation)))


def body(*messages: Any, **more: Any) -> dict[str, Any]:
    return {"model": "m", "messages": list(messages) or [USER], **more}


ILLEGAL: dict[str, tuple[dict[str, Any], str]] = {
    "no model": ({"messages": [USER]}, "$: 'model'"),
    "empty model": (body(model=""), "$.model:"),
    "no messages": ({"model": "m"}, "$: 'messages'"),
    "empty messages": ({"model": "m", "messages": []}, "$.messages:"),
    "a prompt as messages": ({"model": "m", "messages": "Hi"}, "$.messages:"),
    "no role": (body({"content": "Hi"}), "$.messages[0]: 'role'"),
    "role of another API": (body({"role": "developer", "content": "Hi"}), "$.messages[0].role:"),
    "parts": (body({"role": "user", "content": [{"type": "text", "text": "Hi"}]}), "$.messages[0].content:"),
    "number as content": (body({"role": "user", "content": 1}), "$.messages[0].content:"),
    "data URI": (body({**USER, "images": [f"data:image/png;base64,{PIXEL}"]}), "$.messages[0].images[0]:"),
    "image by URL": (body({**USER, "images": ["https://example.com/cat.jpg"]}), "$.messages[0].images[0]:"),
    "base64 without its padding": (body({**USER, "images": ["iVBORw0KGgo"]}), "$.messages[0].images[0]:"),
    "one image": (body({**USER, "images": PIXEL}), "$.messages[0].images:"),
    "images of parts": (body({**USER, "images": [{"data": PIXEL}]}), "$.messages[0].images[0]:"),
    "arguments as text": (
        body(USER, {**CALLS, "tool_calls": [{"function": {"name": "now", "arguments": "{}"}}]}),
        "$.messages[1].tool_calls[0].function.arguments:",
    ),
    "call without function": (body(USER, {**CALLS, "tool_calls": [{"name": "now"}]}), "$.messages[1].tool_calls[0]:"),
    "tool without type": (body(tools=[{"function": {"name": "now"}}]), "$.tools[0]: 'type'"),
    "flat tool": (body(tools=[{"type": "function", "name": "now"}]), "$.tools[0]: 'function'"),
    "tools by name": (body(tools={"now": {}}), "$.tools:"),
    "format of OpenAI": (body(format="json_object"), "$.format:"),
    "options as text": (body(options="temperature=0"), "$.options:"),
    "temperature as text": (body(options={"temperature": "0.5"}), "$.options.temperature:"),
    "one stop sequence": (body(options={"stop": "END"}), "$.options.stop:"),
    "limit as text": (body(options={"num_predict": "17"}), "$.options.num_predict:"),
    "half a seed": (body(options={"seed": 0.5}), "$.options.seed:"),
    "stream as text": (body(stream="false"), "$.stream:"),
    "think as a number": (body(think=1), "$.think:"),
    "think as another API says it": (body(think="minimal"), "$.think:"),
    "keep_alive as an object": (body(keep_alive={"minutes": 5}), "$.keep_alive:"),
}

LEGAL: dict[str, dict[str, Any]] = {
    "plain": body(),
    "stream": body(stream=True),
    "no stream": body(stream=False),
    "system": body({"role": "system", "content": "Be brief."}, USER),
    "options": body(options={"temperature": 0, "top_p": 1, "seed": 0, "stop": [], "num_predict": -1, "num_ctx": 8192}),
    "null options": body(options=None, tools=None, format=None, stream=None, keep_alive=None, think=None),
    "null option": body(options={"temperature": None}),
    "image": body({**USER, "images": [PIXEL]}),
    "image alone": body({"role": "user", "images": [PIXEL]}),
    "calls": body(USER, CALLS, ANSWER),
    "calls with ids": body(
        USER,
        {**CALLS, "tool_calls": [{"id": "call_1", "type": "function", **CALL}]},
        {**ANSWER, "tool_call_id": "call_1"},
    ),
    "thinking in the history": body(USER, {"role": "assistant", "content": "Hi", "thinking": "Hm."}, USER),
    "empty result": body(USER, CALLS, {"role": "tool", "tool_name": "now"}),
    "tools": body(tools=[NOW]),
    "no tools": body(tools=[]),
    "json": body(format="json"),
    "no format": body(format=""),
    "schema": body(format={"type": "object"}),
    "think": body(think=True),
    "think hard": body(think="high"),
    "keep alive": body(keep_alive="5m"),
    "keep alive for ever": body(keep_alive=-1),
    "what the server does not know": body(temperature=1, max_tokens=2, user="x"),
}


@pytest.mark.parametrize(("sent", "complaint"), ILLEGAL.values(), ids=ILLEGAL)
def test_what_the_server_rejects_is_named(sent: dict[str, Any], complaint: str) -> None:
    problems = said(sent)
    assert any(p.startswith(complaint) for p in problems), problems


@pytest.mark.parametrize("sent", LEGAL.values(), ids=LEGAL)
def test_what_the_server_takes_is_legal(sent: dict[str, Any]) -> None:
    assert said(sent) == []


def test_embeddings() -> None:
    assert said({"model": "m", "input": "one"}, "embeddings") == []
    assert said({"model": "m", "input": ["one", "two"], "truncate": False, "dimensions": 8}, "embeddings") == []
    assert said({"model": "m", "prompt": "one"}, "embeddings") == ["$: 'input' is a required property"]
    assert said({"model": "m", "input": [1, 2]}, "embeddings")


def test_what_the_server_ignores_is_unknown() -> None:
    sent = body(temperature=1, tool_choice="auto", options={"max_tokens": 2, "top_p": 1})
    assert DIALECT.unknown(exchange(sent)) == ["temperature", "tool_choice", "options.max_tokens"]
    assert DIALECT.unknown(exchange({"model": "m", "input": "x", "encoding_format": "float"}, "embeddings")) == [
        "encoding_format"
    ]
    assert DIALECT.unknown(exchange(b"", None, "GET", "/api/tags")) == []


# --- reading -----------------------------------------------------------------------------------


def test_a_request_is_read() -> None:
    sent = body(
        {"role": "system", "content": "Be brief."},
        USER,
        tools=[NOW],
        stream=False,
        options={"temperature": 0, "top_p": 0.5, "num_predict": 17, "seed": 0, "stop": ["END"]},
    )
    read = DIALECT.read(exchange(sent))
    assert not read.stream
    assert read.request == Request(
        messages=[Message("system", "Be brief."), Message("user", "Hi")],
        model="m",
        temperature=0,
        top_p=0.5,
        max_tokens=17,
        seed=0,
        stop=("END",),
        tools=[Tool("now")],
    )


def test_what_stands_at_the_top_level_is_not_read() -> None:
    read = DIALECT.read(exchange(body(temperature=1, max_tokens=2, stop=["x"])))
    assert (read.request.temperature, read.request.max_tokens, read.request.stop) == (None, None, ())


def test_it_streams_unless_it_is_told_not_to() -> None:
    assert DIALECT.read(exchange(body())).stream
    assert DIALECT.read(exchange(body(stream=None))).stream
    assert not DIALECT.read(exchange(body(stream=False))).stream


def test_images_are_read_with_their_media_type() -> None:
    read = DIALECT.read(exchange(body({"role": "user", "content": "See:", "images": [PIXEL, "/9j/4AAQ", "AAAA"]})))
    assert read.request.messages[0].content == [
        Text("See:"),
        Image(data=PIXEL, media_type="image/png"),
        Image(data="/9j/4AAQ", media_type="image/jpeg"),
        Image(data="AAAA", media_type="image/*"),
    ]


@pytest.mark.parametrize("results", [["now", "now", "later"], ["later", "now", "now"], [None, None, None]])
def test_results_belong_to_calls_by_name_and_in_turn(results: list[str | None]) -> None:
    calls = [{"function": {"name": name, "arguments": {}}} for name in ("now", "now", "later")]
    answers = [{"role": "tool", "content": "x", **({"tool_name": name} if name else {})} for name in results]
    read = DIALECT.read(exchange(body(USER, {**CALLS, "tool_calls": calls}, *answers)))
    names = {call.id: call.name for call in read.request.messages[1].tool_calls}
    answered = [m.tool_call_id for m in read.request.messages[2:]]
    assert len(set(answered)) == 3
    assert [names[id or ""] for id in answered] == [n or real for n, real in zip(results, names.values(), strict=True)]


def test_ids_of_calls_are_told_by_their_number() -> None:
    def told(first: str, second: str, answered: str) -> Any:
        calls = [ToolCall(first, "now"), ToolCall(second, "now")]
        return numbered(plain([Message("assistant", "", calls), Message("tool", "x", tool_call_id=answered)]))

    assert told("a", "b", "a") == told("x", "y", "x")
    assert told("a", "b", "a") != told("a", "b", "b")


@pytest.mark.parametrize("effort", ["none", "low", "medium", "high"])
def test_the_form_of_the_answer_and_the_effort_are_read_back(effort: str) -> None:
    form = JSONSchema("person", {"type": "object", "properties": {"größe": {"type": "number"}}}, strict=False)
    asked = Request([Message("user", "Who?")], response_schema=form, reasoning_effort=effort)
    sent = exchange(Ollama(api_key="", model="m").payload(asked, stream=False))
    assert DIALECT.judge(sent) == []
    read = DIALECT.read(sent).request
    assert DIALECT.same("response_schema", read.response_schema) == DIALECT.same("response_schema", form)
    assert read.reasoning_effort == (None if effort == "none" else effort)


def test_an_effort_that_the_api_has_no_word_for_is_refused() -> None:
    with pytest.raises(ProviderError, match="minimal"):
        Ollama(api_key="").payload(Request([], reasoning_effort="minimal"), stream=False)


def test_what_is_asked_for_without_a_word_for_it() -> None:
    """A model that cannot think rejects `true`; `false` asks nothing of it."""
    for nothing in ({}, {"format": None, "think": None}, {"format": "", "think": False}):
        read = DIALECT.read(exchange(body(**nothing))).request
        assert (read.response_schema, read.reasoning_effort) == (None, None)
    read = DIALECT.read(exchange(body(format="json", think=True))).request
    assert read.response_schema == JSONSchema("", {"type": "object"})
    assert read.reasoning_effort


@pytest.mark.parametrize("sent", [b"[]", b"", b'{"messages": [1]}', b'{"messages": [{"content": "x"}]}'])
def test_what_cannot_be_read_is_told(sent: bytes) -> None:
    with pytest.raises(ValueError, match=r"understood|JSON object"):
        DIALECT.read(exchange(sent))


def test_the_reference_sends_what_it_reads() -> None:
    asked = Request(
        messages=[
            Message("system", "Be brief."),
            Message("user", [Text("See:"), Image(data=PIXEL)]),
            Message("assistant", "", [ToolCall("call_1", "now", {"zone": {"h": 1}}), ToolCall("call_2", "now")]),
            Message("tool", "noon", tool_call_id="call_1"),
            Message("tool", "", tool_call_id="call_2"),
        ],
        model="m",
        temperature=0,
        max_tokens=17,
        stop=["END"],
        tools=[Tool("now", "The time")],
    )
    sent = Ollama(base_url="http://127.0.0.1").payload(asked, stream=False)
    assert said(sent) == []
    read = DIALECT.read(exchange(sent)).request
    assert plain(read.messages) == plain(asked.messages)
    assert plain(read.tools) == plain(asked.tools)


# --- routes ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "operation"),
    [
        ("POST", "/api/chat", "chat"),
        ("POST", "/api/embed", "embeddings"),
        ("POST", "/api/embeddings", "embeddings"),
        ("GET", "/api/tags", "models"),
        ("GET", "/api/version", "health"),
        ("GET", "/", "root"),
        ("POST", "/api/generate", None),
        ("GET", "/api/chat", None),
        ("POST", "/v1/api/chat", None),
    ],
)
def test_routes(method: str, path: str, operation: str | None) -> None:
    assert DIALECT.operation(exchange({}, None, method, path), "") == operation


@pytest.mark.parametrize(
    ("method", "path", "found"),
    [
        ("POST", "/api/chat", ("ollama", "")),
        ("POST", "/ollama/api/chat", ("ollama", "/ollama")),
        ("GET", "/api/tags", ("ollama", "")),
        ("POST", "/v1/chat/completions", ("openai-chat", "/v1")),
    ],
)
def test_it_is_recognised_by_its_routes(method: str, path: str, found: tuple[str, str]) -> None:
    dialect, before = recognise(exchange({}, None, method, path)) or (DIALECT, "?")
    assert (dialect.name, before) == found


def test_a_path_that_ends_in_a_slash_is_nobodys() -> None:
    assert recognise(exchange({}, None, "GET", "/"), [DIALECT]) is None


# --- real requests -----------------------------------------------------------------------------


@pytest.mark.skipif(not present(), reason="the corpus of real recordings is not part of this repository")
def test_real_requests_are_legal() -> None:
    for path in sorted((CORPUS / "exchanges").glob("ollama-*.json")):
        told = json.loads(path.read_text("utf-8"))
        if told["request"]["url"].endswith("/api/chat") and told["response"]["status"] == 200:
            assert said(told["request"]["json"]) == [], path.name
            assert DIALECT.read(exchange(told["request"]["json"])).request.messages
