"""The reference's parser of server-sent events against the WHATWG HTML standard, section 9.2.6."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.reference.wire.sse import EventStream

Events = list[tuple[str, bytes]]


def parsed(*chunks: bytes) -> Events:
    stream = EventStream()
    return [event for chunk in chunks for event in stream.feed(chunk)] + list(stream.end())


def standard(body: bytes) -> Events:
    """The standard's algorithm, word for word, on the whole body. Of its state only what an event has here."""
    text = body.removeprefix(b"\xef\xbb\xbf")
    *lines, rest = re.split(rb"\r\n|\n|\r", text)
    del rest  # a line without its end is no line
    found: Events = []
    data, event_type = b"", b""
    for line in lines:
        if line == b"":
            if data:
                found.append((event_type.decode("utf-8", "replace"), data.removesuffix(b"\n")))
            data, event_type = b"", b""
        elif line.startswith(b":"):
            continue
        else:
            field, _, value = line.partition(b":")
            value = value[1:] if value.startswith(b" ") else value
            if field == b"data":
                data += value + b"\n"
            elif field == b"event":
                event_type = value
    return found


@pytest.mark.parametrize(
    ("body", "events"),
    [
        pytest.param(b"data: x\n\n", [("", b"x")], id="one"),
        pytest.param(b"data: x\n\ndata: y\n\n", [("", b"x"), ("", b"y")], id="two"),
        pytest.param(b"data: x\r\n\r\ndata: y\r\n\r\n", [("", b"x"), ("", b"y")], id="CR LF"),
        pytest.param(b"data: x\r\rdata: y\r\r", [("", b"x"), ("", b"y")], id="CR"),
        pytest.param(b"data: x\r\n\ndata: y\n\r\n", [("", b"x"), ("", b"y")], id="mixed"),
        pytest.param(b"data:x\n\n", [("", b"x")], id="no space"),
        pytest.param(b"data:  x\n\n", [("", b" x")], id="only one space is dropped"),
        pytest.param(b"data:\tx\n\n", [("", b"\tx")], id="a tab is no space"),
        pytest.param(b"data: x \n\n", [("", b"x ")], id="space at the end"),
        pytest.param(b"data: x\ndata: y\n\n", [("", b"x\ny")], id="two lines"),
        pytest.param(b"data\ndata\n\n", [("", b"\n")], id="data without a colon"),
        pytest.param(b"data:\n\n", [("", b"")], id="empty data is an event"),
        pytest.param(b"\n\n\ndata: x\n\n\n\n", [("", b"x")], id="blank lines"),
        pytest.param(b": ping\n\ndata: x\n: ping\n\n", [("", b"x")], id="comments"),
        pytest.param(b"event: ping\n\ndata: x\n\n", [("", b"x")], id="a name without data is forgotten"),
        pytest.param(b"event: a\nevent: b\ndata: x\n\n", [("b", b"x")], id="the last name counts"),
        pytest.param(b"event: a\ndata: x\n\ndata: y\n\n", [("a", b"x"), ("", b"y")], id="a name is for one event"),
        pytest.param(b"id: 1\nretry: 5\ndata: x\nfoo: y\n\n", [("", b"x")], id="other fields"),
        pytest.param(b"Data: x\nDATA: y\n data: z\n\n", [], id="names are exact"),
        pytest.param(b"data: x", [], id="no end of line"),
        pytest.param(b"data: x\n", [], id="no blank line"),
        pytest.param(b"data: x\n\ndata: y\n", [("", b"x")], id="the last is dropped"),
        pytest.param(b"data: x\n\r", [("", b"x")], id="a CR at the very end is a line's end"),
        pytest.param(b"data: x\r", [], id="but not a blank line"),
        pytest.param(b"\xef\xbb\xbfdata: x\n\n", [("", b"x")], id="byte order mark"),
        pytest.param(b"\xef\xbb\xbf\xef\xbb\xbfdata: x\n\n", [], id="only one"),
        pytest.param(b"data: x\n\n\xef\xbb\xbfdata: y\n\n", [("", b"x")], id="and only at the start"),
        pytest.param(
            "data: a\u2028b\u0085c\x0b\x0c\n\n".encode(), [("", "a\u2028b\u0085c\x0b\x0c".encode())], id="other"
        ),
        pytest.param(b"data: a: b: c\n\n", [("", b"a: b: c")], id="more colons"),
        pytest.param(b"data: \xff\xfe\n\n", [("", b"\xff\xfe")], id="bytes are the reader's affair"),
        pytest.param(b"", [], id="nothing"),
    ],
)
def test_the_standard(body: bytes, events: Events) -> None:
    assert parsed(body) == events == standard(body)
    assert parsed(*(body[i : i + 1] for i in range(len(body)))) == events


def test_an_event_comes_as_soon_as_it_is_whole() -> None:
    stream = EventStream()
    assert list(stream.feed(b"data: x\n")) == []
    assert list(stream.feed(b"\n")) == [("", b"x")]
    assert list(stream.feed(b"data: y\r\n\r\n")) == [("", b"y")]
    assert list(stream.feed(b"data: z\n\ndata")) == [("", b"z")]
    assert list(stream.feed(b": w\n\n")) == [("", b"w")]


def test_a_cr_waits_for_its_lf() -> None:
    stream = EventStream()
    assert list(stream.feed(b"data: x\r")) == []
    assert list(stream.feed(b"\n\r")) == []
    assert list(stream.feed(b"\ndata: y\n")) == [("", b"x")]
    assert list(stream.feed(b"\n")) == [("", b"y")]


pieces = st.one_of(
    st.sampled_from(
        [b"\n", b"\r", b"\r\n", b"data:", b"data: ", b"event: ", b": ", b":", b" ", b"data", b"\xef\xbb\xbf"]
    ),
    st.binary(max_size=4),
    st.text(max_size=4).map(lambda t: t.encode("utf-8", "surrogatepass")),
)


@st.composite
def split_bodies(draw: st.DrawFn) -> tuple[bytes, list[bytes]]:
    body = b"".join(draw(st.lists(pieces, max_size=24)))
    cuts = sorted(draw(st.lists(st.integers(0, len(body)), max_size=12)))
    return body, [body[a:b] for a, b in zip([0, *cuts], [*cuts, len(body)], strict=True)]


@settings(max_examples=300, deadline=None)
@given(split_bodies())
def test_any_split_of_any_body_gives_what_the_standard_gives(split: tuple[bytes, list[bytes]]) -> None:
    body, chunks = split
    assert parsed(*chunks) == standard(body)
