"""What must have been sent."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.contract import Image, JSONSchema, Message, Request, Text
from conformance.suites.requests import plain
from conformance.trace import Exchange, Outcome
from tests.core.suites.evidence import (
    BODY,
    EMBED,
    EMBEDDED,
    HEADERS,
    KEY,
    STREAM,
    asking,
    error,
    fails,
    headlines,
    models_request,
    passes,
    request,
)


def with_header(name: str, value: str) -> Exchange:
    return request(headers=[*HEADERS, (name, value)])


def test_number_of_requests() -> None:
    passes({"sent": {"requests": 2}}, exchanges=[request(), request()])
    assert headlines({"sent": {"requests": 1}}, exchanges=[request(), request()]) == [
        "2 requests were sent where one call was made"
    ]
    assert headlines({"sent": {"requests": 2}}) == ["1 requests were sent"]
    passes({"sent": {"requests": 1}}, exchanges=[models_request(), request()])  # what was asked on the way
    passes({"sent": {"at_least": 1}})
    assert headlines({"sent": {"at_least": 2}}) == ["1 requests were sent"]
    passes({"sent": {"requests": 0}, "error": {"kind": ["auth"]}}, Outcome(error=error("auth")), [])
    assert headlines({"sent": {"requests": 0}}) == ["1 requests were sent"]


def test_legal() -> None:
    passes({"sent": {"legal": True}})
    told = (
        "the real API would reject this request",
        "a legal openai-chat request",
        "$: 'messages' is a required property",
    )
    fails({"sent": {"legal": True}}, *told, None, [request({"model": "m"})])
    fails({"sent": {"legal": True}}, *told, None, [request(), request({"model": "m"})])  # the second as well
    routes = "POST /v1/chat/completions, POST /v1/embeddings, GET /v1/models, GET /v1/models/{model}"
    astray = request(path="/v1/v1/chat/completions", operation=None)
    fails({"sent": {"legal": True}}, "there is no such route", routes, "POST /v1/v1/chat/completions", None, [astray])


def test_known() -> None:
    passes({"sent": {"known": True}}, exchanges=[request({**BODY, "top_k": 1})])
    told = ("fields that the API does not have are on the wire", "fields of the dialect only", "tenant, host")
    fails({"sent": {"known": True}}, *told, None, [request({**BODY, "tenant": 1, "host": 2})])


def test_only() -> None:
    want = {"sent": {"only": ["model", "messages", "stream"]}}
    passes(want, exchanges=[request({**BODY, "n": None})])
    told = ("parameters are set that nobody asked for", "only model, messages, stream", "n=1")
    fails(want, *told, None, [request({**BODY, "n": 1})])


@pytest.mark.parametrize("wish", [{"known": True}, {"only": ["model"]}])
def test_fields_of_what_is_no_object(wish: dict[str, Any]) -> None:
    told = ("the request cannot be read", "a JSON object", "b'model=m'")
    fails({"sent": wish}, *told, None, [request(b"model=m")])


def test_without_and_holds() -> None:
    asked = [request({**BODY, "tools": [], "stream_options": {"include_usage": False}})]
    passes({"sent": {"without": ["tools"], "holds": {"model": "kit-model"}}})
    assert headlines({"sent": {"without": ["tools"]}}, exchanges=asked) == ["tools is sent although there is none"]
    wanted = {"stream_options": {"include_usage": True}}
    assert headlines({"sent": {"holds": wanted}}, exchanges=asked) == ["stream_options is not sent"]
    assert headlines({"sent": {"holds": wanted}}) == ["stream_options is not sent"]


def test_never() -> None:
    passes({"sent": {"never": ["embeddings"]}})
    assert headlines({"sent": {"never": ["chat"]}}) == ["a request of chat is made, which is paid for"]


def test_path() -> None:
    want = {"sent": {"path": "{base}/chat/completions"}}
    passes(want)
    passes(want, None, [request(path="/gw/v1/chat/completions")], {"adapter": {"base": "/gw{mount}/"}})
    told = ("the URL is joined wrongly", "POST /v1/chat/completions", "POST /v1//chat/completions")
    fails(want, *told, None, [request(path="/v1//chat/completions", operation=None)])


def test_stream_flag() -> None:
    passes({"sent": {"stream": False}})
    passes({"sent": {"stream": True}}, exchanges=[request({**BODY, "stream": True})], case=STREAM)
    fails({"sent": {"stream": True}}, "the stream flag is wrong", "stream=True", "stream=False", case=STREAM)
    streamed = [request({**BODY, "stream": True})]
    fails({"sent": {"stream": False}}, "the stream flag is wrong", "stream=False", "stream=True", None, streamed)
    fails({"sent": {"stream": False}}, "the stream flag is wrong", "stream=False", "unreadable", None, [request(b"{")])


def test_headers() -> None:
    want = {"sent": {"header": {"Authorization": "Bearer {key}"}}}
    passes(want)
    headline, expected = "the header Authorization is wrong", "Authorization: Bearer <the key>"
    for value in (f"Bearer  {KEY}", f"bearer {KEY}", KEY, f"Bearer {KEY}x"):
        got = f"Authorization: {value}".replace(KEY, "<the key>")
        fails(want, headline, expected, got, None, [request(headers=[("authorization", value)])])
    fails(want, headline, expected, "no Authorization", None, [request(headers=[])])
    twice = with_header("authorization", f"Bearer {KEY}")
    got = f"{expected}; {expected}"
    fails(want, "the header Authorization is sent 2 times", expected, got, None, [twice])


def test_no_header() -> None:
    passes({"sent": {"no_header": ["x-api-key"]}})
    told = ("the header x-api-key is sent", "no x-api-key", "x-api-key: <the key>")
    fails({"sent": {"no_header": ["x-api-key"]}}, *told, None, [with_header("x-api-key", KEY)])


ASKED: dict[str, Any] = {
    "messages": [{"role": "user", "content": "Hi"}],
    "model": "other",
    "temperature": 0,
    "top_p": 0.5,
    "max_tokens": 17,
    "seed": 0,
    "stop": ["a"],
    "tools": [{"name": "now", "description": "The time"}],
    "tool_choice": "now",
}
SENT: dict[str, Any] = {
    **ASKED,
    "tools": [{"type": "function", "function": {"name": "now", "description": "The time"}}],
    "tool_choice": {"type": "function", "function": {"name": "now"}},
}


@pytest.mark.parametrize("name", ASKED)
def test_same(name: str) -> None:
    want, case = {"sent": {"same": [name]}}, asking(**ASKED)
    passes(want, None, [request(SENT)], case)
    lost = {**SENT, name: None if name not in ("messages", "tools") else []}
    assert headlines(want, None, [request(lost)], case) == [f"{name} is not sent"]
    other: dict[str, Any] = {
        "messages": [{"role": "user", "content": "Hi "}],
        "model": "kit-model",
        "tools": [{"type": "function", "function": {"name": "now"}}],
        "tool_choice": "auto",
        "stop": ["a", "b"],
    }
    changed = {**SENT, name: other.get(name, 1)}
    assert headlines(want, None, [request(changed)], case) == [f"{name} is not sent as asked"]


def test_same_model_of_the_adapter() -> None:
    passes({"sent": {"same": ["model"]}})
    told = ("model is not sent as asked", "model=kit-model", "model=gpt-4o")
    fails({"sent": {"same": ["model"]}}, *told, None, [request({**BODY, "model": "gpt-4o"})])


def test_same_texts() -> None:
    want = {"sent": {"same": ["texts"]}}
    passes(want, None, EMBEDDED, EMBED)
    told = ("texts is not sent as asked", "texts=['one', 'two']", "texts=['two', 'one']")
    backwards = request({"model": "m", "input": ["two", "one"]}, "/v1/embeddings", "embeddings")
    fails(want, *told, None, [backwards], EMBED)


def test_absent() -> None:
    names = ["temperature", "top_p", "seed", "max_tokens", "stop", "tools", "tool_choice"]
    passes({"sent": {"absent": names}})
    passes({"sent": {"absent": names}}, exchanges=[request({**BODY, **dict.fromkeys(names), "stop": []})])
    assert headlines({"sent": {"absent": names}}, exchanges=[request({**SENT, "temperature": 0})]) == [
        f"{name} is sent although nobody asked for it" for name in names
    ]


def test_what_cannot_be_read() -> None:
    told = ("the request cannot be read", "a request of the dialect", "POST /v1/chat/completions")
    fails({"sent": {"same": ["model"]}}, *told, None, [request(b"{")])
    fails({"sent": {"absent": ["seed"]}}, *told, None, [request({"messages": [{}]})])


@pytest.mark.parametrize("said", ["", "(no output)"])
def test_an_empty_result_is_sent(said: str) -> None:
    result = {"role": "tool", "tool_call_id": "call_1", "content": said}
    sent = request({**BODY, "messages": [*BODY["messages"], result]})
    passes({"sent": {"nothing_said": "call_1"}}, exchanges=[sent])


@pytest.mark.parametrize(
    "last",
    [
        {"role": "user", "content": "x"},
        {"role": "tool", "tool_call_id": "call_2", "content": ""},
        *({"role": "tool", "tool_call_id": "call_1", "content": word} for word in ("None", "null", '""')),
    ],
)
def test_an_empty_result_is_not_sent(last: dict[str, str]) -> None:
    sent = request({**BODY, "messages": [*BODY["messages"], last]})
    want = {"sent": {"nothing_said": "call_1"}}
    assert headlines(want, exchanges=[sent]) == ["the last message is wrong"]
    assert headlines(want, exchanges=[request({**BODY, "messages": []})]) == ["the last message is wrong"]


def test_nothing_required_may_be_said() -> None:
    told = {"type": "function", "function": {"name": "a", "parameters": {"type": "object", "required": []}}}
    asked = asking(tools=[{"name": "a", "parameters": {"type": "object"}}])
    passes({"sent": {"same": ["tools"]}}, exchanges=[request({**BODY, "tools": [told]})], case=asked)


def test_tools_have_no_order() -> None:
    """Who sorts them keeps a prompt cache warm."""
    tools = [{"type": "function", "function": {"name": n, "parameters": {"type": "object"}}} for n in "ab"]
    asked = asking(tools=[{"name": n, "parameters": {"type": "object"}} for n in "ba"])
    want = {"sent": {"same": ["tools"]}}
    passes(want, exchanges=[request({**BODY, "tools": tools})], case=asked)
    fewer = [request({**BODY, "tools": tools[:1]})]
    assert headlines(want, exchanges=fewer, case=asked) == ["tools is not sent as asked"]


def test_several_wishes_are_all_looked_at() -> None:
    wrong = request({**BODY, "seed": 1, "tenant": 1, "stream": True, "max_tokens": 0}, "/chat/completions", headers=[])
    want = {
        "requests": 2,
        "path": "{base}/chat/completions",
        "legal": True,
        "known": True,
        "stream": False,
        "absent": ["seed"],
        "header": {"authorization": ".*"},
    }
    assert len(headlines({"sent": want}, exchanges=[wrong])) == 7


def test_what_means_the_same_is_written_the_same() -> None:
    assert plain([Message("user", [Text("Hi")])]) == plain((Message("user", "Hi"),))
    assert plain(Message("user", [Text("a"), Text("b")])) != plain(Message("user", "ab"))
    assert plain(Request([]).stop) == plain([])
    inline = Message("user", [Image(data="AA==", media_type="image/gif")])
    assert plain(inline) == plain(Message("user", [Image(url="data:image/gif;base64,AA==")]))
    assert plain(JSONSchema("x", {})) != plain(JSONSchema("x", {}, strict=False))


def test_one_field_of_several() -> None:
    want = {"sent": {"any_of": ["think", "thinking"]}}
    passes(want, exchanges=[request({**BODY, "think": False})])
    told = ("none of several fields is sent", "one of think, thinking", "model, messages, think")
    fails(want, *told, exchanges=[request({**BODY, "think": None})])


def test_requests_without_end() -> None:
    passes({"sent": {"at_most": 2}}, None, [request(), request()])
    assert headlines({"sent": {"at_most": 1}}, None, [request(), request()]) == ["requests were sent without end"]


def test_the_query_of_the_base_url() -> None:
    passes({"sent": {"query": "v=1"}}, None, [request(query="v=1")])
    fails({"sent": {"query": "v=1"}}, "the base URL's query is not kept", "?v=1", "?", None, [request()])
