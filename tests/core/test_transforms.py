"""Transforms: what each does to the bytes, and that those which promise the same events keep them."""

from __future__ import annotations

import gzip
import json
import time
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance import cassettes, catalogue, dialects
from conformance.case import Case, Wire
from conformance.reference.wire.sse import EventStream
from conformance.replay import transforms
from conformance.replay.framing import Framing, server_sent
from conformance.replay.transforms import SSE, TAKE_AN_ARGUMENT, TRANSFORMS, UnknownTransform, apply
from conformance.scene import script

STREAMS = [f"streams/{name}" for name in ("three-rivers", "unicode", "tool-calls-interleaved", "error-event")]
STREAMS += ["recorded/chat-stream", "recorded/reasoning-stream"]
every_stream = pytest.mark.parametrize("name", STREAMS)

# Whatever is read of the stream is the same: those of `reframing` but gzip, which a client has to undo first.
KEEPS_THE_EVENTS = [name for name, t in TRANSFORMS.items() if t.__module__.endswith("reframing") and name != "gzip"]

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
        *([name] for name in TRANSFORMS if name in KEEPS_THE_EVENTS),
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


def test_small_reads() -> None:
    line = b'data: {"content":"Name three rivers. \xc3\xa9"}\n'
    pieces = list(apply("small-reads", [line]))
    assert b"".join(pieces) == line
    assert pieces[:8] == [bytes([b]) for b in b'data: {"']
    assert pieces[8:12] == [b'content":"Name t', b"hree rivers. ", b"\xc3", b"\xa9"]
    assert pieces[12:] == [bytes([b]) for b in b'"}\n']


def test_small_reads_split_escapes_and_every_end_of_a_line() -> None:
    pieces = list(apply("small-reads", [rb'data: {"content":"a\nb and so on"}' + b"\r\n\r\n"]))
    assert b"\\" in pieces
    assert pieces[-4:] == [b"\r", b"\n", b"\r", b"\n"]


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
def test_what_a_case_cuts_off_was_needed(dialect: str, case: Case) -> None:
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


@pytest.mark.parametrize("name", sorted(set(TRANSFORMS) - TAKE_AN_ARGUMENT))
def test_others_take_no_argument(name: str) -> None:
    with pytest.raises(UnknownTransform, match=f"{name} takes no argument"):
        apply(f"{name}@3", [SMALL])


def test_an_unknown_transform_is_named_with_those_there_are() -> None:
    with pytest.raises(UnknownTransform, match=r"no transform 'brotli'; there are arguments, at-once, .*no-space"):
        apply(["crlf", "brotli"], [SMALL])


def test_nothing_to_do() -> None:
    assert apply([], [b"a", b"b"]) == [b"a", b"b"]


@pytest.mark.parametrize("name", TRANSFORMS)
def test_each_says_what_it_does(name: str) -> None:
    assert TRANSFORMS[name].__doc__
    assert TRANSFORMS[name].__name__ == name.replace("-", "_")


# --- other JSON ---------------------------------------------------------------------------------

OPENAI = replace(
    SSE,
    places={"text": "choices.0.delta.content", "finish": "choices.0.finish_reason", "usage": "usage"},
    closed=frozenset({"metadata"}),
)


def rewritten(name: str, stream: str = "streams/three-rivers") -> list[Any]:
    return [told for told in data(apply(name, [body(stream)], OPENAI)) if told != "[DONE]"]


def test_fields_are_added_and_none_is_lost() -> None:
    before = rewritten("at-once")
    after = rewritten("unknown-fields:1")
    assert before != after
    assert [{k: v for k, v in a.items() if k in b} for b, a in zip(before, after, strict=True)] != []
    assert rewritten('unknown-fields@[[0,"x",null]]')[0] == {**before[0], "x": None}
    assert rewritten('unknown-fields@[[0,"id","other"]]') == before
    assert json.loads(apply('unknown-fields@[[1,"x",1]]', [b'{"metadata":{}}'], replace(OPENAI, name="json"))[0]) == {
        "metadata": {},
        "x": 1,
    }


def test_keys_are_put_in_another_order() -> None:
    assert rewritten("reordered-keys") == rewritten("reordered-keys:5") == rewritten("at-once")
    assert next(iter(rewritten("reordered-keys")[0])) == "choices"


def test_empty_and_null_deltas() -> None:
    texts = ["", "The Nile,", " the Amaz", "on and the Yangtze."]
    assert [t for c in rewritten("at-once") for t in said(c)] == texts
    for name, blank in (("empty-deltas", ""), ("null-deltas", None)):
        assert [t for c in rewritten(name) for t in said(c)] == [
            "", blank, "The Nile,", blank, " the Amaz", blank, "on and the Yangtze.",
        ]  # fmt: skip


def said(chunk: Any) -> list[Any]:
    return [choice["delta"]["content"] for choice in chunk["choices"] if "content" in choice["delta"]]


def test_the_finish_reason_twice() -> None:
    reasons = [c["choices"][0]["finish_reason"] for c in rewritten("finish-twice") if c["choices"]]
    assert reasons == [None, None, None, None, "stop", "stop"]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("at-once", [5]),
        ("usage-early", [0]),
        ("usage-late", [5]),
        ("usage-twice", [5, 6]),
        ("usage-null", [5]),
    ],
)
def test_the_counts(name: str, found: list[int]) -> None:
    told = rewritten(name)
    assert [i for i, chunk in enumerate(told) if chunk.get("usage")] == found
    assert ("usage" in told[1]) == (name == "usage-null")


# --- other words ----------------------------------------------------------------------------------


def test_another_text() -> None:
    assert [t for c in rewritten('text@["é","","🦀"]') for t in said(c)] == ["", "é", "", "🦀"]
    whole = json.loads(apply('text@["é","x"]', [body("replies/three-rivers")], replace(OPENAI, name="json"))[0])
    assert whole["choices"][0]["message"]["content"] == "éx"


def test_other_arguments() -> None:
    def pieces(chunk: Any) -> list[str]:
        calls = [call for choice in chunk["choices"] for call in choice["delta"].get("tool_calls", ())]
        return [call["function"]["arguments"] for call in calls if call["function"].get("arguments")]

    told = rewritten('arguments@["{\\"a\\"",": 1}"]', "streams/tool-call")
    assert [p for chunk in told for p in pieces(chunk)] == ['{"a"', ": 1}"]


def test_words_that_stand_alone() -> None:
    whole = [body("replies/tool-call")]
    told = json.loads(apply('instead@{"get_weather":"a.b"}', whole, replace(OPENAI, name="json"))[0])
    assert told["choices"][0]["message"]["tool_calls"][0]["function"]["name"] == "a.b"
    lines = b'{"a": {"n": 1}, "b": "{\\"n\\":1}", "c": [1, "n"]}'
    (made,) = apply('instead@{"{\\"n\\": 1}":"{\\"n\\": 2}"}', [lines], replace(OPENAI, name="json"))
    assert json.loads(made) == {"a": {"n": 2}, "b": '{"n": 2}', "c": [1, "n"]}
    with pytest.raises(UnknownTransform, match="an object of texts"):
        apply('instead@["a"]', whole, replace(OPENAI, name="json"))


# --- no answer any more -----------------------------------------------------------------------------


def test_a_part_of_the_next_event() -> None:
    first, second = server_sent(SMALL)[:2]
    assert apply("cut@event:1:0", [SMALL]) == [first]
    assert apply("cut@event:1:500", [SMALL]) == [first, second[: len(second) // 2]]
    assert apply("cut@event:99:500", [SMALL]) == server_sent(SMALL)


def test_spoilt_json() -> None:
    assert apply("spoil@[1, 0, null]", [SMALL])[1] == b"data: null\n\n"
    assert apply("spoil@[1, 1, []]", [SMALL])[1] == b'data: {"b":[]}\n\n'
    assert apply("spoil@[0, 0, 1]", [b"no json"]) == [b"no json"]


def test_corrupt_bytes() -> None:
    (changed,) = apply("corrupt:1", [SMALL])
    assert len(changed) == len(SMALL)
    assert 1 <= sum(a != b for a, b in zip(changed, SMALL, strict=True)) <= 3
    assert apply("corrupt:1", [b""]) == [b""]


def test_a_page_in_place_of_the_answer() -> None:
    assert apply("html", [SMALL])[0].startswith(b"<!DOCTYPE html>")
    assert transforms.headers(["crlf", "html"]) == {"content-type": "text/html"}


def test_compressed() -> None:
    packed = apply("gzip", [SMALL[:30], SMALL[30:]])
    assert gzip.decompress(b"".join(packed)) == SMALL
    assert transforms.headers("gzip") == {"content-encoding": "gzip"}


@pytest.mark.parametrize("dialect", dialects.names())
def test_an_error_inside(dialect: str) -> None:
    told = dialects.load(dialect)
    cassette = Wire(cassette="streams/three-rivers", transform="error")
    broken = script(cassette, told).body
    after = script(Wire(cassette="streams/error-after-text"), told).body
    assert broken.endswith(after[-40:])
    assert b"Yangtze" not in broken


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
    names=st.lists(st.sampled_from(KEEPS_THE_EVENTS), max_size=3, unique=True),
)
def test_transforms_in_turn_keep_the_data(texts: list[str], names: list[str]) -> None:
    whole = b"".join(b"data: " + json.dumps({"text": t}, ensure_ascii=False).encode() + b"\n\n" for t in texts)
    assert data(apply(names, [whole])) == [{"text": t} for t in texts]


def test_a_long_rest_is_read_once() -> None:
    """An adapter may be sent an event and then megabytes of nothing."""
    rest = b" " * 2**22
    begun = time.monotonic()
    assert server_sent(b"data: {}\r\n\r\ndata: {}\n\n" + rest) == [b"data: {}\r\n\r\n", b"data: {}\n\n", rest]
    assert time.monotonic() - begun < 1
