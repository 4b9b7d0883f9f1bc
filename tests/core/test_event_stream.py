"""AWS' binary messages as lines, and the reference adapter's reading of them."""

from __future__ import annotations

from pathlib import Path
from zlib import crc32

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from conformance import cassettes
from conformance.case import Wire
from conformance.cassettes import BrokenCassette
from conformance.dialects import load
from conformance.event_stream import decode, encode
from conformance.paths import CASSETTES
from conformance.reference.bedrock_converse.messages import Damaged, MessageStream
from conformance.replay.framing import messages
from conformance.scene import script
from conformance.trace import Exchange, Trace
from conformance.transcript import lines

EVENT = b'contentBlockDelta {"delta":{"text":"caf\xc3\xa9"}}'
LINES = [
    "messageStart {}",
    EVENT.decode(),
    'exception throttlingException {"message":"later"}',
    "error InternalFailure what went wrong",
]


def told(*lines_: str) -> bytes:
    return encode(line.encode() for line in lines_)


def test_a_message_is_as_the_specification_has_it() -> None:
    message = encode([EVENT])
    size, headers = int.from_bytes(message[:4], "big"), int.from_bytes(message[4:8], "big")
    assert size == len(message)
    assert int.from_bytes(message[8:12], "big") == crc32(message[:8])
    assert int.from_bytes(message[-4:], "big") == crc32(message[:-4])
    assert message[12 : 12 + headers].startswith(b"\x0b:event-type\x07\x00\x11contentBlockDelta\x0d:content-type\x07")
    assert message[12 + headers : -4] == EVENT.partition(b" ")[2]


def test_what_was_written_is_shown() -> None:
    assert list(decode(told(*LINES))) == LINES
    assert messages(told(*LINES)) == [told(line) for line in LINES]


def test_damage_and_rests_are_shown() -> None:
    assert list(decode(told("wrong-crc messageStop {}"))) == ["wrong-crc messageStop {}"]
    assert list(decode(told("messageStop {}")[:20])) == ["20 bytes that are no whole message"]
    assert list(decode(b"<html>Sign in</html>")) == ["20 bytes that are no whole message"]


def test_empty_lines_are_no_messages() -> None:
    assert encode([b"", b"  "]) == b""


@given(st.lists(st.integers(1, 200)))
def test_cut_anywhere_it_is_read_the_same(cuts: list[int]) -> None:
    body, stream, found = told(*LINES), MessageStream(), []
    for cut in cuts:
        found += stream.feed(body[:cut])
        body = body[cut:]
    found += stream.feed(body)
    assert [m.payload.decode() for m in found] == ["{}", EVENT.decode().partition(" ")[2], '{"message":"later"}', ""]
    assert found[3].headers == {
        ":error-code": "InternalFailure",
        ":error-message": "what went wrong",
        ":message-type": "error",
    }
    assert stream.buffer == b""


@pytest.mark.parametrize(
    "body",
    [
        told("wrong-crc messageStop {}"),
        told("wrong-prelude messageStop {}"),
        b": keep-alive\n\n: keep-alive",
        b"\0" * 16,
        bytes([0, 0, 0, 4, 0, 0, 0, 0]) + crc32(bytes([0, 0, 0, 4, 0, 0, 0, 0])).to_bytes(4, "big"),
    ],
    ids=["message", "prelude", "text", "nothing", "too short"],
)
def test_what_is_no_message_is_damaged(body: bytes) -> None:
    with pytest.raises(Damaged):
        list(MessageStream().feed(body))


def test_headers_of_other_types_are_passed_over() -> None:
    head = (
        b"\x04flag\x00\x03num\x04\0\0\0\x07\x04when\x08\0\0\0\0\0\0\0\0\x05bytes\x06\0\x02ab\x0b:event-type\x07\0\x01x"
    )
    prelude = (16 + len(head)).to_bytes(4, "big") + len(head).to_bytes(4, "big")
    message = prelude + crc32(prelude).to_bytes(4, "big") + head
    (read,) = MessageStream().feed(message + crc32(message).to_bytes(4, "big"))
    assert read.headers == {":event-type": "x"}


# --- where they are used -----------------------------------------------------------------------


def test_a_cassette_whose_lines_tell_something_else_is_broken(tmp_path: Path) -> None:
    path = tmp_path / "bedrock-converse" / "stream.yaml"
    path.parent.mkdir()
    good = (CASSETTES / "bedrock-converse" / "streams" / "three-rivers.yaml").read_text("utf-8")
    path.write_text(good.replace('"text":"The Nile,"', '"text":"The Rhine,"'), "utf-8")
    with pytest.raises(BrokenCassette, match="x-events tell something else than the body"):
        cassettes.load("bedrock-converse", "stream", tmp_path)


@pytest.mark.parametrize("name", [n for n in cassettes.names("bedrock-converse") if n.startswith("streams/")])
def test_every_stream_says_in_lines_what_it_holds(name: str) -> None:
    data = yaml.safe_load((CASSETTES / "bedrock-converse" / f"{name}.yaml").read_text("utf-8"))
    assert data["interactions"][0]["response"]["x-events"]


def test_a_raw_body_of_a_case_is_told_in_lines() -> None:
    body = {"bedrock-converse": 'messageStart {}\nmessageStop {"stopReason":"end_turn"}'}
    played = script(Wire(body=body, headers={"content-type": "text/event-stream"}), load("bedrock-converse"))
    assert played.header("content-type") == "application/vnd.amazon.eventstream"
    assert played.body == told("messageStart {}", 'messageStop {"stopReason":"end_turn"}')


def test_a_failure_shows_the_last_messages() -> None:
    sent = Exchange("POST", "/model/m/converse-stream", "", [], b"{}", connection=1, at=0.0, status=200)
    sent.content_type, sent.sent = "application/vnd.amazon.eventstream", told(*LINES, "messageStop {}")
    shown = lines(Trace(outcome=None, exchanges=[sent]), None, "secret")  # type: ignore[arg-type]
    assert shown[2] == "< … 1 events"
    assert shown[-1] == "< messageStop {}"
