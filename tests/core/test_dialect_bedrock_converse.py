"""The judge of requests to Bedrock: what the service rejects it names, and what it takes it never accuses."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from jsonschema import Draft202012Validator

from conformance import cassettes, catalogue
from conformance.contract import ERROR_KINDS, Image, JSONSchema, Message, Request, Text, Tool, ToolCall
from conformance.dialects import load, recognise
from conformance.reference import BedrockConverse
from conformance.trace import Exchange
from tests.corpus.exchanges import ABSENT, CORPUS, present

DIALECT = load("bedrock-converse")


def exchange(body: Any, path: str = "/model/m/converse", method: str = "POST") -> Exchange:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Exchange(method, path, "", [], sent, connection=1, at=0.0, operation="chat")


def said(body: Any) -> list[str]:
    return list(DIALECT.judge(exchange(body)))


# --- bodies ------------------------------------------------------------------------------------

USER = {"role": "user", "content": [{"text": "Hi"}]}
MODEL = {"role": "assistant", "content": [{"text": "Ho"}]}
CALL = {"toolUse": {"toolUseId": "call_1", "name": "now", "input": {}}}
CALLS = {"role": "assistant", "content": [CALL]}
RESULT = {"toolResult": {"toolUseId": "call_1", "content": [{"text": "noon"}]}}
ANSWER = {"role": "user", "content": [RESULT]}
NOW = {"toolSpec": {"name": "now", "inputSchema": {"json": {"type": "object", "properties": {}}}}}
PIXEL = "iVBORw0KGgo="
IMAGE = {"image": {"format": "png", "source": {"bytes": PIXEL}}}


def body(*messages: Any, **more: Any) -> dict[str, Any]:
    return {"messages": list(messages) or [USER], **more}


def user(*blocks: Any) -> dict[str, Any]:
    return body({"role": "user", "content": list(blocks)})


def tools(*specs: Any, **more: Any) -> dict[str, Any]:
    return {"toolConfig": {"tools": list(specs) or [NOW], **more}}


def tool(**spec: Any) -> dict[str, Any]:
    return body(**tools({"toolSpec": {**NOW["toolSpec"], **spec}}))


def form(schema: Any) -> dict[str, Any]:
    return {"type": "json_schema", "structure": {"jsonSchema": {"schema": schema}}}


def history(*results: Any, call: Any = CALL) -> dict[str, Any]:
    return body(USER, {"role": "assistant", "content": [call]}, {"role": "user", "content": list(results)}, **tools())


ILLEGAL: dict[str, tuple[Any, str]] = {
    "no messages": ({}, "$: 'messages'"),
    "empty messages": ({"messages": []}, "$.messages:"),
    "a prompt as messages": ({"messages": "Hi"}, "$.messages:"),
    "the model in the body": (body(modelId="m"), "$.modelId: there is no such field"),
    "a member of another API": (body(max_tokens=1), "$.max_tokens: there is no such field"),
    "a stream flag": (body(stream=True), "$.stream: there is no such field"),
    # messages
    "text as content": (body({"role": "user", "content": "Hi"}), "$.messages[0].content:"),
    "no blocks": (user(), "$.messages[0].content:"),
    "a role of another API": (body({"role": "tool", "content": [{"text": "x"}]}), "$.messages[0].role:"),
    "the assistant first": (body(MODEL, USER), "$.messages[0].role: a conversation must start with a user message"),
    "two of the user": (body(USER, USER), "$.messages[1].role: a conversation must alternate"),
    "two of the assistant": (body(USER, MODEL, MODEL, USER), "$.messages[2].role: a conversation must alternate"),
    "the system first": (
        body({"role": "system", "content": [{"text": "x"}]}, USER),
        "$.messages[0].role: a conversation must start with a user message",
    ),
    # blocks
    "empty text": (user({"text": ""}), "$.messages[0].content[0].text:"),
    "blank text": (user({"text": " \n"}), "$.messages[0].content[0].text:"),
    "a typed part": (user({"type": "text", "text": "Hi"}), "$.messages[0].content[0].type: there is no such field"),
    "two members": (user({"text": "Hi", **IMAGE}), "$.messages[0].content[0]:"),
    "no member": (user({}), "$.messages[0].content[0]:"),
    "a block of another API": (user({"image_url": {"url": "x"}}), "$.messages[0].content[0]"),
    "a media type for a format": (
        user({"image": {"format": "image/png", "source": {"bytes": PIXEL}}}),
        "$.messages[0].content[0].image.format:",
    ),
    "jpg": (user({"image": {"format": "jpg", "source": {"bytes": PIXEL}}}), "$.messages[0].content[0].image.format:"),
    "an image's address": (
        user({"image": {"format": "png", "source": {"url": "https://x/y.png"}}}),
        "$.messages[0].content[0].image.source",
    ),
    "a data URI": (
        user({"image": {"format": "png", "source": {"bytes": f"data:image/png;base64,{PIXEL}"}}}),
        "$.messages[0].content[0].image.source.bytes:",
    ),
    "an image of the assistant": (
        body(USER, {"role": "assistant", "content": [IMAGE]}),
        "$.messages[1].content: image is only allowed in a user message",
    ),
    # system
    "a text as system": (body(system="Be brief."), "$.system:"),
    "a blank system": (body(system=[{"text": ""}]), "$.system[0].text:"),
    # settings
    "settings outside": (body(temperature=0.5), "$.temperature: there is no such field"),
    "snake case": (body(inferenceConfig={"max_tokens": 5}), "$.inferenceConfig.max_tokens: there is no such field"),
    "a seed": (body(inferenceConfig={"seed": 1}), "$.inferenceConfig.seed: there is no such field"),
    "no tokens": (body(inferenceConfig={"maxTokens": 0}), "$.inferenceConfig.maxTokens:"),
    "too hot": (body(inferenceConfig={"temperature": 1.5}), "$.inferenceConfig.temperature:"),
    "one stop as text": (body(inferenceConfig={"stopSequences": "END"}), "$.inferenceConfig.stopSequences:"),
    "an empty stop": (body(inferenceConfig={"stopSequences": [""]}), "$.inferenceConfig.stopSequences[0]:"),
    # tools
    "no tools in a config": (body(toolConfig={"tools": []}), "$.toolConfig.tools:"),
    "a config without tools": (body(toolConfig={"toolChoice": {"auto": {}}}), "$.toolConfig: 'tools'"),
    "a tool without schema": (body(**tools({"toolSpec": {"name": "now"}})), "$.toolConfig.tools[0].toolSpec:"),
    "a bare schema": (tool(inputSchema={"type": "object"}), "$.toolConfig.tools[0].toolSpec.inputSchema"),
    "a schema of no object": (tool(inputSchema={"json": {}}), "$.toolConfig.tools[0].toolSpec.inputSchema.json:"),
    "an empty description": (tool(description=""), "$.toolConfig.tools[0].toolSpec.description:"),
    "a name with a dot": (tool(name="a.b"), "$.toolConfig.tools[0].toolSpec.name:"),
    "a long name": (tool(name="x" * 65), "$.toolConfig.tools[0].toolSpec.name:"),
    "a function": (body(**tools({"type": "function", "function": {"name": "now"}})), "$.toolConfig.tools[0]"),
    "two of a name": (body(**tools(NOW, NOW)), "$.toolConfig.tools: two tools have the same name"),
    "a choice in a word": (body(**tools(toolChoice="auto")), "$.toolConfig.toolChoice:"),
    "the choice none": (body(**tools(toolChoice={"none": {}})), "$.toolConfig.toolChoice"),
    "a choice that is no tool": (
        body(**tools(toolChoice={"tool": {"name": "later"}})),
        "$.toolConfig.toolChoice: there is no tool 'later'",
    ),
    # the form of the answer
    "a format of OpenAI's": (
        body(outputConfig={"textFormat": {"type": "json_schema", "jsonSchema": {"schema": "{}"}}}),
        "$.outputConfig.textFormat",
    ),
    "a schema that is an object": (
        body(outputConfig={"textFormat": form({})}),
        "$.outputConfig.textFormat.structure.jsonSchema.schema:",
    ),
    "a schema that is no JSON": (
        body(outputConfig={"textFormat": form("{")}),
        "$.outputConfig.textFormat.structure.jsonSchema.schema: is not the JSON text",
    ),
    "a list for a schema": (
        body(outputConfig={"textFormat": form("[]")}),
        "$.outputConfig.textFormat.structure.jsonSchema.schema: is not the JSON text",
    ),
    # calls and results
    "no tool config": (body(USER, CALLS, ANSWER), "$.toolConfig: must be defined"),
    "no result": (
        body(USER, CALLS, USER, **tools()),
        "$.messages[2].content: expected toolResult blocks for the ids call_1",
    ),
    "no answer": (body(USER, CALLS, **tools()), "$.messages: expected toolResult blocks for the ids call_1"),
    "a result of no call": (body(ANSWER, **tools()), "$.messages[0].content: toolResult blocks without a toolUse"),
    "a result twice": (history(RESULT, RESULT), "$.messages[2].content: two toolResult blocks have the same"),
    "a result of the assistant": (
        body(USER, {"role": "assistant", "content": [RESULT]}, **tools()),
        "$.messages[1].content: toolResult is only allowed in a user message",
    ),
    "a call of the user": (
        body({"role": "user", "content": [CALL]}, **tools()),
        "$.messages[0].content: toolUse is only allowed in an assistant message",
    ),
    "a result as text": (
        history({"toolResult": {"toolUseId": "call_1", "content": "noon"}}),
        "$.messages[2].content[0].toolResult.content:",
    ),
    "arguments as text": (
        history(RESULT, call={"toolUse": {**CALL["toolUse"], "input": "{}"}}),
        "$.messages[1].content[0].toolUse.input:",
    ),
    "an id with a space": (
        history(RESULT, call={"toolUse": {**CALL["toolUse"], "toolUseId": "call 1"}}),
        "$.messages[1].content[0].toolUse.toolUseId:",
    ),
    "a long id": (
        history(RESULT, call={"toolUse": {**CALL["toolUse"], "toolUseId": "x" * 65}}),
        "$.messages[1].content[0].toolUse.toolUseId:",
    ),
}

LEGAL: dict[str, dict[str, Any]] = {
    "plain": body(),
    "nothing where there is nothing": body(system=[], inferenceConfig={}),
    "null where there is nothing": body(system=None, inferenceConfig=None, toolConfig=None),
    "everything": body(
        system=[{"text": "Be brief."}, {"cachePoint": {"type": "default"}}],
        inferenceConfig={"maxTokens": 5, "temperature": 0, "topP": 1, "stopSequences": ["\n\n"]},
        additionalModelRequestFields={"top_k": 5},
        guardrailConfig={"guardrailIdentifier": "g", "guardrailVersion": "1", "trace": "enabled"},
        performanceConfig={"latency": "optimized"},
        requestMetadata={"team": "kit"},
        serviceTier={"type": "default"},
    ),
    "a prefilled answer": body(USER, MODEL),
    "an image among text": user({"text": "What is this?"}, IMAGE, {"text": "Be brief."}),
    "a stored image": user({"image": {"format": "png", "source": {"s3Location": {"uri": "s3://kit/cat.png"}}}}),
    "a document": user({"document": {"format": "pdf", "name": "Rivers (1)", "source": {"bytes": PIXEL}}}),
    "calls and results": history(RESULT, {"text": "And in words?"}),
    "an empty result": history({"toolResult": {"toolUseId": "call_1", "content": []}}),
    "a result of JSON": history({"toolResult": {"toolUseId": "call_1", "content": [{"json": {}}], "status": "error"}}),
    "a tool of the server's": body(**tools({"systemTool": {"name": "nova_grounding"}})),
    "a cache point after tools": body(**tools(NOW, {"cachePoint": {"type": "default", "ttl": "1h"}})),
    "each choice": body(**tools(toolChoice={"tool": {"name": "now"}})),
    "reasoning of before": body(
        USER,
        {"role": "assistant", "content": [{"reasoningContent": {"reasoningText": {"text": "x", "signature": "y"}}}]},
        USER,
    ),
    "what the server called": body(
        USER,
        {
            "role": "assistant",
            "content": [
                {"toolUse": {**CALL["toolUse"], "type": "server_tool_use"}},
                {"toolResult": {**RESULT["toolResult"], "type": "nova_grounding_result"}},
                {"text": "Noon."},
            ],
        },
        USER,
        **tools({"systemTool": {"name": "now"}}),
    ),
}


@pytest.mark.parametrize("name", ILLEGAL)
def test_what_is_illegal_is_named(name: str) -> None:
    sent, complaint = ILLEGAL[name]
    assert any(problem.startswith(complaint) for problem in said(sent)), said(sent)


@pytest.mark.parametrize("name", LEGAL)
def test_what_is_legal_is_not_accused(name: str) -> None:
    assert said(LEGAL[name]) == []


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(DIALECT._schema("chat"))


# --- reading -----------------------------------------------------------------------------------

ASKED = Request(
    [
        Message("system", "Be brief."),
        Message("user", [Text("What is this?"), Image(data=PIXEL, media_type="image/jpeg")]),
        Message("assistant", "Looking.", tool_calls=[ToolCall("c:1", "see", {"a": [1]}), ToolCall("c2", "now")]),
        Message("tool", "a cat", tool_call_id="c:1"),
        Message("tool", "", tool_call_id="c2"),
        Message("user", "Sure?"),
    ],
    model="arn:aws:bedrock:eu-west-1::foundation-model/a.b-v1:0",
    temperature=0,
    top_p=0.5,
    max_tokens=7,
    stop=("END",),
    tools=[Tool("see", "Looks", {"type": "object"}), Tool("now")],
    tool_choice="required",
)


def read_back(request: Request, operation: str = "converse") -> Any:
    adapter = BedrockConverse(api_key="", model="m")
    return DIALECT.read(exchange(adapter.payload(request), adapter.path(request, operation)))


def test_what_the_reference_adapter_sends_is_read_as_it_was_asked() -> None:
    from conformance.suites.requests import plain  # noqa: PLC0415 - only here

    read = read_back(ASKED).request
    assert plain(read.messages) == plain(ASKED.messages)
    assert plain(read.tools) == plain(ASKED.tools)
    for name in ("model", "temperature", "top_p", "max_tokens", "stop", "tool_choice"):
        assert getattr(read, name) == getattr(ASKED, name), name
    assert said(BedrockConverse(api_key="").payload(ASKED)) == []


@pytest.mark.parametrize("effort", [None, "high"])
def test_the_form_of_the_answer_and_the_effort_are_read_back(effort: str | None) -> None:
    asked = JSONSchema("person", {"type": "object", "properties": {"größe": {"type": "number"}}}, strict=False)
    request = Request([Message("user", "Who?")], response_schema=asked, reasoning_effort=effort)
    assert said(BedrockConverse(api_key="").payload(request)) == []
    read = read_back(request).request
    assert DIALECT.same("response_schema", read.response_schema) == DIALECT.same("response_schema", asked)
    assert read.reasoning_effort == effort


@pytest.mark.parametrize(
    ("more", "is_a_form"),
    [
        ({"toolChoice": {"tool": {"name": "now"}}}, True),
        ({"toolChoice": {"any": {}}}, True),
        ({"toolChoice": {"auto": {}}}, False),
        ({}, False),
    ],
)
def test_one_tool_that_is_forced_is_a_form_of_the_answer(more: dict[str, Any], is_a_form: bool) -> None:
    read = DIALECT.read(exchange(body(**tools(NOW, **more)))).request
    wanted = JSONSchema("", NOW["toolSpec"]["inputSchema"]["json"]) if is_a_form else None
    assert read.response_schema == wanted


@pytest.mark.parametrize("choice", [None, "auto", "required", "now"])
def test_choices_are_read(choice: str | None) -> None:
    assert read_back(Request([Message("user", "Hi")], tools=[Tool("now")], tool_choice=choice)).request.tool_choice == (
        choice
    )


def test_the_path_tells_whether_to_stream() -> None:
    asked = Request([Message("user", "Hi")])
    assert not read_back(asked).stream
    assert read_back(asked, "converse-stream").stream


@pytest.mark.parametrize("sent", [b"", b"[]", b'{"messages": [{"role": "user"}]}', b'{"messages": [{"content": "x"}]}'])
def test_what_cannot_be_understood_is_said(sent: bytes) -> None:
    with pytest.raises(ValueError, match=r"cannot be understood|not a JSON object"):
        DIALECT.read(exchange(sent))


# --- recognition -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "before"),
    [
        ("/model/m/converse", ""),
        ("/gateway/model/a.b-v1%3A0/converse-stream", "/gateway"),
        (f"/model/{quote('arn:aws:bedrock:x::y/z', safe='')}/converse", ""),
    ],
)
def test_it_is_recognised_by_its_routes(path: str, before: str) -> None:
    found = recognise(exchange(b"{}", path))
    assert found
    assert (found[0].name, found[1]) == ("bedrock-converse", before)


def test_an_arn_that_is_not_escaped_is_no_model() -> None:
    assert DIALECT.operation(exchange(b"{}", "/model/arn:aws:bedrock:x::y/z/converse"), "") is None


SIGNED = "AWS4-HMAC-SHA256 Credential=AK/20261121/us-east-1/bedrock/aws4_request, SignedHeaders=host;x-amz-date, "


@pytest.mark.parametrize(
    ("header", "right"),
    [
        ("Bearer AK", True),
        (f"{SIGNED}Signature={'0' * 64}", True),
        (f"{SIGNED}Signature={'0' * 63}", False),
        (f"{SIGNED.replace('/bedrock/', '/bedrock-runtime/')}Signature={'0' * 64}", False),
        (f"{SIGNED.replace('host;', '')}Signature={'0' * 64}", False),
        ("AK", False),
    ],
)
def test_a_key_is_a_bearer_token_or_it_signs(header: str, right: bool) -> None:
    sent = Exchange("POST", "/", "", [("authorization", header)], b"", connection=1, at=0.0)
    assert any(place.holds(sent, "AK") for place in DIALECT.facts.key) is right


# --- cassettes ---------------------------------------------------------------------------------


def test_every_cassette_is_used_and_there() -> None:
    all_cases = [c for c in catalogue.load().cases if DIALECT.cannot(c) is None]
    facts = DIALECT.facts
    told = {w.cassette for c in all_cases for w in c.answers if w.cassette}
    used = told | set(facts.good.values()) | set(facts.errors.values())
    assert sorted(set(cassettes.names("bedrock-converse")) ^ used) == []
    assert set(facts.errors) <= set(ERROR_KINDS)


# --- real requests -----------------------------------------------------------------------------

# Titan Text takes two turns of the user's; the models that are there today reject them.
TAKEN = {"bedrock-converse-stream-200-s-4d7e7ef8d1": "must alternate between user and assistant roles"}


def recorded() -> list[tuple[str, dict[str, Any]]]:
    if not present():
        return []
    index = json.loads((CORPUS / "index.json").read_text("utf-8"))["entries"]
    files = [e["file"] for e in index if e["dialect"].startswith("bedrock-converse") and e["status"] == 200]
    told = [json.loads((CORPUS / "exchanges" / file).read_text("utf-8")) for file in files]
    return [(t["id"], t["request"]) for t in told if isinstance(t["request"].get("json"), dict)]


@pytest.mark.skipif(not present(), reason=ABSENT)
@pytest.mark.parametrize(("id", "request_"), recorded(), ids=lambda v: v if isinstance(v, str) else "")
def test_what_the_service_took_is_not_accused(id: str, request_: dict[str, Any]) -> None:
    assert [problem for problem in said(request_["json"]) if not problem.endswith(TAKEN.get(id, "-"))] == []
    path = urlsplit(request_["url"]).path
    assert DIALECT.operation(exchange(b"{}", path), "") == "chat"
