"""Transforms: what each does to the bytes, and that those which promise the same events keep them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance import cassettes, catalogue, dialects
from conformance.reference.wire.sse import EventStream
from conformance.replay import transforms
from conformance.replay.framing import Framing, server_sent
from conformance.replay.transforms import TRANSFORMS, UnknownTransform, apply

STREAMS = [f"streams/{name}" for name in ("three-rivers", "unicode", "tool-calls-interleaved", "error-event")]
STREAMS += ["recorded/chat-stream", "recorded/reasoning-stream"]
every_stream = pytest.mark.parametrize("name", STREAMS)

SMALL = b'data: {"a":1}\n\ndata: {"b":"\xc3\xa9"}\n\ndata: {"choices":[{"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'


def body(name: str) -> bytes:
    return b"".join(cassettes.load("openai-chat", name).interactions[0].chunks)


def parsed(chunks: transforms.Pieces) -> list[tuple[str, bytes]]:
    """The events as a reader of the standard gets them, piece by piece."""
    stream = EventStream()
    return [event for chunk in chunks for event in stream.feed(chunk)] + list(stream.end())


def data(chunks: transforms.Pieces) -> list[object]:
    """The meaning of a stream of chunks: the JSON of its events in order."""
    return [_json(d) for name, d in parsed(chunks) if name in ("", "message", "error")]


def _json(text: bytes) -> object:
    return text.decode() if text.strip() == b"[DONE]" else json.loads(text)


# --- what changes nothing ----------------------------------------------------------------------


@every_stream
@pytest.mark.parametrize("name_of", ["bytewise", "at-once", "by-event"])
def test_cutting_into_reads_keeps_every_byte(name: str, name_of: str) -> None:
    assert b"".join(apply(name_of, [body(name)])) == body(name)


@every_stream
@pytest.mark.parametrize(
    "names",
    [
        *(
            [name]
            for name in TRANSFORMS
            if name not in ("cut", "drop-done")  # these change the meaning
        ),
        ["crlf", "bytewise"],
        ["comments", "fields", "cr"],
        ["no-space", "multiline", "foreign-events", "bytewise"],
        ["multiline", "crlf", "at-once"],
    ],
    ids="+".join,
)
def test_the_events_are_the_same(name: str, names: list[str]) -> None:
    assert data(apply(names, [body(name)])) == data([body(name)])


def test_bytewise() -> None:
    assert apply("bytewise", ["é".encode(), b"x"]) == [b"\xc3", b"\xa9", b"x"]


def test_at_once() -> None:
    assert apply("at-once", [b"a", b"b"]) == [b"ab"]


def test_by_event() -> None:
    first, *_, last = apply("by-event", [SMALL[:20], SMALL[20:]])
    assert first == b'data: {"a":1}\n\n'
    assert last == b"data: [DONE]\n\n"


def test_crlf() -> None:
    changed = b"".join(apply("crlf", [SMALL]))
    assert changed.count(b"\r\n") == changed.count(b"\n") == changed.count(b"\r") == SMALL.count(b"\n")


def test_cr() -> None:
    changed = b"".join(apply("cr", [SMALL]))
    assert b"\n" not in changed
    assert changed == SMALL.replace(b"\n", b"\r")


def test_no_space() -> None:
    assert b"".join(apply("no-space", [SMALL])) == SMALL.replace(b"data: ", b"data:")
    inside = b'data: {"text":"data: x"}\n\n'
    assert b"".join(apply("no-space", [inside])) == b'data:{"text":"data: x"}\n\n'


def test_comments() -> None:
    changed = apply("comments", [SMALL])
    assert len(changed) == 4
    assert all(piece.startswith(b": keep-alive\n\ndata: ") for piece in changed)


def test_fields() -> None:
    changed = apply("fields", [SMALL])
    assert changed[1] == b'event: message\nid: 1\nretry: 3000\ndata: {"b":"\xc3\xa9"}\n\n'
    assert {name for name, _ in parsed(changed)} == {"message"}


def test_foreign_events() -> None:
    found = parsed(apply("foreign-events", [SMALL]))
    assert [name for name, _ in found] == ["ping", ""] * 4
    assert [d for name, d in found if not name] == [d for _, d in parsed([SMALL])]


def test_multiline() -> None:
    changed = apply("multiline", [SMALL])
    assert changed[0] == b'data: {\ndata: "a":1}\n\n'
    assert changed[-1] == b"data: [DONE]\n\n"
    assert parsed(changed)[0] == ("", b'{\n"a":1}')


# --- what changes the stream -------------------------------------------------------------------


def test_drop_done() -> None:
    changed = b"".join(apply("drop-done", [SMALL]))
    assert changed == SMALL.removesuffix(b"data: [DONE]\n\n")


@pytest.mark.parametrize(
    ("where", "kept"),
    [
        ("event:0", 0),
        ("event:1", 1),
        ("event:3", 3),
        ("event:99", 4),
        ("event:half", 1),
        ("event:unfinished", 2),
    ],
)
def test_cut_after_whole_events(where: str, kept: int) -> None:
    assert list(apply(f"cut@{where}", [SMALL])) == server_sent(SMALL)[:kept]


def test_cut_inside_an_event() -> None:
    *whole, piece = apply("cut@event:inside", [SMALL])
    assert whole == server_sent(SMALL)[:1]
    assert piece
    assert server_sent(SMALL)[1].startswith(piece)
    assert piece != server_sent(SMALL)[1]


def test_cut_after_bytes() -> None:
    assert apply("cut@byte:5", [b"abc", b"defg"]) == [b"abcde"]
    assert apply("cut@byte:99", [b"abc"]) == [b"abc"]
    assert apply("cut@byte:half", [b"abc", b"defg"]) == [b"abc"]


def test_cut_after_a_text() -> None:
    assert apply('cut@text:"b"', [SMALL]) == server_sent(SMALL)[:2]
    assert apply("cut@text:nowhere", [SMALL]) == server_sent(SMALL)


def test_swollen() -> None:
    made = apply("swollen@3", [SMALL])
    assert b"".join(made) == b":" + b" " * 3 * 4096 + b"\n" + SMALL
    assert apply("swollen", [b'{"a": 1}\n'], Framing("ndjson"))[:2] == [b"", b" " * 4096]


CUT = [c for c in catalogue.load().cases if c.then.error and c.answers[0].cassette and "cut@" in str(c.answers[0])]


@pytest.mark.parametrize(
    ("dialect", "case"),
    [(name, case) for name in dialects.names() for case in CUT if not dialects.load(name).cannot(case)],
)
def test_what_a_case_cuts_off_was_needed(dialect: str, case: catalogue.Case) -> None:
    """No case demands an error for a stream that is whole after all."""
    wire, facts = case.answers[0], dialects.load(dialect).facts
    assert wire.cassette is not None
    whole = b"".join(dialects.load(dialect).cassette(wire.cassette).interactions[0].chunks)
    marks = tuple(mark.encode() for mark in facts.complete)
    kept = b"".join(apply(wire.transform, [whole], Framing(facts.framing, marks)))
    assert len(kept) < len(whole)
    if facts.framing != "sse" and case.proves == "STR-007":
        assert not any(mark in kept for mark in marks)
    if b"data:" in whole and case.proves == "STR-007":
        assert b"[DONE]" not in kept
        assert b'"finish_reason":"' not in kept.replace(b'": "', b'":"')


@pytest.mark.parametrize("name", ["", "bytewize", "BYTEWISE", "cut@", "cut@event", "cut@event:", "cut@event:-1"])
def test_unknown_names_and_arguments(name: str) -> None:
    with pytest.raises(UnknownTransform):
        apply(name, [SMALL])


@pytest.mark.parametrize("name", ["cut@byte:x", "cut@text:", "cut@line:1", "cut@event:most"])
def test_unknown_arguments_of_cut(name: str) -> None:
    with pytest.raises(UnknownTransform, match="cut takes"):
        apply(name, [SMALL])


@pytest.mark.parametrize("name", sorted(set(TRANSFORMS) - {"cut", "swollen"}))
def test_only_cut_takes_an_argument(name: str) -> None:
    with pytest.raises(UnknownTransform, match=f"{name} takes no argument"):
        apply(f"{name}@3", [SMALL])


def test_an_unknown_transform_is_named_with_those_there_are() -> None:
    with pytest.raises(UnknownTransform, match=r"no transform 'gzip'; there are at-once, by-event, .*no-space"):
        apply(["crlf", "gzip"], [SMALL])


def test_nothing_to_do() -> None:
    assert apply([], [b"a", b"b"]) == [b"a", b"b"]


@pytest.mark.parametrize("name", TRANSFORMS)
def test_each_says_what_it_does(name: str) -> None:
    assert TRANSFORMS[name].__doc__
    assert TRANSFORMS[name].__name__ == name.replace("-", "_")


# --- any body, any cut -------------------------------------------------------------------------

pieces = st.lists(st.binary(max_size=12) | st.sampled_from([b"\n", b"\n\n", b"\r\n", b"data: x"]), max_size=12)


@settings(max_examples=80, deadline=None)
@given(chunks=pieces)
def test_events_and_reads_reassemble(chunks: list[bytes]) -> None:
    whole = b"".join(chunks)
    assert b"".join(server_sent(b"".join(chunks))) == whole
    for name in ("bytewise", "at-once", "by-event"):
        assert b"".join(apply(name, chunks)) == whole


@settings(max_examples=80, deadline=None)
@given(chunks=pieces, at=st.integers(0, 60))
def test_a_cut_is_a_beginning(chunks: list[bytes], at: int) -> None:
    whole = b"".join(chunks)
    assert b"".join(apply(f"cut@byte:{at}", chunks)) == whole[:at]
    assert whole.startswith(b"".join(apply(f"cut@event:{at}", chunks)))
    for where in ("half", "unfinished"):
        assert whole.startswith(b"".join(apply(f"cut@event:{where}", chunks)))
    if len(server_sent(b"".join(chunks))) > 1:
        assert whole.startswith(b"".join(apply("cut@event:inside", chunks)))


@pytest.mark.parametrize("whole", [b"", b"data: x\n\n"])
def test_cut_inside_a_body_of_one_event_or_none(whole: bytes) -> None:
    assert whole.startswith(b"".join(apply("cut@event:inside", [whole])))


@settings(max_examples=40, deadline=None)
@given(
    texts=st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), min_size=1, max_size=6),
    names=st.lists(st.sampled_from(sorted(set(TRANSFORMS) - {"cut", "drop-done"})), max_size=3, unique=True),
)
def test_transforms_in_turn_keep_the_data(texts: list[str], names: list[str]) -> None:
    whole = b"".join(b"data: " + json.dumps({"text": t}, ensure_ascii=False).encode() + b"\n\n" for t in texts)
    assert data(apply(names, [whole])) == [{"text": t} for t in texts]
