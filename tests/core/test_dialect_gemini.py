"""The judge of Gemini: it rejects what the API rejects, accepts what it takes, and reads what was asked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from conformance.contract import Image, JSONSchema, Message, ProviderError, Request, Text, Tool, ToolCall
from conformance.dialects import load, recognise
from conformance.reference import Gemini
from conformance.replay.framing import elements
from conformance.replay.script import Script
from conformance.suites.requests import plain
from conformance.trace import Exchange
from tests.corpus.exchanges import ABSENT, CORPUS, present

DIALECT = load("gemini")
SCHEMA = DIALECT._schema("chat")
VERTEX = "/v1/projects/p/locations/l/publishers/google/models/m:generateContent"


def exchange(
    body: Any, operation: str | None = "chat", path: str = "/v1beta/models/m:generateContent", query: str = ""
) -> Exchange:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Exchange("POST", path, query, [], sent, 1, 0.0, operation=operation)


def said(body: Any, **more: Any) -> list[str]:
    return list(DIALECT.judge(exchange(body, **more)))


USER: dict[str, Any] = {"role": "user", "parts": [{"text": "Hi"}]}
NOW: dict[str, Any] = {"name": "now", "description": "The time"}
CALL: dict[str, Any] = {"role": "model", "parts": [{"functionCall": {"name": "now", "args": {}}}]}
ANSWER: dict[str, Any] = {
    "role": "user",
    "parts": [{"functionResponse": {"name": "now", "response": {"result": "noon"}}}],
}


def body(*contents: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"contents": list(contents) or [USER], **more}


def part(**data: Any) -> dict[str, Any]:
    return body({"role": "user", "parts": [data]})


def config(**options: Any) -> dict[str, Any]:
    return body(generationConfig=options)


def tool(parameters: Any = None, **more: Any) -> dict[str, Any]:
    told = {} if parameters is None else {"parameters": parameters}
    return body(tools=[{"functionDeclarations": [{**NOW, **told, **more}]}])


def choice(**told: Any) -> dict[str, Any]:
    return {**tool(), "toolConfig": {"functionCallingConfig": told}}


def with_calls(*calls: str, ids: bool = False) -> dict[str, Any]:
    told = [{"name": name, "args": {}} | ({"id": f"id-{i}"} if ids else {}) for i, name in enumerate(calls)]
    return {"role": "model", "parts": [{"functionCall": call} for call in told]}


def with_answers(*names: str, ids: tuple[str, ...] = ()) -> dict[str, Any]:
    told = [{"name": name, "response": {}} | ({"id": ids[i]} if ids else {}) for i, name in enumerate(names)]
    return {"role": "user", "parts": [{"functionResponse": answer} for answer in told]}


OBJECT = {"type": "object", "properties": {"city": {"type": "string"}}}

LEGAL = {
    "plain": body(),
    "no role": body({"parts": [{"text": "Hi"}]}),
    "one content alone": {"contents": USER},
    "parts alone": body({"role": "user", "parts": {"text": "Hi"}}),
    "empty text": part(text=""),
    "system": body(systemInstruction={"parts": [{"text": "Be brief."}]}),
    "system with a role": body(systemInstruction={"role": "user", "parts": {"text": "Be brief."}}),
    "options": config(temperature=0, topP=0.5, topK=3, maxOutputTokens=1, seed=-1, stopSequences=["a"] * 5),
    "other spelling": body(generation_config={"max_output_tokens": 1, "stop_sequences": ["a"]}),
    "null is not said": body(tools=None, generationConfig={"temperature": None}),
    "no options": config(),
    "inline": part(inlineData={"mimeType": "image/png", "data": "aGk="}),
    "file": part(fileData={"fileUri": "https://example.com/a.png"}),
    "calls and answers": body(USER, CALL, ANSWER),
    "two calls": body(USER, with_calls("a", "b"), with_answers("a", "b"), USER),
    "ids": body(USER, with_calls("a", "a", ids=True), with_answers("a", "a", ids=("id-1", "id-0"))),
    "answer and text": body(USER, CALL, {"role": "user", "parts": [*ANSWER["parts"], {"text": "And?"}]}),
    "signature": body({"role": "model", "parts": [{"text": "", "thoughtSignature": "a2l0"}]}, USER),
    "tool": tool(OBJECT),
    "tool in capitals": tool({"type": "OBJECT", "properties": {"n": {"type": "ARRAY", "items": {"type": "STRING"}}}}),
    "tool without properties": tool({"type": "object", "properties": {}}),
    "any schema": tool(parametersJsonSchema={"type": "object", "additionalProperties": False, "$defs": {}}),
    "an argument that is called type": tool({"type": "object", "properties": {"type": {"type": "string"}}}),
    "odd names": tool(name="_a.b-c:d"),
    "choice": choice(mode="ANY", allowedFunctionNames=["now"]),
    "a form": config(
        responseMimeType="application/json", responseSchema={"type": "ARRAY", "items": {"type": "STRING"}}
    ),
    "any form": config(responseMimeType="application/json", responseJsonSchema={"$ref": "#/$defs/A", "$defs": {}}),
    "a form as the SDKs once had it": config(responseMimeType="application/json", _responseJsonSchema={"const": 1}),
    "any JSON": config(responseMimeType="application/json"),
    "one of some words": config(responseMimeType="text/x.enum", responseSchema={"type": "STRING", "enum": ["a", "b"]}),
    "a budget": config(thinkingConfig={"thinkingBudget": -1, "includeThoughts": True}),
    "a level": config(thinking_config={"thinking_level": "LOW"}),
    "search": body(tools=[{"googleSearch": {}}, {"codeExecution": {}}, {"urlContext": {}}]),
    "safety": body(safetySettings=[{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}]),
    "cached": body(cachedContent="cachedContents/x"),
}

ILLEGAL = {
    "no contents": ({}, "$: 'contents' is a required property"),
    "empty contents": ({"contents": []}, "$.contents: "),
    "a text for contents": ({"contents": "Hi"}, "$.contents: "),
    "messages": ({**body(), "messages": []}, "$.messages: there is no such field"),
    "temperature at the top": (body(temperature=1), "$.temperature: there is no such field"),
    "assistant": (body(USER, {"role": "assistant", "parts": [{"text": "x"}]}), "$.contents[1].role: "),
    "system as a turn": (body({"role": "system", "parts": [{"text": "x"}]}, USER), "$.contents[0].role: "),
    "function as a role": (body(USER, CALL, {**ANSWER, "role": "function"}), "$.contents[2].role: "),
    "no parts": (body({"role": "user"}), "$.contents[0]: 'parts'"),
    "empty parts": (body({"role": "user", "parts": []}), "$.contents[0].parts: "),
    "a text for parts": (body({"role": "user", "parts": "Hi"}), "$.contents[0].parts: "),
    "content": (body({"role": "user", "content": "Hi"}), "$.contents[0]"),
    "a part of nothing": (part(), "$.contents[0].parts[0]: "),
    "a part of two kinds": (part(text="x", inlineData={"mimeType": "a/b", "data": "aGk="}), "$.contents[0].parts[0]: "),
    "a part with a type": (part(type="text", text="x"), "$.contents[0].parts[0].type: there is no such field"),
    "a text that is none": (part(text=1), "$.contents[0].parts[0].text: "),
    "system as a text": (body(systemInstruction="Be brief."), "$.systemInstruction: "),
    "no media type": (part(inlineData={"data": "aGk="}), "$.contents[0].parts[0].inlineData: 'mimeType'"),
    "no base64": (part(inlineData={"mimeType": "image/png", "data": "%"}), "$.contents[0].parts[0].inlineData.data: "),
    "a data URI": (part(inlineData={"mimeType": "image/png", "data": "data:image/png;base64,aGk="}), "$.contents[0]"),
    "unknown option": (config(max_tokens=1), "$.generationConfig.maxTokens: there is no such field"),
    "too warm": (config(temperature=2.1), "$.generationConfig.temperature: "),
    "no tokens": (config(maxOutputTokens=0), "$.generationConfig.maxOutputTokens: "),
    "six stops": (config(stopSequences=["a"] * 6), "$.generationConfig.stopSequences: "),
    "one stop": (config(stopSequences=[1]), "$.generationConfig.stopSequences[0]: "),
    "long seed": (config(seed=2**31), "$.generationConfig.seed: "),
    "arguments as text": (
        body(USER, {"role": "model", "parts": [{"functionCall": {"name": "now", "args": "{}"}}]}, ANSWER),
        "$.contents[1].parts[0].functionCall.args: ",
    ),
    "a result that is text": (
        body(USER, CALL, {"role": "user", "parts": [{"functionResponse": {"name": "now", "response": "noon"}}]}),
        "$.contents[2].parts[0].functionResponse.response: ",
    ),
    "a call without an answer": (body(USER, CALL), "$.contents: the last function calls have no answer"),
    "text in place of an answer": (body(USER, CALL, USER), "$.contents[2]: 0 function responses"),
    "an answer without a call": (body(USER, ANSWER), "$.contents[1]: 1 function responses"),
    "one answer for two": (body(USER, with_calls("a", "b"), with_answers("a")), "$.contents[2]: 1 function responses"),
    "answers one by one": (
        body(USER, with_calls("a", "b"), with_answers("a"), with_answers("b")),
        "$.contents[2]: 1 function responses, where 2",
    ),
    "another name": (
        body(USER, with_calls("a"), with_answers("b")),
        "$.contents[2]: the function responses have other",
    ),
    "another id": (
        body(USER, with_calls("a", ids=True), with_answers("a", ids=("x",))),
        "$.contents[2]: a function response has an id",
    ),
    "a call of the user": (body({**CALL, "role": "user"}, ANSWER), "$.contents[0].role: a function call"),
    "an answer of the model": (body(USER, CALL, {**ANSWER, "role": "model"}), "$.contents[2].role: the answer"),
    "a call first": (body(CALL, ANSWER), "$.contents[0]: a turn of function calls"),
    "a name with a digit first": (tool(name="9-lives"), "$.tools[0].functionDeclarations[0].name: "),
    "a name with a space": (tool(name="a b"), "$.tools[0].functionDeclarations[0].name: "),
    "a tool of OpenAI's": (body(tools=[{"type": "function", "function": NOW}]), "$.tools[0].type: there is no such"),
    "additionalProperties": (
        tool({**OBJECT, "additionalProperties": False}),
        "$.tools[0].functionDeclarations[0].parameters.additionalProperties: there is no such field",
    ),
    "a reference": (
        tool({"type": "object", "properties": {"a": {"$ref": "#/$defs/A"}}}),
        "$.tools[0].functionDeclarations[0].parameters.properties[a].$ref: there is no such field",
    ),
    "definitions": (tool({**OBJECT, "$defs": {}}), "$.tools[0].functionDeclarations[0].parameters.$defs: "),
    "a list of types": (
        tool({"type": "object", "properties": {"a": {"type": ["string", "null"]}}}),
        "$.tools[0].functionDeclarations[0].parameters.properties.a.type: ",
    ),
    "const": (tool({"type": "object", "properties": {"a": {"const": 1}}}), "$.tools[0].functionDeclarations[0]"),
    "no object": (tool({"type": "string"}), "$.tools[0].functionDeclarations[0].parameters: must be of type OBJECT"),
    "an array of nothing": (
        tool({"type": "object", "properties": {"a": {"type": "array"}}}),
        "$.tools[0].functionDeclarations[0].parameters.properties[a].items: missing field",
    ),
    "required, not there": (
        tool({**OBJECT, "required": ["day"]}),
        "$.tools[0].functionDeclarations[0].parameters.required: there is no property 'day'",
    ),
    "both schemas": (
        tool(OBJECT, parametersJsonSchema=OBJECT),
        "$.tools[0].functionDeclarations[0].parametersJsonSchema: is not allowed beside parameters",
    ),
    "two of a name": (body(tools=[{"functionDeclarations": [NOW, NOW]}]), "$.tools: two functions have the same name"),
    "an unknown mode": (choice(mode="required"), "$.toolConfig.functionCallingConfig.mode: "),
    "a choice without tools": (
        body(toolConfig={"functionCallingConfig": {"mode": "AUTO"}}),
        "$.toolConfig.functionCallingConfig: is set without",
    ),
    "a choice of no tool": (
        choice(mode="ANY", allowedFunctionNames=["x"]),
        "$.toolConfig.functionCallingConfig.allowedFunctionNames: there is no function 'x'",
    ),
    "a choice among, not forced": (
        choice(mode="AUTO", allowedFunctionNames=["now"]),
        "$.toolConfig.functionCallingConfig.allowedFunctionNames: is only allowed",
    ),
    "a schema without a type of the answer": (
        config(responseJsonSchema={"type": "object"}),
        "$.generationConfig.responseJsonSchema: needs a responseMimeType",
    ),
    "a schema of a text": (
        config(responseMimeType="text/plain", responseSchema={"type": "object"}),
        "$.generationConfig.responseSchema: needs a responseMimeType",
    ),
    "both schemas of an answer": (
        config(responseMimeType="application/json", responseSchema={"type": "object"}, responseJsonSchema={}),
        "$.generationConfig.responseJsonSchema: is not allowed beside responseSchema",
    ),
    "a level and a budget": (
        config(thinkingConfig={"thinkingBudget": 0, "thinkingLevel": "low"}),
        "$.generationConfig.thinkingConfig.thinkingLevel: is not allowed beside thinkingBudget",
    ),
    "an unknown thought": (config(thinkingConfig={"effort": "low"}), "$.generationConfig.thinkingConfig.effort: "),
    "an effort": (config(reasoningEffort="low"), "$.generationConfig.reasoningEffort: there is no such field"),
    "a schema of an answer": (
        config(responseMimeType="application/json", responseSchema={"type": "object", "$ref": "x"}),
        "$.generationConfig.responseSchema.$ref: there is no such field",
    ),
}


@pytest.mark.parametrize("sent", LEGAL.values(), ids=LEGAL)
def test_what_the_api_takes_is_not_accused(sent: Any) -> None:
    assert said(sent) == []
    assert DIALECT.unknown(exchange(sent)) == []


@pytest.mark.parametrize(("sent", "complaint"), ILLEGAL.values(), ids=ILLEGAL)
def test_what_the_api_rejects_is_named_with_its_path(sent: Any, complaint: str) -> None:
    problems = said(sent)
    assert any(p.startswith(complaint) for p in problems), problems


def test_vertex_takes_more_of_a_schema() -> None:
    assert said(tool({**OBJECT, "additionalProperties": False}), path=VERTEX) == []


def test_unknown_fields_are_listed() -> None:
    assert DIALECT.unknown(exchange(body(generation_config={}, prompt="x"))) == ["prompt"]


@pytest.mark.parametrize(
    ("sent", "problem"),
    [
        ({"requests": [{"model": "models/m", "content": {"parts": [{"text": "one"}]}}]}, ""),
        ({"content": {"parts": [{"text": "one"}]}, "taskType": "RETRIEVAL_QUERY"}, ""),
        ({"requests": []}, "$.requests: "),
        ({"requests": [{"content": {"parts": [{"text": "one"}]}}]}, "$.requests[0]: 'model'"),
        ({"requests": [{"model": "m", "content": {"parts": [{"text": "one"}]}}]}, "$.requests[0].model: "),
        ({"requests": [{"model": "models/m"}]}, "$.requests[0]: 'content'"),
        ({"input": ["one"]}, "$: 'content'"),
        ({"content": "one"}, "$.content: "),
    ],
)
def test_embeddings(sent: Any, problem: str) -> None:
    problems = said(sent, operation="embeddings")
    assert any(p.startswith(problem) for p in problems) if problem else problems == []


# --- recognition -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "before"),
    [
        ("POST", "/v1beta/models/gemini-2.5-flash:generateContent", "/v1beta"),
        ("POST", "/v1beta/models/gemini-2.5-flash:streamGenerateContent", "/v1beta"),
        ("POST", "/models/m:batchEmbedContents", ""),
        ("POST", VERTEX, "/v1/projects/p/locations/l/publishers/google"),
    ],
)
def test_recognition(method: str, path: str, before: str) -> None:
    assert recognise(Exchange(method, path, "", [], b"", 1, 0.0)) == (DIALECT, before)


@pytest.mark.parametrize(("query", "header"), [("key=k", ("a", "b")), ("", ("x-goog-api-key", "k"))])
def test_a_model_list_is_told_apart_by_the_key(query: str, header: tuple[str, str]) -> None:
    assert recognise(Exchange("GET", "/v1beta/models", query, [header], b"", 1, 0.0)) == (DIALECT, "/v1beta")


# --- reading -----------------------------------------------------------------------------------


def read(sent: Any, **more: Any) -> Request:
    return DIALECT.read(exchange(sent, **more)).request


def test_the_model_and_the_stream_are_in_the_path() -> None:
    told = DIALECT.read(exchange(body(), path="/v1beta/models/a%3Ab:streamGenerateContent"))
    assert (told.request.model, told.stream) == ("a:b", True)
    assert not DIALECT.read(exchange(body())).stream


def test_results_are_read_however_they_are_wrapped() -> None:
    for response in ({"result": "noon"}, {"output": "noon"}, {"name": "now", "content": "noon"}):
        answer = {"role": "user", "parts": [{"function_response": {"name": "now", "response": response}}]}
        assert read(body(USER, CALL, answer)).messages[-1].content == "noon"
    answer = {"role": "user", "parts": [{"functionResponse": {"name": "now", "response": {"a": 1, "b": "é"}}}]}
    assert read(body(USER, CALL, answer)).messages[-1].content == '{"a": 1, "b": "é"}'


def test_the_two_forms_of_a_schema_are_the_same() -> None:
    first = read(tool({"type": "OBJECT", "properties": {"n": {"type": 5, "items": {"type": "STRING"}}}})).tools
    other = {"type": "object", "properties": {"n": {"type": "array", "items": {"type": "string"}}}}
    second = read(tool(parametersJsonSchema={**other, "additionalProperties": False})).tools
    assert plain(DIALECT.same("tools", first)) == plain(DIALECT.same("tools", second))
    assert plain(DIALECT.same("tools", read(tool()).tools)) == plain([Tool("now", "The time")])


def test_what_the_reference_sends_is_legal_and_reads_as_it_was_asked() -> None:
    request = Request(
        [
            Message("system", "Be brief."),
            Message("user", [Text("What is this?"), Image(data="aGk="), Image(url="https://example.com/a.png")]),
            Message("assistant", "Let me see.", tool_calls=[ToolCall("1", "now", {"a": 1}), ToolCall("2", "now")]),
            Message("tool", "noon", tool_call_id="1"),
            Message("tool", "", tool_call_id="2"),
            Message("user", "And now?"),
        ],
        temperature=0.0,
        top_p=0.5,
        max_tokens=7,
        seed=0,
        stop=("a", "b"),
        tools=[Tool("now", "The time", OBJECT)],
        tool_choice="now",
    )
    sent = Gemini(api_key="k", model="m").payload(request)
    assert said(sent) == []
    got = read(sent)
    for name in ("messages", "temperature", "top_p", "max_tokens", "seed", "stop", "tools", "tool_choice"):
        assert plain(getattr(got, name)) == plain(getattr(request, name)), name


FORM = {"type": "object", "properties": {"größe": {"type": "number"}}, "required": ["größe"]}


@pytest.mark.parametrize("effort", ["none", "low", "medium", "high"])
def test_the_form_of_the_answer_and_the_effort_are_read_back(effort: str) -> None:
    asked = Request([Message("user", "Who?")], response_schema=JSONSchema("person", FORM), reasoning_effort=effort)
    sent = Gemini(api_key="k", model="m").payload(asked)
    assert said(sent) == []
    got = read(sent)
    for name in ("response_schema", "reasoning_effort"):
        assert DIALECT.same(name, getattr(got, name)) == DIALECT.same(name, getattr(asked, name)), name


def test_an_effort_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ProviderError) as caught:
        Gemini(api_key="k", model="m").payload(Request([Message("user", "Who?")], reasoning_effort="utmost"))
    assert caught.value.kind == "unsupported"


def test_the_forms_of_an_answer_are_the_same() -> None:
    capitals = {"type": "OBJECT", "properties": {"größe": {"type": "NUMBER"}}, "required": ["größe"]}
    forms = [{"responseSchema": capitals}, {"response_json_schema": FORM}, {"_responseJsonSchema": FORM}]
    told = [read(config(responseMimeType="application/json", **form)).response_schema for form in forms]
    assert [DIALECT.same("response_schema", form) for form in told] == [JSONSchema("", FORM, strict=False)] * 3
    assert read(config(responseMimeType="application/json")).response_schema == JSONSchema("", {"type": "object"})


def test_of_an_effort_it_counts_whether_there_is_any() -> None:
    told = [{"thinkingBudget": 0}, {"thinkingLevel": "MINIMAL"}, {"thinkingBudget": -1}, {"thinkingLevel": "HIGH"}]
    read_back = [read(config(thinkingConfig=t)).reasoning_effort for t in told]
    assert read_back == ["none", "minimal", "-1 tokens", "high"]
    assert [DIALECT.same("reasoning_effort", effort) for effort in read_back] == ["none", "none", "some", "some"]


@pytest.mark.parametrize(
    "options", [{}, {"thinkingConfig": {"includeThoughts": True}}, {"responseMimeType": "text/plain"}]
)
def test_what_is_not_asked_for_is_none(options: dict[str, Any]) -> None:
    got = read(config(**options))
    assert (got.response_schema, got.reasoning_effort) == (None, None)


@pytest.mark.parametrize(("mode", "meant"), [("AUTO", "auto"), ("NONE", "none"), ("ANY", "required")])
def test_modes(mode: str, meant: str) -> None:
    assert read(choice(mode=mode)).tool_choice == meant


# --- answers -----------------------------------------------------------------------------------

EVENTS = b'data: {"a": 1}\r\n\r\ndata: {"b": "\xc3\xa9"}\r\n\r\n'
STREAMED = Script(headers=(("content-type", "text/event-stream"),), chunks=(EVENTS,))
STREAM = "/v1beta/models/m:streamGenerateContent"


def test_without_alt_sse_a_stream_is_one_array() -> None:
    asked = exchange(body(), path=STREAM)
    told = DIALECT.told(asked, STREAMED)
    assert told.header("content-type").startswith("application/json")
    assert json.loads(told.body) == [{"a": 1}, {"b": "é"}]
    assert elements(told.body) == list(told.chunks)
    assert DIALECT.framing(asked) == "json-array"


@pytest.mark.parametrize("query", ["alt=sse", "%24alt=sse", "key=k&alt=sse"])
def test_with_it_a_stream_is_events(query: str) -> None:
    asked = exchange(body(), path=STREAM, query=query)
    assert DIALECT.told(asked, STREAMED) == STREAMED
    assert DIALECT.framing(asked) == "sse"


def test_an_error_of_a_stream_is_told_in_its_form() -> None:
    failed = Script(status=429, chunks=(b'{"error": {}}',))
    assert json.loads(DIALECT.told(exchange(body(), path=STREAM), failed).body) == [{"error": {}}]
    asked = exchange(body(), path=STREAM, query="alt=sse")
    assert DIALECT.told(asked, failed).header("content-type") == "text/event-stream"


def test_one_embedding_of_a_batch() -> None:
    asked = exchange({}, path="/v1beta/models/m:embedContent")
    batch = Script(chunks=(b'{"embeddings": [{"values": [1]}, {"values": [2]}]}',))
    told = []
    for asked.turn in range(3):
        told.append(json.loads(DIALECT.told(asked, batch).body))
    assert told == [{"embedding": {"values": [1]}}, {"embedding": {"values": [2]}}, {}]


# --- what real servers accepted ----------------------------------------------------------------


def accepted() -> Iterator[tuple[str, Exchange]]:
    for entry in json.loads((CORPUS / "index.json").read_text("utf-8"))["entries"]:
        if entry["status"] != 200 or not entry["file"].startswith(("gemini-", "vertex-")):
            continue
        sent = json.loads((CORPUS / "exchanges" / entry["file"]).read_text("utf-8"))["request"]
        url = urlsplit(sent["url"])
        path = re.sub(r"[<>]", "", url.path)
        operation = next((n for n, m, p in DIALECT.facts.patterns if m == sent["method"] and p.search(path)), None)
        if operation in ("chat", "embeddings") and isinstance(sent.get("json"), dict):
            text = re.sub(r"__ELIDED_\d+_(BASE64_)?CHARS__", "", json.dumps(sent["json"]))
            yield entry["id"], exchange(json.loads(text), operation, path, url.query)


@pytest.mark.skipif(not present(), reason=ABSENT)
def test_no_request_that_a_real_server_accepted_is_accused() -> None:
    judged = {id: [*DIALECT.judge(sent), *DIALECT.unknown(sent)] for id, sent in accepted()}
    assert len(judged) > 100
    assert {id: problems for id, problems in judged.items() if problems} == {}


@pytest.mark.skipif(not present(), reason=ABSENT)
def test_every_real_request_is_understood_or_refused_with_a_reason() -> None:
    understood = 0
    for _, sent in accepted():
        try:
            DIALECT.read(sent)
            understood += 1
        except ValueError as exc:
            assert "cannot be understood" in str(exc)  # noqa: PT017
    assert understood > 100
