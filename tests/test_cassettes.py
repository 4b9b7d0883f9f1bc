"""The cassettes that we ship, and the loader that reads them."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import httpx
import pytest

from conformance import cassettes
from conformance.cassettes import BrokenCassette, Cassette, Interaction, Origin, Provenance
from conformance.paths import CASSETTES
from conformance.replay.scrub import find_secrets

SHIPPED = [
    (dialect.name, name)
    for dialect in sorted(CASSETTES.iterdir())
    if dialect.is_dir()
    for name in cassettes.names(dialect.name)
]
every_cassette = pytest.mark.parametrize(("dialect", "name"), SHIPPED, ids=["/".join(pair) for pair in SHIPPED])

SMALL = """\
provenance: {origin: recorded, source: a server, date: 2026-11-21}
interactions:
- request: {method: post, uri: http://127.0.0.1/v1/chat/completions, headers: {Accept: ["*/*"]}, body: '{"a":1}'}
  response:
    status: {code: 200, message: OK}
    headers: {Content-Type: [text/event-stream], X-Two: [a, b]}
    body: {string: "data: é\\n\\ndata: 日\\n\\n"}
    x-chunks: [10, 11]
"""


@every_cassette
def test_it_is_fit_to_be_shipped(dialect: str, name: str) -> None:
    cassette = cassettes.load(dialect, name)
    assert cassette.provenance.origin in get_args(Origin)
    assert cassette.provenance.source
    assert cassette.interactions
    assert find_secrets((CASSETTES / dialect / f"{name}.yaml").read_text("utf-8")) == []
    for interaction in cassette.interactions:
        assert dict(interaction.headers).get("content-encoding", "identity") == "identity"
        assert not interaction.chunks[0].startswith(b"\x1f\x8b"), "a gzipped body cannot be reviewed"


@every_cassette
def test_vcrpy_replays_it(dialect: str, name: str) -> None:
    vcr = pytest.importorskip("vcr")
    path = CASSETTES / dialect / f"{name}.yaml"
    with vcr.use_cassette(str(path), record_mode="none", match_on=["method", "path"]) as played:
        for interaction in cassettes.load(dialect, name).interactions:
            answer = httpx.request(interaction.method, interaction.uri, content=interaction.request_body)
            assert answer.status_code == interaction.status
            assert answer.content == b"".join(interaction.chunks)
        assert played.all_played


@pytest.mark.parametrize(("dialect", "name"), [pair for pair in SHIPPED if pair[1].startswith("recorded/")])
def test_a_recording_does_not_tell_where_it_was_made(dialect: str, name: str) -> None:
    for interaction in cassettes.load(dialect, name).interactions:
        assert interaction.uri.startswith("http://127.0.0.1/")
        assert "host" not in dict(interaction.request_headers)


def load(folder: Path, text: str) -> Cassette:
    path = folder / "openai-chat" / "small.yaml"
    path.parent.mkdir()
    path.write_text(text, "utf-8")
    return cassettes.load("openai-chat", "small", folder)


def test_loading(tmp_path: Path) -> None:
    assert load(tmp_path, SMALL) == Cassette(
        name="small",
        provenance=Provenance(origin="recorded", source="a server", date="2026-11-21"),
        interactions=(
            Interaction(
                method="POST",
                uri="http://127.0.0.1/v1/chat/completions",
                request_headers=(("accept", "*/*"),),
                request_body=b'{"a":1}',
                status=200,
                headers=(("content-type", "text/event-stream"), ("x-two", "a"), ("x-two", "b")),
                chunks=("data: é\n\n".encode(), "data: 日\n\n".encode()),
            ),
        ),
    )
    assert cassettes.names("openai-chat", tmp_path) == ["small"]


@pytest.mark.parametrize(
    ("broken", "complaint"),
    [
        (SMALL.replace("[10, 11]", "[10, 10]"), "x-chunks add up to 20, the body has 21 bytes"),
        (SMALL.replace("interactions", "interaction"), "interactions"),
        (SMALL.replace("origin: recorded, ", ""), "origin"),
        (SMALL.replace("code: 200", "code: fine"), "fine"),
        (SMALL.replace("[text/event-stream]", "[text/event-stream"), "expected"),
        ("", "NoneType"),
    ],
    ids=["chunks", "interactions", "provenance", "status", "yaml", "nothing"],
)
def test_a_broken_cassette_is_named_in_one_sentence(tmp_path: Path, broken: str, complaint: str) -> None:
    with pytest.raises(BrokenCassette) as caught:
        load(tmp_path, broken)
    text = str(caught.value)
    assert text.startswith("cassette openai-chat/small.yaml is broken: ")
    assert complaint in text
    assert "\n" not in text


def test_a_missing_cassette_is_named(tmp_path: Path) -> None:
    with pytest.raises(BrokenCassette, match=r"^there is no cassette openai-chat/none\.yaml$"):
        cassettes.load("openai-chat", "none", tmp_path)
