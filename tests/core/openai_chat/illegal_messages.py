"""Messages that the real API rejects, and where the complaint must stand."""

from __future__ import annotations

from typing import Any

from tests.core.openai_chat.bodies import ANSWER, CALL, CALLS, PIXEL, USER, body, called, image, user, without

MESSAGES: dict[str, tuple[dict[str, Any], str]] = {
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
}
