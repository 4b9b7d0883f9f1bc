"""Requests of every kind, for Hypothesis."""

from __future__ import annotations

from base64 import b64encode

from hypothesis import strategies as st

from conformance.contract import Image, JSONSchema, Message, Request, Text, Tool, ToolCall

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
