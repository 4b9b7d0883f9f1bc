"""The judge of requests: what the real API rejects it names, and what the real API takes it never accuses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance import cassettes, catalogue
from conformance.contract import Image, JSONSchema, Message, ProviderError, Request, Text, Tool, ToolCall
from conformance.dialects import load, recognise
from conformance.reference import AnthropicMessages
from conformance.suites.requests import plain
from conformance.trace import Exchange
from tests.corpus.exchanges import ABSENT, CORPUS, present

DIALECT = load("anthropic-messages")
VERSION = ("anthropic-version", "2023-06-01")


def exchange(body: Any, operation: str = "chat", method: str = "POST", version: bool = True) -> Exchange:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = [VERSION] if version else []
    return Exchange(method, "/v1/somewhere", "", headers, sent, connection=1, at=0.0, operation=operation)


def said(body: Any) -> list[str]:
    return list(DIALECT.judge(exchange(body)))


# --- bodies ------------------------------------------------------------------------------------

USER = {"role": "user", "content": "Hi"}
CALL = {"type": "tool_use", "id": "toolu_1", "name": "now", "input": {}}
CALLS = {"role": "assistant", "content": [CALL]}
RESULT = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "noon"}
ANSWER = {"role": "user", "content": [RESULT]}
NOW = {"name": "now", "input_schema": {"type": "object"}}
PIXEL = {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}
THINKING = {"type": "enabled", "budget_tokens": 1024}
CLOSED: dict[str, Any] = {"type": "object", "properties": {}, "additionalProperties": False}


def body(*messages: Any, **more: Any) -> dict[str, Any]:
    return {"model": "m", "max_tokens": 2048, "messages": list(messages) or [USER], **more}


def user(*blocks: Any) -> dict[str, Any]:
    return body({"role": "user", "content": list(blocks)})


def text(said: str, **more: Any) -> dict[str, Any]:
    return {"type": "text", "text": said, **more}


def image(**source: Any) -> dict[str, Any]:
    return user(text("What?"), {"type": "image", "source": {**PIXEL, **source}})


def called(**changes: Any) -> dict[str, Any]:
    """A history with one call, its block changed."""
    return body(USER, {"role": "assistant", "content": [{**CALL, **changes}]}, ANSWER)


def answered(*blocks: Any) -> dict[str, Any]:
    """The same, its answer changed."""
    return body(USER, CALLS, {"role": "user", "content": list(blocks)})


def form(schema: Any = CLOSED, **changes: Any) -> dict[str, Any]:
    return {"type": "json_schema", "schema": schema, **changes}


def formed(schema: Any = CLOSED, **changes: Any) -> dict[str, Any]:
    return body(output_config={"format": form(schema, **changes)})


def without(data: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {k: v for k, v in data.items() if k not in keys}


def assistant(content: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": content}


ILLEGAL: dict[str, tuple[dict[str, Any], str]] = {
    "no model": (without(body(), "model"), "$: 'model'"),
    "no limit": (without(body(), "max_tokens"), "$: 'max_tokens'"),
    "null limit": (body(max_tokens=None), "$.max_tokens:"),
    "limit as text": (body(max_tokens="1024"), "$.max_tokens:"),
    "limit under OpenAI's name": (body(max_completion_tokens=5), "$.max_completion_tokens: there is no such field"),
    "no messages": (without(body(), "messages"), "$: 'messages'"),
    "empty messages": ({"model": "m", "max_tokens": 1, "messages": []}, "$.messages:"),
    "a seed": (body(seed=1), "$.seed: there is no such field"),
    "OpenAI's stop": (body(stop=["END"]), "$.stop: there is no such field"),
    "OpenAI's stream options": (body(stream=True, stream_options={}), "$.stream_options: there is no such field"),
    "hot": (body(temperature=1.1), "$.temperature:"),
    "below zero": (body(temperature=-0.1), "$.temperature:"),
    "blank stop sequence": (body(stop_sequences=["END", "\n"]), "$.stop_sequences[1]:"),
    "empty stop sequence": (body(stop_sequences=[""]), "$.stop_sequences[0]:"),
    "a text as stop sequences": (body(stop_sequences="END"), "$.stop_sequences:"),
    "null system": (body(system=None), "$.system:"),
    "empty block of the system": (body(system=[text("")]), "$.system[0].text:"),
    "stray field": (body(conversation_id="x"), "$.conversation_id: there is no such field"),
    # messages
    "system first": (body({"role": "system", "content": "x"}, USER), "$.messages[0].role: the initial system prompt"),
    "role of OpenAI": (body(USER, {"role": "tool", "content": "x", "tool_call_id": "y"}), "$.messages[1].role:"),
    "assistant first": (body(assistant("x"), USER), "$.messages[0].role: the first message"),
    "empty user": (body({"role": "user", "content": ""}), "$.messages[0].content: is empty"),
    "no blocks": (user(), "$.messages[0].content: is empty"),
    "empty assistant in between": (body(USER, assistant(""), USER), "$.messages[1].content: is empty"),
    "null content": (body(USER, assistant(None), USER), "$.messages[1].content:"),
    "blank text": (body({"role": "user", "content": " \n"}), "$.messages[0].content: has nothing but"),
    "empty block": (user(text("Hi"), text("")), "$.messages[0].content[1].text:"),
    "blank block": (user(text("Hi"), text(" \n")), "$.messages[0].content[1].text:"),
    "trailing white space": (body(USER, assistant("So, ")), "$.messages: the final assistant content"),
    "trailing newline in a block": (body(USER, assistant([text("So\n")])), "$.messages: the final assistant content"),
    "stray field of a message": (body({**USER, "name": "x"}), "$.messages[0].name: there is no such field"),
    "calls as OpenAI has them": (body(USER, {**assistant("x"), "tool_calls": [{}]}, USER), "$.messages[1].tool_calls:"),
    "block of OpenAI": (user({"type": "image_url", "image_url": {}}), "$.messages[0].content[0].type:"),
    "text as a block": (user("Hi"), "$.messages[0].content[0]:"),
    "call of the user": (user(CALL), "$.messages[0].content[0].type:"),
    "image of the assistant": (
        body(USER, assistant([{"type": "image", "source": PIXEL}]), USER),
        "$.messages[1].content[0].type:",
    ),
    "thinking without signature": (
        body(USER, assistant([{"type": "thinking", "thinking": "x"}, text("y")]), USER),
        "$.messages[1].content[0]: 'signature'",
    ),
    # images
    "jpg": (image(media_type="image/jpg"), "$.messages[0].content[1].source.media_type:"),
    "svg": (image(media_type="image/svg+xml"), "$.messages[0].content[1].source.media_type:"),
    "data URI as data": (image(data="data:image/png;base64,iVBORw0KGgo="), "$.messages[0].content[1].source.data:"),
    "no media type": (user({"type": "image", "source": without(PIXEL, "media_type")}), "$.messages[0].content[0].so"),
    "data URI as url": (
        user({"type": "image", "source": {"type": "url", "url": "data:image/png;base64,x"}}),
        "$.messages[0].content[0].source.url:",
    ),
    "image without source": (user({"type": "image", "url": "https://x/y"}), "$.messages[0].content[0]: 'source'"),
    # calls and results
    "arguments as text": (called(input="{}"), "$.messages[1].content[0].input:"),
    "call without id": (
        body(USER, assistant([without(CALL, "id")]), ANSWER),
        "$.messages[1].content[0]: 'id'",
    ),
    "id with a dot": (called(id="functions.now:0"), "$.messages[1].content[0].id:"),
    "name with a dot": (called(name="a.b"), "$.messages[1].content[0].name:"),
    "call without an answer": (body(USER, CALLS, USER), "$.messages[2]: tool_use ['toolu_1'] has no tool_result"),
    "call at the end": (body(USER, CALLS), "$.messages: tool_use ['toolu_1'] has no tool_result"),
    "answer to nothing": (body(USER, assistant("x"), ANSWER), "$.messages[2]: tool_use_id 'toolu_1' answers no"),
    "answer twice": (answered(RESULT, RESULT), "$.messages[2]: tool_use_id 'toolu_1' answers no tool_use"),
    "answer after text": (answered(text("Well:"), RESULT), "$.messages[2].content: tool_result blocks must come first"),
    "answer two turns later": (body(USER, CALLS, USER, assistant("x"), ANSWER), "$.messages[2]: tool_use ['toolu_1']"),
    "the same id twice": (body(USER, assistant([CALL, CALL]), ANSWER), "$.messages[1].content: tool_use ids must be"),
    "the same id later": (body(USER, CALLS, ANSWER, CALLS, ANSWER), "$.messages[3].content: tool_use ids must be"),
    "answer without id": (answered(without(RESULT, "tool_use_id")), "$.messages[2].content[0]: 'tool_use_id'"),
    "answer under OpenAI's name": (answered({**RESULT, "tool_call_id": "x"}), "$.messages[2].content[0].tool_call_id:"),
    "number as an answer": (answered({**RESULT, "content": 12}), "$.messages[2].content[0].content:"),
    # tools
    "tool of OpenAI": (body(tools=[{"type": "function", "function": {"name": "now"}}]), "$.tools[0].type:"),
    "tool without schema": (body(tools=[{"name": "now"}]), "$.tools[0]: 'input_schema'"),
    "schema under OpenAI's name": (body(tools=[{**NOW, "parameters": {}}]), "$.tools[0].parameters:"),
    "schema without type": (body(tools=[{"name": "now", "input_schema": {}}]), "$.tools[0].input_schema: 'type'"),
    "schema of a list": (body(tools=[{"name": "x", "input_schema": {"type": "array"}}]), "$.tools[0].input_schema.t"),
    "tool name with a space": (body(tools=[{**NOW, "name": "a b"}]), "$.tools[0].name:"),
    "long tool name": (body(tools=[{**NOW, "name": "x" * 129}]), "$.tools[0].name:"),
    "two tools of one name": (body(tools=[NOW, NOW]), "$.tools: tool names must be unique"),
    "choice as text": (body(tools=[NOW], tool_choice="auto"), "$.tool_choice:"),
    "OpenAI's choice": (body(tools=[NOW], tool_choice={"type": "function"}), "$.tool_choice.type:"),
    "required": (body(tools=[NOW], tool_choice={"type": "required"}), "$.tool_choice.type:"),
    "choice of no name": (body(tools=[NOW], tool_choice={"type": "tool"}), "$.tool_choice: 'name'"),
    "choice of no tool": (body(tools=[NOW], tool_choice={"type": "tool", "name": "x"}), "$.tool_choice: there is no"),
    "choice without tools": (body(tool_choice={"type": "auto"}), "$.tool_choice: may only be specified"),
    # thinking
    "small budget": (body(thinking={**THINKING, "budget_tokens": 1000}), "$.thinking.budget_tokens:"),
    "no budget": (body(thinking={"type": "enabled"}), "$.thinking: 'budget_tokens'"),
    "budget above the limit": (body(thinking=THINKING, max_tokens=1024), "$.thinking.budget_tokens: must be less"),
    "thinking at zero": (body(thinking=THINKING, temperature=0), "$.temperature: may only be 1"),
    "thinking with top_k": (body(thinking=THINKING, top_k=5), "$.top_k:"),
    "thinking with top_p": (body(thinking=THINKING, top_p=0.5), "$.top_p:"),
    "thinking and a forced tool": (body(thinking=THINKING, tools=[NOW], tool_choice={"type": "any"}), "$.tool_choice:"),
    # the form of the answer, and the effort
    "effort of OpenAI": (body(output_config={"effort": "minimal"}), "$.output_config.effort:"),
    "effort as OpenAI says it": (body(reasoning_effort="low"), "$.reasoning_effort: there is no such field"),
    "form of OpenAI": (body(response_format={"type": "json_object"}), "$.response_format: there is no such field"),
    "form with a name": (formed(name="x"), "$.output_config.format.name: there is no such field"),
    "form without a schema": (body(output_config={"format": {"type": "json_schema"}}), "$.output_config.format: 'sche"),
    "form of any object": (formed(type="json_object"), "$.output_config.format.type:"),
    "open object": (formed({"type": "object"}), "$.output_config.format.schema: for type object"),
    "open object, the older name": (body(output_format=form({"type": "object"})), "$.output_format.schema: for type"),
    "open object in a list": (
        formed({"type": "array", "items": {"type": "object"}}),
        "$.output_config.format.schema.items: for type object",
    ),
    "open object among others": (
        formed({"anyOf": [CLOSED, {"type": "object", "additionalProperties": True}]}),
        "$.output_config.format.schema.anyOf[1]: for type object",
    ),
    "open object inside": (
        formed({**CLOSED, "properties": {"x": {"type": "object"}}}),
        "$.output_config.format.schema.properties.x: for type object",
    ),
    "open definition": (
        formed({**CLOSED, "$defs": {"x": {"type": "object"}}}),
        "$.output_config.format.schema.$defs.x: for type object",
    ),
}

LEGAL: dict[str, dict[str, Any]] = {
    "a text": body(),
    "blocks": user(text("Hi", cache_control={"type": "ephemeral"}), text("there")),
    "two users in a row": body(USER, USER, assistant("x"), assistant("y"), USER),
    "prefill": body(USER, assistant("So,")),
    "empty prefill": body(USER, assistant("")),
    "system": body(system="Be brief."),
    "empty system": body(system=""),
    "system in blocks": body(system=[text("Be brief.", cache_control={"type": "ephemeral", "ttl": "1h"})]),
    "system later": body(USER, assistant("x"), USER, {"role": "system", "content": "Be brief."}),
    "options": body(temperature=0, top_p=1, top_k=0, stop_sequences=["END", "\nUser"], stream=True),
    "nulls": body(temperature=None, top_p=None, stop_sequences=None, tools=None, tool_choice=None, thinking=None),
    "filling the cache": body(max_tokens=0),
    "call and result": body(USER, CALLS, ANSWER),
    "text after a result": answered(RESULT, text("And now?")),
    "result, then a user": body(USER, CALLS, ANSWER, USER),
    "results in two messages": body(
        USER,
        assistant([text("Well. "), CALL, {**CALL, "id": "toolu_2"}]),
        ANSWER,
        {"role": "user", "content": [{**RESULT, "tool_use_id": "toolu_2"}]},
    ),
    "empty result": answered({**RESULT, "content": ""}),
    "no result": answered(without(RESULT, "content")),
    "failed result": answered({**RESULT, "is_error": True}),
    "result with an image": answered({**RESULT, "content": [text("x"), {"type": "image", "source": PIXEL}]}),
    "image": image(),
    "image by url": user({"type": "image", "source": {"type": "url", "url": "https://x/y.png"}}),
    "image by file": user({"type": "image", "source": {"type": "file", "file_id": "file_1"}}),
    "document": user({"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "x"}}),
    "tool": body(tools=[NOW], tool_choice={"type": "tool", "name": "now", "disable_parallel_tool_use": True}),
    "no tool": body(tools=[NOW], tool_choice={"type": "none"}),
    "strict tool": body(tools=[{**NOW, "type": "custom", "strict": True, "description": ""}]),
    "server tool": body(tools=[{"type": "web_search_20250305", "name": "web_search", "max_uses": 3}]),
    "thinking": body(thinking=THINKING, temperature=1, top_p=0.95),
    "adaptive thinking": body(thinking={"type": "adaptive"}),
    "no thinking": body(thinking={"type": "disabled"}),
    "effort": body(output_config={"effort": "max", "format": None}),
    "form": formed(),
    "form, the older name": body(output_format=form()),
    "closed objects": formed(
        {**CLOSED, "properties": {"type": {"type": "string"}, "x": CLOSED}, "$defs": {"y": CLOSED}}
    ),
    "form of a list": formed({"type": "array", "items": {"anyOf": [CLOSED, {"enum": ["x"]}]}}),
    "thoughts as history": body(
        USER,
        assistant(
            [
                {"type": "thinking", "thinking": "", "signature": "x"},
                {"type": "redacted_thinking", "data": "x"},
                {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {}},
                {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": []},
                text("x "),
                CALL,
            ]
        ),
        ANSWER,
    ),
    "all else": body(metadata={"user_id": "x"}, service_tier="auto", output_config={"effort": "low"}, container="x"),
}


@pytest.mark.parametrize("name", ILLEGAL)
def test_what_the_api_rejects_is_named(name: str) -> None:
    sent, complaint = ILLEGAL[name]
    assert any(problem.startswith(complaint) for problem in said(sent)), said(sent)


@pytest.mark.parametrize("name", LEGAL)
def test_what_the_api_takes_is_not_accused(name: str) -> None:
    assert said(LEGAL[name]) == []
    assert DIALECT.unknown(exchange(LEGAL[name])) == []


def test_the_version_is_wanted_everywhere() -> None:
    assert DIALECT.judge(exchange(body(), version=False)) == ["the header anthropic-version is required"]
    assert DIALECT.judge(exchange(b"", "models", "GET", version=False)) == ["the header anthropic-version is required"]
    assert DIALECT.judge(exchange(b"", "models", "GET")) == []


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"null", b"\xff"])
def test_a_body_that_is_no_object(raw: bytes) -> None:
    (problem,) = DIALECT.judge(exchange(raw))
    assert problem.startswith("the body is not a JSON object: ")
    with pytest.raises(ValueError, match="not a JSON object"):
        DIALECT.read(exchange(raw))


def test_recognition() -> None:
    def asked(method: str, path: str, *headers: tuple[str, str]) -> Exchange:
        return Exchange(method, path, "", list(headers), b"", 1, 0.0)

    for path, before in {"/v1/messages": "/v1", "/messages": "", "/a/v1/v1/messages": "/a/v1/v1"}.items():
        assert recognise(asked("POST", path)) == (DIALECT, before)
    assert recognise(asked("POST", "/v1/messages/count_tokens")) is None
    assert recognise(asked("GET", "/v1/models", ("x-api-key", "x"))) == (DIALECT, "/v1")
    assert recognise(asked("GET", "/v1/models", ("authorization", "Bearer x"))) == (load("openai-chat"), "/v1")


def test_the_key_is_in_one_of_two_headers() -> None:
    for header in (("x-api-key", "x"), ("authorization", "Bearer x")):
        sent = exchange(body())
        assert not any(place.holds(sent, "x") for place in DIALECT.facts.key)
        sent.headers.append(header)
        assert any(place.holds(sent, "x") for place in DIALECT.facts.key)


def test_every_cassette_is_used_and_every_fact_is_true() -> None:
    known, facts = catalogue.load(), DIALECT.facts
    told = [c for c in known.cases if not DIALECT.cannot(c)]
    used = {facts.same_as.get(w.cassette, w.cassette) for c in told for w in c.answers if w.cassette}
    used |= {*facts.good.values(), *facts.errors.values()}
    assert sorted(set(cassettes.names("anthropic-messages")) ^ used) == []
    named = {f"{c.proves}/{c.case}" for c in known.cases} | set(known.requirements)
    assert set(facts.unsupported) <= named
    asked = {w.cassette for c in known.cases for w in c.answers}
    assert set(facts.same_as) <= asked
    assert not set(facts.same_as) & set(cassettes.names("anthropic-messages"))


# --- reading -----------------------------------------------------------------------------------


def read(*messages: Any, **more: Any) -> Request:
    return DIALECT.read(exchange(body(*messages, **more))).request


def test_reading() -> None:
    assert DIALECT.read(exchange(body(stream=True))).stream
    assert plain(read(system=[text("a"), text("b")]).messages) == [
        {"role": "system", "content": "a\nb"},
        {"role": "user", "content": "Hi"},
    ]
    assert plain(read(USER, CALLS, answered(RESULT, text("And now?"))["messages"][2]).messages[1:]) == [
        {"role": "assistant", "content": "", "tool_calls": [{"id": "toolu_1", "name": "now", "arguments": {}}]},
        {"role": "tool", "content": "noon", "for": "toolu_1"},
        {"role": "user", "content": "And now?"},
    ]
    assert plain(read(*image()["messages"]).messages[0].content)[1] == Image(data=PIXEL["data"])
    assert read(tools=[NOW]).tools == [Tool("now")]
    for told, choice in {"auto": "auto", "any": "required", "none": "none"}.items():
        assert read(tools=[NOW], tool_choice={"type": told}).tool_choice == choice
    assert read(tools=[NOW], tool_choice={"type": "tool", "name": "now"}).tool_choice == "now"
    assert read(stop_sequences=["END"], max_tokens=7).stop == ("END",)


def test_the_form_of_the_answer_and_the_effort_are_read() -> None:
    nothing: list[dict[str, Any]] = [{}, {"output_config": None}, {"output_config": {}}, {"output_format": None}]
    for said_so in nothing:
        assert (read(**said_so).response_schema, read(**said_so).reasoning_effort) == (None, None)
    assert read(output_config={"effort": "low", "format": form()}).reasoning_effort == "low"
    for asked in (formed(), body(output_format=form())):
        assert DIALECT.read(exchange(asked)).request.response_schema == JSONSchema("", CLOSED)


@pytest.mark.parametrize("effort", [None, "low", "max"])
def test_the_form_and_the_effort_that_the_reference_sends_are_read_back(effort: str | None) -> None:
    asked = JSONSchema("person", {**CLOSED, "description": "größe"}, strict=False)
    sent = exchange(payload(response_schema=asked, reasoning_effort=effort))
    assert DIALECT.judge(sent) == []
    got = DIALECT.read(sent).request
    assert got.response_schema == DIALECT.same("response_schema", asked)
    assert got.reasoning_effort == effort


def test_no_effort_at_all_is_no_thinking_and_a_strange_one_is_refused() -> None:
    sent = payload(reasoning_effort="none")
    assert sent["thinking"] == {"type": "disabled"}
    assert "output_config" not in sent
    with pytest.raises(ProviderError, match="there is no effort 'minimal'") as caught:
        payload(reasoning_effort="minimal")
    assert caught.value.kind == "unsupported"


def payload(**asked: Any) -> dict[str, Any]:
    request = Request([Message("user", "Hi")], **asked)
    made: dict[str, Any] = AnthropicMessages(api_key="", model="m").payload(request, stream=False)
    return made


@pytest.mark.parametrize("broken", [body("Hi"), body({"role": "user"}), user({"type": "text"}), body(tools=[{}])])
def test_what_cannot_be_understood(broken: Any) -> None:
    with pytest.raises(ValueError, match="cannot be understood"):
        DIALECT.read(exchange(broken))


# --- the reference adapter ---------------------------------------------------------------------

texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20).filter(lambda t: t.strip() == t)
words = st.from_regex(r"[a-zA-Z0-9_-]{1,12}", fullmatch=True)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts, lambda v: st.lists(v, max_size=3), max_leaves=5
)


@st.composite
def conversations(draw: st.DrawFn) -> list[Message]:
    """Turns of user and assistant in exchange, with calls and their results in between."""
    messages: list[Message] = [Message("system", draw(texts))] if draw(st.booleans()) else []
    for turn in range(draw(st.integers(1, 3))):
        images = st.builds(Image, data=st.just("iVBORw0KGgo=")) | st.builds(Image, url=st.just("https://x/y.png"))
        parts = st.lists(texts.map(Text) | images, min_size=1, max_size=3)
        messages.append(Message("user", draw(texts | parts)))
        names = draw(st.lists(words, max_size=3))
        calls = [
            ToolCall(f"call_{turn}_{i}", name, draw(st.dictionaries(texts, values, max_size=2)))
            for i, name in enumerate(names)
        ]
        messages.append(Message("assistant", draw(texts) if not calls or draw(st.booleans()) else "", tool_calls=calls))
        messages += [Message("tool", draw(texts | st.just("")), tool_call_id=c.id) for c in calls]
    return messages


@settings(max_examples=60, deadline=None)
@given(messages=conversations(), temperature=st.none() | st.floats(0, 1), stop=st.lists(texts, max_size=3))
def test_what_the_reference_sends_is_legal_and_reads_as_it_was_asked(
    messages: list[Message], temperature: float | None, stop: list[str]
) -> None:
    request = Request(messages, temperature=temperature, stop=stop, tools=[Tool("now", "x")], tool_choice="required")
    adapter = AnthropicMessages(api_key="", model="own-model")
    encoded = adapter.encoded(adapter.payload(request, stream=False))
    assert encoded is not None
    assert said_of(encoded) == []
    got = DIALECT.read(exchange(encoded)).request
    for name in ("messages", "temperature", "stop", "tools", "tool_choice"):
        assert plain(getattr(got, name)) == plain(getattr(request, name))


def said_of(encoded: bytes) -> list[str]:
    return list(DIALECT.judge(exchange(encoded)))


def test_a_request_without_any_text_is_refused_before_it_is_sent() -> None:
    with pytest.raises(ProviderError, match="nothing to answer"):
        AnthropicMessages(api_key="").payload(Request([Message("user", " ")]), stream=False)


# --- real requests -----------------------------------------------------------------------------


def accepted() -> Iterator[tuple[str, dict[str, Any]]]:
    """What the real API answered with 200, where the recorder kept the request."""
    if not present():
        return
    for entry in json.loads((CORPUS / "index.json").read_text("utf-8"))["entries"]:
        if (
            entry["dialect"] == "anthropic-messages"
            and entry["status"] == 200
            and "elided-request" not in entry["tags"]
        ):
            told = json.loads((CORPUS / "exchanges" / entry["file"]).read_text("utf-8"))["request"]
            if isinstance(told.get("json"), dict):
                yield entry["id"], told["json"]


@pytest.mark.skipif(not present(), reason=ABSENT)
@pytest.mark.parametrize(("id", "sent"), list(accepted()), ids=lambda v: v if isinstance(v, str) else "")
def test_what_the_real_api_took_is_legal(id: str, sent: dict[str, Any]) -> None:
    assert said(sent) == [], id
