"""The judge of requests: what the real API rejects it names, and what the real API takes it never accuses."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import fields
from typing import Any, get_args
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.contract import Image, JSONSchema, Message, Request, Role, Text, Tool, ToolCall
from conformance.dialects import load, recognise
from conformance.reference import OpenAIChat
from conformance.suites.requests import plain
from conformance.trace import Exchange
from tests.corpus.exchanges import ABSENT, CORPUS, present

DIALECT = load("openai-chat")
SCHEMA = DIALECT._schema("chat")


def exchange(body: Any, operation: str | None = "chat", method: str = "POST") -> Exchange:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Exchange(method, "/v1/somewhere", "", [], sent, connection=1, at=0.0, operation=operation)


def said(body: Any, operation: str = "chat") -> list[str]:
    return list(DIALECT.judge(exchange(body, operation)))


# --- bodies ------------------------------------------------------------------------------------

USER = {"role": "user", "content": "Hi"}
CALL = {"id": "call_1", "type": "function", "function": {"name": "now", "arguments": "{}"}}
CALLS = {"role": "assistant", "content": None, "tool_calls": [CALL]}
ANSWER = {"role": "tool", "tool_call_id": "call_1", "content": "noon"}
NOW = {"type": "function", "function": {"name": "now"}}
PIXEL = "iVBORw0KGgo="


def body(*messages: Any, **more: Any) -> dict[str, Any]:
    return {"model": "m", "messages": list(messages) or [USER], **more}


def user(*parts: Any) -> dict[str, Any]:
    return body({"role": "user", "content": list(parts)})


def image(url: Any, **more: Any) -> dict[str, Any]:
    return user({"type": "image_url", "image_url": {"url": url, **more}})


def called(**changes: Any) -> dict[str, Any]:
    """A history with one call, its call object changed."""
    return body(USER, {**CALLS, "tool_calls": [{**CALL, **changes}]}, ANSWER)


def tool(**function: Any) -> dict[str, Any]:
    return body(tools=[{"type": "function", "function": {"name": "now", **function}}])


def without(data: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {k: v for k, v in data.items() if k not in keys}


SCHEMA_OF_X: dict[str, Any] = {"name": "x", "schema": {}}


def schema_of(given: Any) -> dict[str, Any]:
    return body(response_format={"type": "json_schema", "json_schema": given})


ILLEGAL: dict[str, tuple[dict[str, Any], str]] = {
    "no model": ({"messages": [USER]}, "$: 'model'"),
    "empty model": (body(model=""), "$.model:"),
    "null model": (body(model=None), "$.model:"),
    "no messages": ({"model": "m"}, "$: 'messages'"),
    "empty messages": ({"model": "m", "messages": []}, "$.messages:"),
    "a prompt as messages": ({"model": "m", "messages": "Hi"}, "$.messages:"),
    "a text as message": (body("Hi"), "$.messages[0]:"),
    # messages
    "no role": (body({"content": "Hi"}), "$.messages[0]: 'role'"),
    "role of another API": (body({"role": "model", "content": "Hi"}), "$.messages[0].role:"),
    "user without content": (body({"role": "user"}), "$.messages[0]: 'content'"),
    "user with null content": (body({"role": "user", "content": None}), "$.messages[0].content:"),
    "system with null content": (body({"role": "system", "content": None}, USER), "$.messages[0].content:"),
    "number as content": (body({"role": "user", "content": 1}), "$.messages[0].content:"),
    "stray field of a user": (body({**USER, "id": "x"}), "$.messages[0].id: there is no such field"),
    "stray field of a system": (body({"role": "system", "content": "x", "tool_call_id": "y"}), "$.messages[0].tool_ca"),
    "stray field of an assistant": (body({"role": "assistant", "content": "x", "usage": {}}), "$.messages[0].usage:"),
    "stray field of a tool": (body(USER, CALLS, {**ANSWER, "is_error": True}), "$.messages[2].is_error:"),
    "tool calls of a user": (body({**USER, "tool_calls": [CALL]}), "$.messages[0].tool_calls:"),
    "name that is a number": (body({**USER, "name": 1}), "$.messages[0].name:"),
    # parts
    "no parts": (user(), "$.messages[0].content:"),
    "part without type": (user({"text": "Hi"}), "$.messages[0].content[0]: 'type'"),
    "part of the responses API": (user({"type": "input_text", "text": "Hi"}), "$.messages[0].content[0].type:"),
    "part of another API": (user({"type": "image", "source": {}}), "$.messages[0].content[0].type:"),
    "part without text": (user({"type": "text"}), "$.messages[0].content[0]: 'text'"),
    "part with null text": (user({"type": "text", "text": None}), "$.messages[0].content[0].text:"),
    "stray field of a part": (user({"type": "text", "text": "Hi", "id": 1}), "$.messages[0].content[0].id:"),
    "plain text among parts": (user("Hi"), "$.messages[0].content[0]:"),
    "image of the system": (
        body({"role": "system", "content": [{"type": "image_url", "image_url": {"url": "https://x/y"}}]}, USER),
        "$.messages[0].content[0].type:",
    ),
    "image of a tool": (
        body(USER, CALLS, {**ANSWER, "content": [{"type": "image_url", "image_url": {"url": "https://x/y"}}]}),
        "$.messages[2].content[0].type:",
    ),
    "image without url": (user({"type": "image_url", "image_url": {}}), "$.messages[0].content[0].image_url: 'url'"),
    "image that is a text": (
        user({"type": "image_url", "image_url": "https://x/y.png"}),
        "$.messages[0].content[0].image_url:",
    ),
    "image without its object": (user({"type": "image_url"}), "$.messages[0].content[0]: 'image_url'"),
    "bare base64": (image(PIXEL), "$.messages[0].content[0].image_url.url:"),
    "data URI without media type": (image(f"data:;base64,{PIXEL}"), "$.messages[0].content[0].image_url.url:"),
    "data URI of a document": (image(f"data:text/plain;base64,{PIXEL}"), "$.messages[0].content[0].image_url.url:"),
    "data URI in hexadecimal": (image("data:image/png,89504e"), "$.messages[0].content[0].image_url.url:"),
    "data URI twice": (image(f"data:image/png;base64,data:image/png;base64,{PIXEL}"), "$.messages[0].content[0].image"),
    "stray field of an image": (image("https://x/y", media_type="image/png"), "$.messages[0].content[0].image_url.me"),
    "detail that is a number": (image("https://x/y", detail=1), "$.messages[0].content[0].image_url.detail:"),
    "url that is a number": (image(1), "$.messages[0].content[0].image_url.url:"),
    "stray field beside an image": (
        user({"type": "image_url", "image_url": {"url": "https://x/y"}, "media_type": "image/png"}),
        "$.messages[0].content[0].media_type:",
    ),
    "part of the system without type": (
        body({"role": "system", "content": [{}]}, USER),
        "$.messages[0].content[0]: 't",
    ),
    "text among parts of the system": (body({"role": "system", "content": ["x"]}, USER), "$.messages[0].content[0]:"),
    "no parts of the system": (body({"role": "system", "content": []}, USER), "$.messages[0].content:"),
    "system without content": (body({"role": "system"}, USER), "$.messages[0]: 'content'"),
    "name of a system": (body({"role": "system", "content": "x", "name": 1}, USER), "$.messages[0].name:"),
    # the assistant and its calls
    "number of the assistant": (body({"role": "assistant", "content": 1}), "$.messages[0].content:"),
    "no parts of the assistant": (body({"role": "assistant", "content": []}), "$.messages[0].content:"),
    "text among the assistant's parts": (body({"role": "assistant", "content": ["x"]}), "$.messages[0].content[0]:"),
    "assistant's part without type": (body({"role": "assistant", "content": [{}]}), "$.messages[0].content[0]: 'type'"),
    "assistant's call as a part": (
        body({"role": "assistant", "content": [{"type": "tool_use", "id": "x"}]}),
        "$.messages[0].content[0].type:",
    ),
    "refusal without text": (
        body({"role": "assistant", "content": [{"type": "refusal"}]}),
        "$.messages[0].content[0]: 'refusal'",
    ),
    "stray field of a refusal": (
        body({"role": "assistant", "content": [{"type": "refusal", "refusal": 1, "text": "x"}]}),
        "$.messages[0].content[0].text:",
    ),
    "types of the assistant's fields": (
        body(
            {
                "role": "assistant",
                "content": "x",
                "name": 1,
                "refusal": 1,
                "tool_calls": {},
                "audio": 1,
                "function_call": 1,
                "annotations": {},
                "reasoning_content": 1,
                "reasoning": 1,
                "reasoning_details": 1,
            }
        ),
        "$.messages[0].tool_calls:",
    ),
    "call that is a text": (body(USER, {**CALLS, "tool_calls": ["now"]}, ANSWER), "$.messages[1].tool_calls[0]:"),
    "call with a number as id": (called(id=1), "$.messages[1].tool_calls[0].id:"),
    "index as text": (called(index="0"), "$.messages[1].tool_calls[0].index:"),
    "call of nothing": (
        body(USER, {**CALLS, "tool_calls": [without(CALL, "function")]}, ANSWER),
        "$.messages[1].tool_calls[0]: 'function'",
    ),
    "stray field of a called function": (
        called(function={"name": "now", "arguments": "{}", "id": "x"}),
        "$.messages[1].tool_calls[0].function.id:",
    ),
    "number as a called name": (
        called(function={"name": 1, "arguments": "{}"}),
        "$.messages[1].tool_calls[0].function.name:",
    ),
    "custom call without itself": (called(type="custom"), "$.messages[1].tool_calls[0]: 'custom'"),
    "number as an answer's id": (body(USER, CALLS, {**ANSWER, "tool_call_id": 1}), "$.messages[2].tool_call_id:"),
    "no parts of an answer": (body(USER, CALLS, {**ANSWER, "content": []}), "$.messages[2].content:"),
    "name of an answer": (body(USER, CALLS, {**ANSWER, "name": 1}), "$.messages[2].name:"),
    "function without name": (body(USER, {"role": "function", "content": 1}), "$.messages[1]: 'name'"),
    "stray field of a function": (
        body(USER, {"role": "function", "content": "x", "name": 1, "tool_call_id": "y"}),
        "$.messages[1].tool_call_id:",
    ),
    "assistant without anything": (body({"role": "assistant"}), "$.messages[0]: 'content'"),
    "assistant with null alone": (body({"role": "assistant", "content": None}), "$.messages[0].content:"),
    "null calls beside null": (
        body({"role": "assistant", "content": None, "tool_calls": None}),
        "$.messages[0].content:",
    ),
    "empty calls": (body({"role": "assistant", "content": "x", "tool_calls": []}), "$.messages[0].tool_calls:"),
    "call without id": (
        body(USER, {**CALLS, "tool_calls": [without(CALL, "id")]}),
        "$.messages[1].tool_calls[0]: 'id'",
    ),
    "call with empty id": (called(id=""), "$.messages[1].tool_calls[0].id:"),
    "call without type": (
        body(USER, {**CALLS, "tool_calls": [without(CALL, "type")]}),
        "$.messages[1].tool_calls[0]: 'type'",
    ),
    "call of another API": (called(type="tool_use"), "$.messages[1].tool_calls[0].type:"),
    "call without function": (called(function=None), "$.messages[1].tool_calls[0].function:"),
    "stray field of a call": (called(input={}), "$.messages[1].tool_calls[0].input:"),
    "call without name": (
        called(function={"arguments": "{}"}),
        "$.messages[1].tool_calls[0].function: 'name'",
    ),
    "call with an illegal name": (
        called(function={"name": "get weather", "arguments": "{}"}),
        "$.messages[1].tool_calls[0].function.name:",
    ),
    "call without arguments": (
        called(function={"name": "now"}),
        "$.messages[1].tool_calls[0].function: 'arguments'",
    ),
    "arguments that are an object": (
        called(function={"name": "now", "arguments": {}}),
        "$.messages[1].tool_calls[0].function.arguments:",
    ),
    "arguments that are no JSON": (
        called(function={"name": "now", "arguments": "{'a': 1}"}),
        "$.messages[1].tool_calls[0].function.arguments: is not the JSON text of an object",
    ),
    "arguments that are a list": (
        called(function={"name": "now", "arguments": "[1]"}),
        "$.messages[1].tool_calls[0].function.arguments: is not the JSON text of an object",
    ),
    "answer without id": (body(USER, CALLS, without(ANSWER, "tool_call_id")), "$.messages[2]: 'tool_call_id'"),
    "answer with empty id": (body(USER, CALLS, {**ANSWER, "tool_call_id": ""}), "$.messages[2].tool_call_id:"),
    "answer without content": (body(USER, CALLS, without(ANSWER, "content")), "$.messages[2]: 'content'"),
    "answer with null": (body(USER, CALLS, {**ANSWER, "content": None}), "$.messages[2].content:"),
    "answer that is an object": (body(USER, CALLS, {**ANSWER, "content": {"time": 12}}), "$.messages[2].content:"),
    "answer to nothing": (body(USER, ANSWER), "$.messages[1].tool_call_id: answers no tool call"),
    "answer to another call": (
        body(USER, CALLS, {**ANSWER, "tool_call_id": "call_2"}),
        "$.messages[2].tool_call_id: answers no tool call",
    ),
    "answer after another turn": (
        body(USER, CALLS, USER, ANSWER),
        "$.messages[2]: tool calls ['call_1'] have no answer",
    ),
    "answer given twice": (body(USER, CALLS, ANSWER, ANSWER), "$.messages[3].tool_call_id: answers no tool call"),
    "call without an answer": (body(USER, CALLS), "$.messages: tool calls ['call_1'] have no answer"),
    # options
    "temperature above two": (body(temperature=2.1), "$.temperature:"),
    "temperature below zero": (body(temperature=-0.1), "$.temperature:"),
    "temperature as text": (body(temperature="0.5"), "$.temperature:"),
    "top_p above one": (body(top_p=1.1), "$.top_p:"),
    "no tokens": (body(max_tokens=0), "$.max_tokens:"),
    "minus one token": (body(max_tokens=-1), "$.max_tokens:"),
    "tokens as text": (body(max_tokens="50"), "$.max_tokens:"),
    "no completion tokens": (body(max_completion_tokens=0), "$.max_completion_tokens:"),
    "both limits": (body(max_tokens=5, max_completion_tokens=5), "$.max_tokens: is not allowed beside"),
    "seed with a fraction": (body(seed=1.5), "$.seed:"),
    "no choices": (body(n=0), "$.n:"),
    "five stops": (body(stop=["a", "b", "c", "d", "e"]), "$.stop:"),
    "number as stop": (body(stop=[1]), "$.stop[0]:"),
    "stream as text": (body(stream="true"), "$.stream:"),
    "stream options without a stream": (body(stream_options={"include_usage": True}), "$.stream_options:"),
    "stray stream option": (body(stream=True, stream_options={"usage": True}), "$.stream_options.usage:"),
    "stream options of wrong types": (
        body(stream=True, stream_options={"include_usage": 1, "include_obfuscation": 1}),
        "$.stream_options.include_usage:",
    ),
    "top_p below zero": (body(top_p=-0.1), "$.top_p:"),
    "low frequency penalty": (body(frequency_penalty=-2.5), "$.frequency_penalty:"),
    "high presence penalty": (body(presence_penalty=2.5), "$.presence_penalty:"),
    "number as response format": (body(response_format={"type": 1}), "$.response_format.type:"),
    "frequency penalty": (body(frequency_penalty=2.5), "$.frequency_penalty:"),
    "presence penalty": (body(presence_penalty=-2.5), "$.presence_penalty:"),
    "logit bias as list": (body(logit_bias=[]), "$.logit_bias:"),
    "response format as text": (body(response_format="json"), "$.response_format:"),
    "response format of nobody": (body(response_format={"type": "xml"}), "$.response_format.type:"),
    "no JSON schema": (body(response_format={"type": "json_schema"}), "$.response_format: 'json_schema'"),
    "JSON schema as text": (schema_of("{}"), "$.response_format.json_schema:"),
    "JSON schema without name": (schema_of({"schema": {}}), "$.response_format.json_schema: 'name'"),
    "JSON schema without schema": (schema_of({"name": "x"}), "$.response_format.json_schema: 'schema'"),
    "schema as text": (schema_of({"name": "x", "schema": "{}"}), "$.response_format.json_schema.schema:"),
    "number as name of a schema": (schema_of({"name": 1, "schema": {}}), "$.response_format.json_schema.name:"),
    "spaces in the name of a schema": (schema_of({"name": "a b", "schema": {}}), "$.response_format.json_schema.name:"),
    "strictness as text": (schema_of({**SCHEMA_OF_X, "strict": "yes"}), "$.response_format.json_schema.strict:"),
    "number as description of a schema": (
        schema_of({**SCHEMA_OF_X, "description": 1}),
        "$.response_format.json_schema.description:",
    ),
    "a schema's own field": (schema_of({**SCHEMA_OF_X, "type": "object"}), "$.response_format.json_schema.type:"),
    "response format without type": (body(response_format={"json_schema": {}}), "$.response_format: 'type'"),
    "metadata as text": (body(metadata="x"), "$.metadata:"),
    # tools
    "empty tools": (body(tools=[]), "$.tools:"),
    "129 tools": (
        body(tools=[{"type": "function", "function": {"name": f"t{i}"}} for i in range(129)]),
        "$.tools:",
    ),
    "tool without type": (body(tools=[{"function": {"name": "now"}}]), "$.tools[0]: 'type'"),
    "flat tool of the responses API": (body(tools=[{"type": "function", "name": "now"}]), "$.tools[0]: 'function'"),
    "tool of another API": (body(tools=[{"name": "now", "input_schema": {}}]), "$.tools[0]: 'type'"),
    "tool of an unknown type": (body(tools=[{"type": "tool"}]), "$.tools[0].type:"),
    "custom tool without itself": (body(tools=[{"type": "custom"}]), "$.tools[0]: 'custom'"),
    "tool that is a text": (body(tools=["now"]), "$.tools[0]:"),
    "number as a tool's type": (body(tools=[{"type": 1}]), "$.tools[0].type:"),
    "function that is a text": (body(tools=[{"type": "function", "function": "now"}]), "$.tools[0].function:"),
    "number as a tool's name": (tool(name=1), "$.tools[0].function.name:"),
    "number as a description": (tool(description=1), "$.tools[0].function.description:"),
    "tool without name": (body(tools=[{"type": "function", "function": {}}]), "$.tools[0].function: 'name'"),
    "tool with a long name": (tool(name="n" * 65), "$.tools[0].function.name:"),
    "tool with a dot": (tool(name="time.now"), "$.tools[0].function.name:"),
    "parameters of another type": (tool(parameters={"type": "string"}), "$.tools[0].function.parameters.type:"),
    "parameters as text": (tool(parameters="{}"), "$.tools[0].function.parameters:"),
    "strict as text": (tool(strict="yes"), "$.tools[0].function.strict:"),
    "tool twice": (body(tools=[NOW, NOW]), "$.tools: two tools have the same name"),
    "unknown choice": (body(tools=[NOW], tool_choice="now"), "$.tool_choice:"),
    "choice of another API": (body(tools=[NOW], tool_choice={"type": "tool", "name": "now"}), "$.tool_choice.type:"),
    "choice without type": (body(tools=[NOW], tool_choice={"function": {"name": "now"}}), "$.tool_choice: 'type'"),
    "flat choice": (body(tools=[NOW], tool_choice={"type": "function", "name": "now"}), "$.tool_choice: 'function'"),
    "choice without name": (
        body(tools=[NOW], tool_choice={"type": "function", "function": {}}),
        "$.tool_choice.function: 'name'",
    ),
    "choice of a text": (body(tools=[NOW], tool_choice={"type": "function", "function": "now"}), "$.tool_choice.fu"),
    "choice of a number": (
        body(tools=[NOW], tool_choice={"type": "function", "function": {"name": 1, "id": 2}}),
        "$.tool_choice.function.name:",
    ),
    "stray field of a choice": (
        body(tools=[NOW], tool_choice={"type": "function", "name": "now", "function": {"name": "now"}}),
        "$.tool_choice.name:",
    ),
    "custom choice without itself": (body(tools=[NOW], tool_choice={"type": "custom"}), "$.tool_choice: 'custom'"),
    "choice among nothing": (
        body(tools=[NOW], tool_choice={"type": "allowed_tools"}),
        "$.tool_choice: 'allowed_tools'",
    ),
    "choice of a list": (body(tools=[NOW], tool_choice=["now"]), "$.tool_choice:"),
    "choice of no tool": (
        body(tools=[NOW], tool_choice={"type": "function", "function": {"name": "then"}}),
        "$.tool_choice: there is no tool 'then'",
    ),
    "required without tools": (body(tool_choice="required"), "$.tool_choice: is only allowed when tools"),
    "named choice without tools": (
        body(tool_choice={"type": "function", "function": {"name": "now"}}),
        "$.tool_choice: is only allowed when tools",
    ),
    "parallel as text": (body(tools=[NOW], parallel_tool_calls="no"), "$.parallel_tool_calls:"),
}

LEGAL: dict[str, dict[str, Any]] = {
    "plain": body(),
    "developer": body({"role": "developer", "content": "Be brief."}, USER),
    "system in parts": body({"role": "system", "content": [{"type": "text", "text": "Be brief."}]}, USER),
    "no system, assistant first": body({"role": "assistant", "content": "Hi"}, USER),
    "empty content": body({"role": "user", "content": ""}),
    "parts": user({"type": "text", "text": "Hi"}, {"type": "text", "text": ""}),
    "names": body({**USER, "name": "anna"}, {"role": "assistant", "content": "x", "name": "bob"}, USER),
    "null name": body({**USER, "name": None}),
    "null for what is not said": body({**USER, "tool_calls": None, "tool_call_id": None}),
    "null content beside calls": body(USER, CALLS, ANSWER),
    "absent content beside calls": body(USER, without(CALLS, "content"), ANSWER),
    "empty content beside calls": body(USER, {**CALLS, "content": ""}, ANSWER),
    "text beside calls": body(USER, {**CALLS, "content": "Looking."}, ANSWER),
    "null calls beside text": body({"role": "assistant", "content": "x", "tool_calls": None}, USER),
    "a reply as it came": body(
        USER,
        {
            "role": "assistant",
            "content": "Hi",
            "refusal": None,
            "annotations": [],
            "audio": None,
            "function_call": None,
            "tool_calls": None,
        },
        USER,
    ),
    "a refusal": body(USER, {"role": "assistant", "content": None, "refusal": "No."}, USER),
    "a refusal as part": body({"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]}, USER),
    "an answer in audio": body({"role": "assistant", "audio": {"id": "audio_1"}}, USER),
    "a call of the old API": body(
        {"role": "assistant", "content": None, "function_call": {"name": "now", "arguments": "{}"}},
        {"role": "function", "name": "now", "content": "noon"},
    ),
    "reasoning": body({"role": "assistant", "content": "x", "reasoning_content": "y"}, USER),
    "OpenRouter's reasoning": body({"role": "assistant", "content": "x", "reasoning_details": [{}]}, USER),
    "prefix": body(USER, {"role": "assistant", "content": "The", "prefix": True}),
    "thinking": body({"role": "assistant", "content": [{"type": "thinking", "thinking": []}]}, USER),
    "two calls answered out of order": body(
        USER,
        {**CALLS, "tool_calls": [CALL, {**CALL, "id": "call_2"}]},
        {**ANSWER, "tool_call_id": "call_2"},
        ANSWER,
        USER,
    ),
    "the same id in two turns": body(USER, CALLS, ANSWER, CALLS, ANSWER),
    "no arguments": called(function={"name": "now", "arguments": ""}),
    "index of a call": called(index=0),
    "Gemini's signature": called(extra_content={"google": {"thought_signature": "x"}}),
    "a custom call": body(
        USER, {**CALLS, "tool_calls": [{"id": "call_1", "type": "custom", "custom": {}}]}, ANSWER, USER
    ),
    "an answer in parts": body(USER, CALLS, {**ANSWER, "content": [{"type": "text", "text": "noon"}]}),
    "an empty answer": body(USER, CALLS, {**ANSWER, "content": ""}),
    "a named answer": body(USER, CALLS, {**ANSWER, "name": "now"}),
    "image by URL": image("https://example.com/cat.jpg?size=1&x=%20"),
    "image of a bucket": image("gs://bucket/cat.png"),
    **{
        f"image/{t}": image(f"data:image/{t};base64,{PIXEL}") for t in ("png", "jpeg", "gif", "webp", "svg+xml", "HEIC")
    },
    "image with a parameter": image(f"data:image/png;name=cat;base64,{PIXEL}"),
    "image with detail": image(f"data:image/png;base64,{PIXEL}", detail="high"),
    "audio": user({"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}}),
    "file": user({"type": "file", "file": {"file_id": "f"}}),
    "video": user({"type": "video_url", "video_url": {"url": "https://x/y.mp4"}}),
    "cache control": body(
        {"role": "system", "content": "x", "cache_control": {"type": "ephemeral"}},
        {"role": "user", "content": [{"type": "text", "text": "y", "cache_control": {"type": "ephemeral"}}]},
    ),
    "every option": body(
        temperature=0,
        top_p=0,
        seed=0,
        n=1,
        max_tokens=1,
        stop=["a", "b", "c", "d"],
        stream=True,
        stream_options={"include_usage": True, "include_obfuscation": False},
        frequency_penalty=-2,
        presence_penalty=2,
        logit_bias={"50256": -100},
        logprobs=True,
        top_logprobs=3,
        user="u",
        metadata={"a": "b"},
        store=False,
        reasoning_effort="low",
        verbosity="low",
        service_tier="auto",
        modalities=["text"],
        prompt_cache_key="k",
        safety_identifier="s",
    ),
    "every option null": {**dict.fromkeys(n for n, r in SCHEMA["properties"].items() if "type" in r), **body()},
    "models in place of a model": {"models": ["a", "b"], "messages": [USER]},
    "max_completion_tokens": body(max_completion_tokens=17),
    "one stop": body(stop="END"),
    "no stops": body(stop=[]),
    "not streamed": body(stream=False),
    "JSON mode": body(response_format={"type": "json_object"}),
    "JSON schema in full": schema_of({**SCHEMA_OF_X, "strict": True, "description": "an x"}),
    "text as response format": body(response_format={"type": "text"}),
    "grammar": body(response_format={"type": "grammar", "grammar": "root ::= [0-9]"}),
    "JSON schema": body(response_format={"type": "json_schema", "json_schema": {"name": "x", "schema": {}}}),
    "tool without parameters": body(tools=[NOW]),
    "tool with an empty schema": tool(parameters={}),
    "strict tool": tool(strict=True, parameters={"type": "object", "properties": {}, "additionalProperties": False}),
    "tool with null description": tool(description=None),
    "tool with keys of nobody": body(tools=[{**NOW, "name": "now", "required": []}]),
    "name of 64": tool(name="n" * 64),
    "custom tool": body(tools=[{"type": "custom", "custom": {"name": "math"}}], tool_choice="auto"),
    "tool of the server": body(tools=[{"type": "openrouter:web_search"}, {"type": "web_search", "web_search": {}}]),
    **{f"choice {c}": body(tools=[NOW], tool_choice=c) for c in ("none", "auto", "required", "any")},
    "choice of one": body(tools=[NOW], tool_choice={"type": "function", "function": {"name": "now"}}),
    "choice among some": body(
        tools=[NOW], tool_choice={"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": []}}
    ),
    "parallel calls": body(tools=[NOW], parallel_tool_calls=False),
    "extensions": body(
        top_k=40,
        min_p=0.1,
        provider={"order": ["x"]},
        chat_template_kwargs={"enable_thinking": False},
        thinking={"type": "disabled"},
        safe_prompt=True,
        cache_prompt=True,
        venice_parameters={},
    ),
    "a field that nobody knows": body(conversation_id="x"),  # REQ-020 says so, and only SHOULD
}


@pytest.mark.parametrize(("request_body", "complaint"), ILLEGAL.values(), ids=ILLEGAL)
def test_what_the_api_rejects_is_named_with_its_path(request_body: dict[str, Any], complaint: str) -> None:
    problems = said(request_body)
    assert any(p.startswith(complaint) for p in problems), problems
    assert all("\n" not in p and len(p) < 300 for p in problems)


@pytest.mark.parametrize("request_body", LEGAL.values(), ids=LEGAL)
def test_what_the_api_takes_is_not_accused(request_body: dict[str, Any]) -> None:
    assert said(request_body) == []


# Options that only have a type: named with a value of another one.
WRONG_TYPES = {
    "string": 1.5,
    "array": "x",
    "object": "x",
    "number": "x",
    "integer": 1.5,
    "boolean": "x",
}


def options() -> Iterator[tuple[str, dict[str, Any]]]:
    yield from ((name, rule) for name, rule in SCHEMA["properties"].items() if name not in ("model", "messages"))


@pytest.mark.parametrize("name", [name for name, rule in options() if "type" in rule])
def test_an_option_of_a_wrong_type_is_named(name: str) -> None:
    wrong = WRONG_TYPES[SCHEMA["properties"][name]["type"][0]]
    assert any(p.startswith(f"$.{name}: ") for p in said(body(**{name: wrong})))


@pytest.mark.parametrize("name", [name for name, rule in options() if "extension" in rule.get("description", "")])
def test_an_extension_of_a_vendor_is_its_own_affair(name: str) -> None:
    for value in (1, "x", [], {}, None, True):
        assert said(body(**{name: value})) == []
    assert DIALECT.unknown(exchange(body(**{name: 1}))) == []


def test_no_rule_of_the_schema_is_without_an_illegal_request() -> None:
    wrong = [body(**{name: WRONG_TYPES[rule["type"][0]]}) for name, rule in options() if "type" in rule]
    bodies: list[Any] = [illegal for illegal, _ in ILLEGAL.values()] + wrong
    fired = {(id(e.schema), e.validator) for b in bodies for e in DIALECT._validator("chat").iter_errors(b)}
    silent = [path for path, node, keyword in rules(SCHEMA, "$") if (id(node), keyword) not in fired]
    assert silent == ["$/type"]  # the judge has seen that it is an object


def rules(node: Any, path: str) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Every keyword that can complain, and where it stands."""
    if isinstance(node, list):
        for i, entry in enumerate(node):
            yield from rules(entry, f"{path}/{i}")
    for keyword, value in node.items() if isinstance(node, dict) else ():
        if keyword in ("properties", "$defs"):
            for name, rule in value.items():
                yield from rules(rule, f"{path}/{name}")
        elif keyword in ("allOf", "items", "then", "else", "additionalProperties"):
            yield from rules(value, f"{path}/{keyword}")
        elif keyword not in ("if", "$ref", "$schema", "$comment", "title", "description"):
            yield f"{path}/{keyword}", node, keyword


# --- the other routes --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "request_body",
    [
        {"model": "m", "input": "one"},
        {"model": "m", "input": ["one", "two"]},
        {"model": "m", "input": [1, 2]},
        {"model": "m", "input": [[1, 2], [3]]},
        {"model": "m", "input": ["one"], "encoding_format": "base64", "dimensions": 8, "user": "u"},
        {"model": "m", "input": ["one"], "encoding_format": None, "input_type": "query", "truncation": True},
    ],
)
def test_legal_embeddings(request_body: dict[str, Any]) -> None:
    assert said(request_body, "embeddings") == []


@pytest.mark.parametrize(
    ("request_body", "complaint"),
    [
        ({"input": ["one"]}, "$: 'model'"),
        ({"model": "", "input": ["one"]}, "$.model:"),
        ({"model": "m"}, "$: 'input'"),
        ({"model": "m", "texts": ["one"]}, "$: 'input'"),
        ({"model": "m", "input": ""}, "$.input:"),
        ({"model": "m", "input": []}, "$.input:"),
        ({"model": "m", "input": None}, "$.input:"),
        ({"model": "m", "input": ["one"] * 2049}, "$.input:"),
        ({"model": "m", "input": ["one", ""]}, "$.input[1]:"),
        ({"model": "m", "input": [{"text": "one"}]}, "$.input[0]:"),
        ({"model": "m", "input": [[1, "x"]]}, "$.input[0][1]:"),
        ({"model": "m", "input": ["one"], "encoding_format": "floats"}, "$.encoding_format:"),
        ({"model": "m", "input": ["one"], "dimensions": 0}, "$.dimensions:"),
        ({"model": "m", "input": ["one"], "user": 1}, "$.user:"),
    ],
)
def test_illegal_embeddings(request_body: dict[str, Any], complaint: str) -> None:
    problems = said(request_body, "embeddings")
    assert any(p.startswith(complaint) for p in problems), problems


def test_a_get_has_no_body() -> None:
    assert DIALECT.judge(exchange(b"", "models", "GET")) == []
    assert DIALECT.judge(exchange({}, "models", "GET")) == ["a GET request has no body"]
    assert DIALECT.unknown(exchange(b"", "models", "GET")) == []


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"null", b"\xff", b"model=m&messages=Hi"])
def test_a_body_that_is_no_object(raw: bytes) -> None:
    (problem,) = DIALECT.judge(exchange(raw))
    assert problem.startswith("the body is not a JSON object: ")
    assert DIALECT.unknown(exchange(raw)) == []
    with pytest.raises(ValueError, match="not a JSON object"):
        DIALECT.read(exchange(raw))


def test_unknown_fields_are_listed() -> None:
    assert DIALECT.unknown(exchange(body(conversation_id="x", top_k=1, host={}))) == ["conversation_id", "host"]
    assert DIALECT.unknown(exchange({"model": "m", "input": "x", "top_k": 1}, "embeddings")) == ["top_k"]


def test_recognition() -> None:
    for path, before in {"/v1/chat/completions": "/v1", "/embeddings": "", "/a/v1/v1/embeddings": "/a/v1/v1"}.items():
        found = recognise(Exchange("POST", path, "", [], b"", 1, 0.0))
        assert found == (DIALECT, before)
    assert recognise(Exchange("GET", "/v1/chat/completions", "", [], b"", 1, 0.0)) is None
    assert recognise(Exchange("POST", "/v1/messages", "", [], b"", 1, 0.0)) is None


def test_the_key_is_in_the_authorization_header() -> None:
    (place,) = DIALECT.facts.key
    sent = exchange(body())
    assert not place.holds(sent, "x")
    sent.headers.append(("authorization", "Bearer x"))
    assert place.holds(sent, "x")
    assert not place.holds(sent, ".")
    sent.headers.append(("authorization", "Bearer x"))
    assert not place.holds(sent, "x")


# --- what real servers accepted ----------------------------------------------------------------

# Laxness of one vendor, where OpenAI itself is known to answer 400. What a vendor adds is never accused;
# what it lets be left out, or takes in another type, is a failure at all the others.
VENDORS_OWN = {
    "azure-openai-chat-200-n-64eac49cc7": "$: 'model'",  # Azure's deployments have the model in the URL
    "azure-openai-chat-200-n-b7080eaf73": "$: 'model'",
    "azure-openai-chat-200-n-c5debae93b": "$.model:",
    "azure-openai-chat-200-s-88265d89c4": "$: 'model'",
    "huggingface-chat-200-n-40cc0ceb88": "$.tools:",  # an empty list: OpenAI, DeepSeek and vLLM refuse it
    "huggingface-chat-200-n-c58be9e2d2": "$.tools:",
    "huggingface-chat-200-s-b80ff69b6e": "$.tools:",
    "mistral-chat-200-n-0ef4fccb07": "$.tools[0]: 'type'",  # OpenAI: Missing required parameter: 'tools[0].type'
    "mistral-chat-200-n-4555db0084": "$.messages[1].tool_calls:",  # OpenAI: empty array
    "mistral-chat-200-n-d55679e944": "$.messages[0].content[1].image_url:",  # OpenAI: an object, not a text
}


def accepted() -> Iterator[tuple[str, str, Any]]:
    """Id, operation and body of every request of this dialect that a real server answered with 200."""
    for entry in json.loads((CORPUS / "index.json").read_text("utf-8"))["entries"]:
        if entry["status"] != 200:
            continue
        sent = json.loads((CORPUS / "exchanges" / entry["file"]).read_text("utf-8"))["request"]
        path = urlsplit(sent["url"]).path
        operation = {"completions": "chat", "embeddings": "embeddings"}.get(path.rpartition("/")[2], "")
        chat_route = path.endswith("/chat/completions")
        if (
            sent["method"] == "POST"
            and (operation == "embeddings" or chat_route)
            and isinstance(sent.get("json"), dict)
        ):
            # The corpus shortens long texts; where that left base64, it is no base64.
            text = re.sub(r"__ELIDED_\d+_BASE64_CHARS__", "", json.dumps(sent["json"]))
            yield entry["id"], operation, json.loads(text)


@pytest.mark.skipif(not present(), reason=ABSENT)
def test_no_request_that_a_real_server_accepted_is_accused() -> None:
    seen, accused = 0, {}
    for id, operation, sent in accepted():
        seen += 1
        if problems := said(sent, operation):
            accused[id] = problems
    assert seen > 300
    assert {id: p for id, p in accused.items() if id not in VENDORS_OWN} == {}
    for id, complaint in VENDORS_OWN.items():
        assert [p[: len(complaint)] for p in accused.pop(id)] == [complaint]


@pytest.mark.skipif(not present(), reason=ABSENT)
def test_no_field_of_a_real_request_is_unknown() -> None:
    unknown = {id: names for id, op, sent in accepted() if (names := DIALECT.unknown(exchange(sent, op)))}
    assert unknown == {}


@pytest.mark.skipif(not present(), reason=ABSENT)
def test_every_real_request_is_understood_or_refused_with_a_reason() -> None:
    read = 0
    for _, operation, sent in accepted():
        try:
            DIALECT.read(exchange(sent, operation))
            read += 1
        except ValueError as exc:
            assert "cannot be understood" in str(exc)  # noqa: PT017
    assert read > 300


# --- reading back ------------------------------------------------------------------------------

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
words = st.from_regex(r"[a-zA-Z0-9_-]{1,12}", fullmatch=True)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
images = st.builds(
    Image,
    data=st.binary(min_size=1, max_size=9).map(lambda b: b64encode(b).decode()),
    media_type=st.sampled_from(["image/png", "image/jpeg", "image/webp", "image/gif"]),
) | st.builds(Image, url=words.map("https://example.com/{}.png".format))


def turns(calls: list[ToolCall], answers: list[str], text: str) -> list[Message]:
    ids = [c.id for c in calls]
    return [
        Message("assistant", text, tool_calls=calls),
        *(Message("tool", said, tool_call_id=id) for id, said in zip(ids, answers, strict=True)),
    ]


@st.composite
def with_calls(draw: st.DrawFn) -> list[Message]:
    ids = draw(st.lists(words, min_size=1, max_size=3, unique=True))
    calls = [ToolCall(id, draw(words), draw(st.dictionaries(texts, values, max_size=3))) for id in ids]
    return turns(calls, [draw(texts) for _ in ids], draw(texts))


plain_turns = st.lists(st.builds(Message, st.sampled_from(["system", "user", "assistant"]), texts), max_size=3)
in_parts = st.builds(Message, st.just("user"), st.lists(texts.map(Text) | images, min_size=1, max_size=4)).map(
    lambda m: [m]
)
conversations = st.lists(plain_turns | with_calls() | in_parts, min_size=1, max_size=4).map(
    lambda groups: [m for group in groups for m in group] or [Message("user", "Hi")]
)
schemas = st.dictionaries(texts, values, max_size=3).map(lambda p: {"properties": {}} | p | {"type": "object"})
tools = st.lists(st.builds(Tool, words, texts, schemas), max_size=3, unique_by=lambda t: t.name)
formats = st.builds(JSONSchema, words, st.dictionaries(texts, values, max_size=3), st.booleans())
units = st.floats(0, 1)


@st.composite
def requests(draw: st.DrawFn) -> Request:
    given_tools = draw(tools)
    choices = [None, "auto", "none", "required", *(t.name for t in given_tools)]
    return Request(
        messages=draw(conversations),
        model=draw(st.none() | st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=20)),
        temperature=draw(st.none() | units),
        top_p=draw(st.none() | units),
        max_tokens=draw(st.none() | st.integers(1, 100_000)),
        seed=draw(st.none() | st.integers(-(2**31), 2**31)),
        stop=draw(st.lists(texts, max_size=4)),
        tools=given_tools,
        tool_choice=draw(st.sampled_from(choices)) if given_tools else None,
        response_schema=draw(st.none() | formats),
        reasoning_effort=draw(st.none() | words),
    )


@settings(max_examples=60, deadline=None)
@given(request=requests(), stream=st.booleans())
def test_what_the_reference_sends_is_legal_and_reads_as_it_was_asked(request: Request, stream: bool) -> None:
    adapter = OpenAIChat(api_key="", model="own-model")
    encoded = adapter.encoded(adapter.payload(request, stream=stream))
    assert encoded is not None
    sent = exchange(encoded)
    assert DIALECT.judge(sent) == []
    assert DIALECT.unknown(sent) == []
    read = DIALECT.read(sent)
    assert read.stream is stream
    assert read.request.model == (request.model or "own-model")
    for name in (f.name for f in fields(Request) if f.name != "model"):
        assert plain(getattr(read.request, name)) == plain(getattr(request, name))


@settings(max_examples=20, deadline=None)
@given(inputs=st.lists(texts, min_size=1, max_size=5))
def test_embeddings_read_as_they_were_asked(inputs: list[str]) -> None:
    assert DIALECT.read(exchange({"model": "m", "input": inputs}, "embeddings")).inputs == tuple(inputs)
    assert DIALECT.read(exchange({"model": "m", "input": inputs[0]}, "embeddings")).inputs == (inputs[0],)


def test_formats_and_efforts_of_other_spellings() -> None:
    def read(**more: Any) -> Request:
        return DIALECT.read(exchange(body(**more))).request

    assert read(response_format={"type": "text"}).response_schema is None
    assert read(response_format={"type": "json_object"}).response_schema == JSONSchema(
        "", {"type": "object"}, strict=False
    )
    assert read(reasoning={"effort": "low"}).reasoning_effort == "low"
    assert read(reasoning={"max_tokens": 9}).reasoning_effort is None
    assert read(reasoning_effort="high").reasoning_effort == "high"


def test_other_spellings_read_the_same() -> None:
    def read(*messages: Any, **more: Any) -> Request:
        return DIALECT.read(exchange(body(*messages, **more))).request

    assert read({"role": "developer", "content": "x"}).messages[0].role == "system"
    assert plain(read({"role": "user", "content": [{"type": "text", "text": "x"}]}).messages) == plain(
        read({"role": "user", "content": "x"}).messages
    )
    assert read(max_completion_tokens=17).max_tokens == 17
    assert read(max_completion_tokens=None, max_tokens=17).max_tokens == 17
    assert read(stop="END").stop == ("END",)
    assert read(stop=None).stop == read(stop=[]).stop == ()
    assert read(tools=None).tools == read().tools == []
    assert read(tools=[NOW]).tools == [Tool("now")]
    assert read(tools=[NOW], tool_choice="any").tool_choice == "required"
    assert read(tools=[NOW], tool_choice={"type": "function", "function": {"name": "now"}}).tool_choice == "now"
    assert read(CALLS, ANSWER).messages[0].tool_calls == [ToolCall("call_1", "now", {})]
    assert read(USER, {**CALLS, "content": ""}, ANSWER) == read(USER, CALLS, ANSWER)
    assert get_args(Role) == ("system", "user", "assistant", "tool")


@pytest.mark.parametrize("name", ["audio", "file", "video", "custom tool", "choice among some", "a custom call"])
def test_what_the_contract_has_no_word_for_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="cannot be understood"):
        DIALECT.read(exchange(LEGAL[name]))
