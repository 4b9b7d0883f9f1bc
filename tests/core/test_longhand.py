"""Texts that the data has in short."""

from __future__ import annotations

import pytest

from conformance.ask import Ask
from conformance.contract import Image, Text
from conformance.longhand import numbered, repeated, written_out


def test_a_long_text() -> None:
    hundred = "0123456789" * 10
    assert repeated(f"a {hundred}{{times 3}} b") == f"a {hundred * 3} b"
    assert repeated("short{times 3}") == "short{times 3}"


@pytest.mark.parametrize(("short", "text"), [(r"a \ud83d b", "a \ud83d b"), (r"\ude00", r"\ude00"), ("é", "é")])
def test_a_lone_surrogate(short: str, text: str) -> None:
    assert written_out(short) == text


def test_a_question_is_written_out() -> None:
    ask = Ask.model_validate({"messages": [{"role": "user", "content": r"a \ud83d"}, {"role": "user", "content": []}]})
    assert [m.content for m in ask.messages] == ["a \ud83d", []]


def test_the_data_of_an_image_is_written_out() -> None:
    parts = [{"data": "a" * 100 + "{times 2}"}, {"url": "https://x/y"}, {"text": "b"}]
    ask = Ask.model_validate({"messages": [{"role": "user", "content": parts}]})
    assert ask.messages[0].content == [Image(data="a" * 200), Image(url="https://x/y"), Text("b")]


def test_many_texts() -> None:
    assert numbered(["one", "t{0..2}", "{0..2}", "t{1}"]) == ["one", "t0", "t1", "t2", "{0..2}", "t{1}"]
    assert len(Ask.model_validate({"op": "embed", "texts": ["t{0..2048}"]}).texts) == 2049
