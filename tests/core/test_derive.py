"""`conformance derive`: what a transform makes of a cassette, as a cassette."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance import cassettes, dialects
from conformance.case import Wire
from conformance.cli import main
from conformance.derive import NotDerivable, derive
from conformance.replay.transforms import TRANSFORMS
from conformance.scene import script

ARGUMENTS = {
    "cut": "@event:2:300",
    "split": ":7",
    "text": '@["é🦀","x"]',
    "arguments": '@["{\\"a\\":","1}"]',
    "instead": '@{"get_weather":"a.b"}',
}
CASSETTES = ("streams/three-rivers", "replies/three-rivers", "streams/tool-call", "replies/tool-call")


def derived(text: str, folder: Path, dialect: str) -> cassettes.Cassette:
    path = folder / dialect / "made.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")
    cassettes.load.cache_clear()
    return cassettes.load(dialect, "made", folder)


@pytest.mark.parametrize("dialect", dialects.names())
def test_every_transform_of_every_dialect_can_be_shown(dialect: str, tmp_path: Path) -> None:
    told = dialects.load(dialect)
    for cassette in CASSETTES:
        for name in TRANSFORMS:
            if told.facts.why_unchanged(name):
                continue
            made = derived(derive(cassette, [name + ARGUMENTS.get(name, "")], told), tmp_path, dialect)
            assert made.provenance.origin == "derived"
            assert made.provenance.source == f"{dialect}/{told.cassette(cassette).name}"
            assert made.provenance.transform == name + ARGUMENTS.get(name, "")


@pytest.mark.parametrize("dialect", dialects.names())
def test_what_is_retold_is_found_in_every_dialect(dialect: str) -> None:
    told = dialects.load(dialect)
    for folder in ("streams", "replies"):
        wire = Wire(cassette=f"{folder}/three-rivers", transform='text@["zwei ","Seen"]')
        body = script(wire, told).body
        assert b"Seen" in body
        assert b"Amaz" not in body
        wire = Wire(cassette=f"{folder}/tool-call", transform='arguments@["{\\"lake\\"",":1}"]')
        body = script(wire, told).body
        assert b"lake" in body
        assert b"Paris" not in body.replace(b"call_paris", b"")
        wire = Wire(cassette=f"{folder}/tool-call", transform='instead@{"get_weather":"weather.get"}')
        body = script(wire, told).body
        assert b"weather.get" in body
        assert b"get_weather" not in body


@pytest.mark.parametrize("dialect", [d for d in dialects.names() if d != "openai-chat"])
def test_what_means_nothing_in_a_dialect_has_its_reason(dialect: str) -> None:
    facts = dialects.load(dialect).facts
    reasons = {name: facts.why_unchanged(name) for name in TRANSFORMS}
    assert [name for name, why in reasons.items() if why and "does not say" in why] == []
    assert {"null-deltas", "finish-twice", "usage-null"} <= {name for name, why in reasons.items() if why}


def test_a_seed_gives_the_same_bytes() -> None:
    told = dialects.load("openai-chat")
    for name in ("split", "mixed", "unknown-fields", "reordered-keys", "corrupt", "spoil"):
        made = [
            derive("streams/three-rivers", [f"{name}:{seed}"], told).split("interactions:")[1] for seed in (3, 3, 4)
        ]
        assert made[0] == made[1] != made[2], name


def test_the_command(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["derive", "streams/three-rivers", "crlf", "split:7"]) == 0
    shown = capsys.readouterr().out
    assert "transform: crlf, split:7\n" in shown
    assert "x-chunks: [" in shown
    target = tmp_path / "made.yaml"
    assert main(["derive", "streams/three-rivers", "crlf", "split:7", "-o", str(target)]) == 0
    assert capsys.readouterr().out == ""
    assert target.read_text("utf-8") == shown


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["streams/three-rivers", "crfl"], "there is no transform 'crfl'; there are arguments, at-once"),
        (["streams/three-rivers", "cut@line:3"], "cut takes byte:N"),
        (["streams/three-rivers", "split:x"], "split takes a number, at:3,17 or every:64, not 'x'"),
        (["streams/three-rivers", "text"], 'it takes a list of texts such as ["a","b"], not \'\''),
        (["streams/none", "crlf"], "there is no cassette openai-chat/streams/none.yaml"),
        (["streams/three-rivers", "crlf", "--dialect", "bedrock-converse"], "its streams are not server-sent events"),
        (
            ["streams/three-rivers", "usage-null", "--dialect", "ollama"],
            "the counts come once",
        ),
        (["streams/three-rivers", "crlf", "-o", "/nowhere/at/all"], "No such file or directory"),
    ],
)
def test_what_cannot_be_shown(arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["derive", *arguments]) == 4
    told = capsys.readouterr()
    assert told.out == ""
    assert complaint in told.err
    assert told.err.count("\n") == 1


def test_not_derivable_is_a_value_error() -> None:
    with pytest.raises(NotDerivable):
        derive("streams/three-rivers", ["crlf@3"], dialects.load("openai-chat"))
