"""The judge of requests to Cohere: what the API rejects it names, what the API takes it never accuses."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conformance.contract import Image, JSONSchema, Message, Request, Text, Tool, ToolCall
from conformance.dialects import load, recognise
from conformance.reference import CohereChat
from conformance.suites.requests import plain
from conformance.trace import Exchange
from tests.corpus.exchanges import ABSENT, CORPUS, present

DIALECT = load("cohere-chat")


def exchange(body: Any, path: str = "/v2/chat", operation: Any = "chat", method: str = "POST") -> Exchange:
    sent = b"" if body is None else json.dumps(body).encode()
    return Exchange(method, path, "", [], sent, connection=1, at=0.0, operation=operation)


def said(body: Any, operation: str = "chat") -> list[str]:
    return list(DIALECT.judge(exchange(body, operation=operation)))


# --- bodies ------------------------------------------------------------------------------------

USER = {"role": "user", "content": "Hi"}
CALL = {"id": "now_x1", "type": "function", "function": {"name": "now", "arguments": "{}"}}
CALLS = {"role": "assistant", "tool_calls": [CALL]}
ANSWER = {"role": "tool", "tool_call_id": "now_x1", "content": "noon"}
NOW = {"type": "function", "function": {"name": "now", "parameters": {"type": "object", "properties": {}}}}
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}


def body(*messages: Any, **more: Any) -> dict[str, Any]:
    return {"model": "m", "messages": list(messages) or [USER], **more}


def user(*parts: Any) -> dict[str, Any]:
    return body({"role": "user", "content": list(parts)})


def tool(**changes: Any) -> dict[str, Any]:
    return body(tools=[{**NOW, "function": {**NOW["function"], **changes}}])  # type: ignore[dict-item]


LEGAL = {
    "plain": body(),
    "options": body(temperature=1, p=0.99, k=0, seed=0, max_tokens=1, stop_sequences=list("abcde"), stream=True),
    "what is null is not said": body(temperature=None, tools=None, tool_choice=None, response_format=None),
    "turns": body({"role": "system", "content": "x"}, USER, {"role": "assistant", "content": "y"}, USER),
    "parts": user({"type": "text", "text": "x"}, {"type": "image_url", "image_url": {"url": "https://x/y.png"}}),
    "an inline image": user({"type": "image_url", "image_url": {"url": "data:image/png;base64,AA==", "detail": "low"}}),
    "calls and results": body(USER, CALLS, ANSWER, tools=[NOW]),
    "a plan": body(USER, {**CALLS, "tool_plan": "I will look."}, ANSWER),
    "an empty text beside calls": body(USER, {**CALLS, "content": [{"type": "text", "text": ""}]}, ANSWER),
    "a thought in the history": body(USER, {"role": "assistant", "content": [{"type": "thinking", "thinking": "x"}]}),
    "a result as documents": body(
        USER, CALLS, {**ANSWER, "content": [{"type": "document", "document": {"data": {"output": "noon"}}}]}
    ),
    "a required tool": body(tools=[NOW], tool_choice="REQUIRED", strict_tools=True),
    "no tool": body(tools=[NOW], tool_choice="NONE"),
    "any object": body(response_format={"type": "json_object"}),
    "a schema": body(response_format={"type": "json_object", "json_schema": SCHEMA}),
    "a schema as the guide has it": body(response_format={"type": "json_object", "schema": SCHEMA}),
    "documents": body(documents=["a text", {"id": "1", "data": {"text": "x"}}], citation_options={"mode": "FAST"}),
    "thinking": body(thinking={"type": "enabled", "token_budget": 100}),
}
ILLEGAL = {
    "no model": ({"messages": [USER]}, "$: 'model' is a required property"),
    "no messages": (body() | {"messages": []}, "$.messages: "),
    "OpenAI's top_p": (body(top_p=0.5), "$.top_p: there is no such field"),
    "OpenAI's stop": (body(stop=["x"]), "$.stop: there is no such field"),
    "OpenAI's stream_options": (body(stream=True, stream_options={}), "$.stream_options: "),
    "OpenAI's n": (body(n=1), "$.n: "),
    "too hot": (body(temperature=1.5), "$.temperature: 1.5"),
    "p of one": (body(p=1), "$.p: 1"),
    "p of zero": (body(p=0), "$.p: 0"),
    "k of a thousand": (body(k=1000), "$.k: "),
    "six stop sequences": (body(stop_sequences=list("abcdef")), "$.stop_sequences: "),
    "one stop sequence as a string": (body(stop_sequences="x"), "$.stop_sequences: "),
    "no tokens": (body(max_tokens=0), "$.max_tokens: "),
    "a seed below zero": (body(seed=-1), "$.seed: "),
    "a developer": (body({"role": "developer", "content": "x"}), "$.messages[0].role: "),
    "a name": (body({**USER, "name": "x"}), "$.messages[0].name: there is no such field"),
    "content of null": (body({"role": "user", "content": None}), "$.messages[0].content: "),
    "an assistant with nothing": (body({"role": "assistant"}), "$.messages[0]: 'content' is a required property"),
    "audio": (user({"type": "input_audio", "input_audio": {}}), "$.messages[0].content[0].type: "),
    "an image in a system prompt": (
        body({"role": "system", "content": [{"type": "image_url", "image_url": {"url": "https://x"}}]}),
        "$.messages[0].content[0].type: ",
    ),
    "an image's bare base64": (user({"type": "image_url", "image_url": {"url": "AAAA"}}), "image_url.url: "),
    "an image's url alone": (user({"type": "image_url", "image_url": "https://x"}), "image_url: "),
    "detail in other words": (user({"type": "image_url", "image_url": {"url": "https://x", "detail": "x"}}), "detail"),
    "a result of an object": (body(USER, CALLS, {**ANSWER, "content": {"a": 1}}), "$.messages[2].content: "),
    "a result without its id": (body(USER, CALLS, {"role": "tool", "content": "x"}), "'tool_call_id' is a required"),
    "a result of nothing": (body(USER, ANSWER), "$.messages[1].tool_call_id: answers no tool call"),
    "arguments of an object": (
        body(USER, {**CALLS, "tool_calls": [{**CALL, "function": {"name": "now", "arguments": {}}}]}),
        "function.arguments: ",
    ),
    "arguments of half an object": (
        body(USER, {**CALLS, "tool_calls": [{**CALL, "function": {"name": "now", "arguments": "{"}}]}),
        "is not the JSON text of an object",
    ),
    "a call without a type": (
        body(USER, {**CALLS, "tool_calls": [{"id": "x", "function": CALL["function"]}]}),
        "'type' is a required property",
    ),
    "a strict tool": (tool(strict=True), "$.tools[0].function.strict: there is no such field"),
    "a tool without parameters": (body(tools=[{"type": "function", "function": {"name": "x"}}]), "'parameters'"),
    "a flat tool": (body(tools=[{"type": "function", "name": "x"}]), "'function' is a required property"),
    "two tools of a name": (body(tools=[NOW, NOW]), "$.tools: two tools have the same name"),
    "auto": (body(tools=[NOW], tool_choice="auto"), "$.tool_choice: "),
    "a small required": (body(tools=[NOW], tool_choice="required"), "$.tool_choice: "),
    "a tool by name": (
        body(tools=[NOW], tool_choice={"type": "function", "function": {"name": "now"}}),
        "$.tool_choice",
    ),
    "required without tools": (body(tool_choice="REQUIRED"), "$.tool_choice: REQUIRED is only allowed when"),
    "a schema in OpenAI's form": (
        body(response_format={"type": "json_schema", "json_schema": {"name": "x", "schema": SCHEMA}}),
        "$.response_format.type: ",
    ),
    "a schema beside tools": (
        body(tools=[NOW], response_format={"type": "json_object"}),
        "is not supported in combination with tools",
    ),
    "a schema beside documents": (
        body(documents=["x"], response_format={"type": "json_object"}),
        "is not supported in combination with documents",
    ),
    "both penalties": (body(frequency_penalty=0.5, presence_penalty=0.5), "cannot be specified beside"),
    "an effort": (body(reasoning_effort="low"), "$.reasoning_effort: "),
}


@pytest.mark.parametrize("request_body", LEGAL.values(), ids=LEGAL)
def test_what_the_api_takes_is_not_accused(request_body: dict[str, Any]) -> None:
    assert said(request_body) == []
    DIALECT.read(exchange(request_body))


@pytest.mark.parametrize(("request_body", "complaint"), ILLEGAL.values(), ids=ILLEGAL)
def test_what_the_api_rejects_is_named(request_body: dict[str, Any], complaint: str) -> None:
    problems = said(request_body)
    assert any(complaint in problem for problem in problems), problems


EMBED = {"model": "m", "input_type": "search_query", "texts": ["a", "b"]}


@pytest.mark.parametrize(
    ("request_body", "inputs"),
    [
        (EMBED, ["a", "b"]),
        ({**EMBED, "embedding_types": ["float"], "truncate": "NONE", "max_tokens": None}, ["a", "b"]),
        ({"model": "m", "input_type": "image", "inputs": [{"content": [{"type": "text", "text": "a"}]}]}, ["a"]),
    ],
)
def test_legal_embeddings(request_body: dict[str, Any], inputs: list[str]) -> None:
    assert said(request_body, "embeddings") == []
    assert list(DIALECT.read(exchange(request_body, operation="embeddings")).inputs) == inputs


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"input_type": None}, "$.input_type: "),
        ({"input_type": "query"}, "$.input_type: "),
        ({"texts": []}, "$.texts: "),
        ({"texts": ["x"] * 97}, "$.texts: "),
        ({"texts": "x"}, "$.texts: "),
        ({"texts": None}, "$: "),
        ({"input": ["x"]}, "$.input: there is no such field"),
        ({"encoding_format": "float"}, "$.encoding_format: "),
        ({"embedding_types": ["double"]}, "$.embedding_types[0]: "),
    ],
)
def test_illegal_embeddings(changes: dict[str, Any], complaint: str) -> None:
    problems = said({**EMBED, **changes}, "embeddings")
    assert any(complaint in problem for problem in problems), problems


# --- what it reads -----------------------------------------------------------------------------

TOOL = Tool("get_weather", "The weather", {"type": "object", "properties": {"city": {"type": "string"}}})
ASKED = Request(
    [
        Message("system", "Be brief."),
        Message(
            "user", [Text("What is it?"), Image(url="https://x/y.png"), Image(data="AA==", media_type="image/gif")]
        ),
        Message("assistant", "", [ToolCall("get_weather_x1", "get_weather", {"city": "Zürich"})]),
        Message("tool", '{"sky": "clear"}', tool_call_id="get_weather_x1"),
    ],
    model="other",
    temperature=0,
    top_p=0.5,
    max_tokens=3,
    seed=0,
    stop=["END"],
    tools=[TOOL],
    tool_choice="required",
)


def test_what_the_reference_sends_reads_as_it_was_asked() -> None:
    sent = CohereChat("key").payload(ASKED, stream=True)
    assert said(sent) == []
    read = DIALECT.read(exchange(sent))
    assert read.stream
    for name in ("messages", "model", "temperature", "top_p", "max_tokens", "seed", "stop", "tools", "tool_choice"):
        assert plain(getattr(read.request, name)) == plain(getattr(ASKED, name)), name


@pytest.mark.parametrize("data", [{"output": "noon"}, {"x": "noon"}])
def test_a_result_that_is_wrapped_to_be_cited_is_what_it_wraps(data: dict[str, str]) -> None:
    wrapped = body(USER, CALLS, {**ANSWER, "content": [{"type": "document", "document": {"data": data}}]})
    assert plain(DIALECT.read(exchange(wrapped)).request.messages[-1:]) == plain(
        [Message("tool", "noon", (), "now_x1")]
    )


def test_a_schema_has_no_name_and_a_free_choice_no_word() -> None:
    read = DIALECT.read(exchange(LEGAL["a schema"])).request
    assert DIALECT.same("response_schema", JSONSchema("name", SCHEMA)) == DIALECT.same(
        "response_schema", read.response_schema
    )
    assert DIALECT.same("tool_choice", "auto") is None
    assert DIALECT.same("tool_choice", "required") == "required"


@pytest.mark.parametrize("content", [{"a": 1}, 42])
def test_what_cannot_be_read_says_so(content: Any) -> None:
    with pytest.raises(ValueError, match="cannot be understood"):
        DIALECT.read(exchange(body({"role": "user", "content": content})))


# --- routes ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "operation"),
    [
        ("POST", "/token/v2/chat", "chat"),
        ("POST", "/token/v2/embed", "embeddings"),
        ("GET", "/token/v1/models", "models"),
        ("GET", "/token/v2/models", None),
        ("GET", "/elsewhere/v1/models", None),
        ("POST", "/token/v1/chat", None),
        ("GET", "/token/v2/chat", None),
    ],
)
def test_the_models_are_beside_the_mount(method: str, path: str, operation: str | None) -> None:
    assert DIALECT.operation(exchange(None, path, method=method), "/token/v2") == operation


def test_recognition() -> None:
    assert recognise(exchange(body(), "/x/v2/chat")) == (DIALECT, "/x/v2")
    assert recognise(exchange(EMBED, "/v2/embed")) == (DIALECT, "/v2")
    models = recognise(exchange(None, "/v1/models", method="GET"))
    assert models is not None
    assert models[0] is not DIALECT, "others have the same route, and more of the path"


def test_a_path_is_shown_and_matched_without_the_way_back() -> None:
    assert DIALECT.facts.path_shown("{base}{models}", "/x/v2") == "/x/v1/models"
    assert DIALECT.facts.path_pattern("{base}{models}", "/x/v2") == "/x/v1/models$".removesuffix("$")


# --- the corpus --------------------------------------------------------------------------------


@pytest.mark.skipif(not present(), reason=ABSENT)
def test_no_request_that_the_real_server_accepted_is_accused() -> None:
    entries = json.loads((CORPUS / "index.json").read_text("utf-8"))["entries"]
    told = [json.loads((CORPUS / "exchanges" / e["file"]).read_text("utf-8")) for e in entries if e["status"] == 200]
    ours = [t for t in told if t["request"]["url"].endswith(("cohere.com/v2/chat", "cohere.com/v2/embed"))]
    assert ours
    for exchanged in ours:
        operation = "chat" if exchanged["request"]["url"].endswith("chat") else "embeddings"
        assert said(exchanged["request"]["json"], operation) == [], exchanged["id"]
        DIALECT.read(exchange(exchanged["request"]["json"], operation=operation))


# --- recordings --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "name", "told"),
    [
        ("chat", "replies/three-rivers", {"text": "The Nile, the Amazon and the Yangtze.", "finish": "stop"}),
        ("chat", "replies/tool-plan", {"text": "", "calls": [("get_weather", {"city": "Paris"})]}),
        ("chat", "replies/tool-call-cut", {"kinds": {"malformed"}}),
        ("chat", "replies/reasoning-content", {"reasoning": "Rivers, long ones.", "usage": (11, 9, None)}),
        ("chat", "replies/timeout", {"kinds": {"timeout", "server", "network"}}),
        (
            "chat",
            "streams/parallel-calls-and-plan",
            {"text": "", "calls": [("get_weather", {"city": "Paris"}), ("now", {})]},
        ),
        ("chat", "streams/citations", {"text": "The Nile, the Amazon and the Yangtze.", "finish": "stop"}),
        ("chat", "streams/done-without-finish", {"kinds": set(), "finish": "unknown", "odd": True}),
        ("chat", "errors/rate-limit", {"kinds": {"rate_limit", "billing"}}),
        ("embeddings", "replies/embeddings", {"vectors": [[0.5, -0.25], [0.0, 1.0]], "usage": (2, None, None)}),
        ("models", "replies/models", {"models": ["kit-model", "vendor/kit-large:free"]}),
    ],
)
def test_what_a_recording_says(operation: str, name: str, told: dict[str, Any]) -> None:
    recorded = DIALECT.cassette(name).interactions[0]
    read = DIALECT.said(operation, recorded.status, b"".join(recorded.chunks), name.startswith("streams/"))
    assert {field: getattr(read, field) for field in told} == told


@pytest.mark.parametrize(("status", "raw"), [(200, b"[]"), (200, b"{"), (302, b"")])
def test_a_recording_of_which_there_is_no_telling(status: int, raw: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        DIALECT.said("chat", status, raw, False)
