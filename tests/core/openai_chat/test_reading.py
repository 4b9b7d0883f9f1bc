"""What is read back from a request is what was asked."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.contract import JSONSchema, Request, Role, Tool, ToolCall
from conformance.reference import OpenAIChat
from conformance.suites.requests import plain
from tests.core.openai_chat.bodies import ANSWER, CALLS, DIALECT, NOW, USER, body, exchange
from tests.core.openai_chat.conversations import requests, texts
from tests.core.openai_chat.legal import LEGAL


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
