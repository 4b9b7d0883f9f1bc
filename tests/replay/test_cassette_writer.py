"""What `save` writes can be read by a person, by our loader and by vcrpy, and is the same bytes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance import cassettes
from conformance.cassettes import Interaction, Provenance
from conformance.replay.cassette_writer import Recorded, save
from conformance.replay.scrub import LeakedSecret

PROVENANCE = Provenance(origin="recorded", source="a server", date="2026-11-21")
STREAM = Recorded(
    method="POST",
    uri="http://127.0.0.1/v1/chat/completions",
    request_headers=(("authorization", "Bearer x"),),
    request_body='{"messages":[{"content":"é 日本 🦀"}]}'.encode(),
    status=200,
    headers=(("Content-Type", "text/event-stream"), ("X-Two", "a"), ("x-two", "b")),
    chunks=("data: é 🦀\n\n".encode(), b"data: [DONE]\n\n"),
)
TEXT = """\
provenance:
  origin: recorded
  source: a server
  date: '2026-11-21'
interactions:
- request:
    method: POST
    uri: http://127.0.0.1/v1/chat/completions
    headers:
      authorization: [SCRUBBED]
    body: |-
      {"messages":[{"content":"é 日本 🦀"}]}
  response:
    status:
      code: 200
      message: OK
    headers:
      Content-Type: [text/event-stream]
      X-Two: [a, b]
    body:
      string: |+
        data: é 🦀

        data: [DONE]

    x-chunks: [15, 14]
version: 1
"""


def write(folder: Path, interaction: Interaction, provenance: Provenance = PROVENANCE) -> Path:
    path = folder / "openai-chat" / "one.yaml"
    save(path, [interaction], provenance)
    return path


def test_the_text(tmp_path: Path) -> None:
    assert write(tmp_path, STREAM).read_text("utf-8") == TEXT


def test_our_loader_reads_it(tmp_path: Path) -> None:
    write(tmp_path, STREAM)
    (loaded,) = cassettes.load("openai-chat", "one", tmp_path).interactions
    assert loaded.chunks == STREAM.chunks
    assert loaded.request_body == STREAM.request_body
    assert loaded.headers == tuple((name.lower(), value) for name, value in STREAM.headers)


@settings(database=None, deadline=None)
@given(
    body=st.one_of(st.text().map(str.encode), st.binary(), st.sampled_from([b"", b" ", b"\n", b"\r\n\r\n", b"a \nb"]))
)
def test_any_body_comes_back(tmp_path_factory: pytest.TempPathFactory, body: bytes) -> None:
    folder = tmp_path_factory.mktemp("any")
    write(folder, replace(STREAM, request_body=body, chunks=(body,)))
    (loaded,) = cassettes.load("openai-chat", "one", folder).interactions
    assert loaded.request_body == body
    assert b"".join(loaded.chunks) == body


def test_one_chunk_is_not_worth_a_list(tmp_path: Path) -> None:
    assert "x-chunks" not in write(tmp_path, replace(STREAM, chunks=(b"{}",))).read_text("utf-8")


def test_a_broken_answer_says_so(tmp_path: Path) -> None:
    path = write(tmp_path, replace(STREAM, broken="the upstream closed the connection after 15 bytes of the body"))
    assert "    x-broken: the upstream closed the connection after 15 bytes of the body\n" in path.read_text("utf-8")


def test_a_secret_is_not_written(tmp_path: Path) -> None:
    secret = "sk-" + "a1B2c3D4e5F6"
    with pytest.raises(LeakedSecret) as caught:
        write(tmp_path, STREAM, replace(PROVENANCE, note=f"recorded with {secret}"))
    assert str(caught.value) == "one.yaml is not written, it would hold an sk- key at line 5, column 23"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("unfit", "why"),
    [
        (replace(STREAM, headers=(("Content-Encoding", "gzip"),)), "is compressed"),
        (replace(STREAM, status=0, broken="no connection"), "was never answered: no connection"),
    ],
)
def test_what_cannot_be_kept_is_refused(tmp_path: Path, unfit: Recorded, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        write(tmp_path, unfit)
    assert list(tmp_path.iterdir()) == []
