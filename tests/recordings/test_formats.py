"""`conformance import` of what pytest-recording, ruby-vcr and browsers leave."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from conformance import cassettes
from conformance.cli import main
from conformance.recordings import read
from tests.recordings.echo import ANSWER, KEY, ODD_KEY, ORGANIZATION

URL = "https://api.vendor.example/v1/chat/completions"
TEXT = json.dumps(ANSWER)
ASKED = '{"model":"m","messages":[]}'

RUBY = f"""---
http_interactions:
- request:
    method: post
    uri: {URL}?api_key={ODD_KEY}
    body:
      encoding: UTF-8
      string: '{ASKED}'
    headers:
      Authorization:
      - Bearer {KEY}
      User-Agent:
      - Faraday v2.9.0
  response:
    status:
      code: 200
      message: OK
    headers:
      Content-Type:
      - application/json
      Openai-Organization:
      - {ORGANIZATION}
      Content-Encoding:
      - gzip
    body:
      encoding: ASCII-8BIT
      string: !binary |-
        {base64.b64encode(gzip.compress(TEXT.encode())).decode()}
  recorded_at: Tue, 04 Mar 2025 23:30:00 GMT
recorded_with: VCR 6.2.0
"""


def ruby(body: Any, **headers: str) -> dict[str, Any]:
    told = {"status": {"code": 200, "message": None}, "headers": headers, "body": body}
    asked = {"method": "post", "uri": URL, "headers": {}, "body": {"encoding": "US-ASCII", "string": ASKED}}
    return {"request": asked, "response": told, "recorded_at": "Tue, 04 Mar 2025 23:30:00 GMT"}


def entry(content: dict[str, Any], status: int = 200, url: str = URL, **more: Any) -> dict[str, Any]:
    headers = [{"name": ":authority", "value": "x"}, {"name": "Authorization", "value": f"Bearer {KEY}"}]
    told = [{"name": "content-type", "value": "application/json"}, {"name": "Set-Cookie", "value": f"s={ODD_KEY}"}]
    return {
        "startedDateTime": "2025-03-04T23:30:00.000+02:00",
        "time": 12,
        "serverIPAddress": "10.0.0.1",
        "request": {
            "method": "POST",
            "url": url,
            "httpVersion": "HTTP/2",
            "headers": headers,
            "cookies": [],
            "queryString": [],
            "postData": {"mimeType": "application/json", "text": ASKED},
            **more,
        },
        "response": {
            "status": status,
            "statusText": "",
            "headers": [*told, *content.pop("headers", [])],
            "cookies": [{"name": "s", "value": ODD_KEY}],
            "content": {"size": len(TEXT), "mimeType": "application/json", **content},
        },
    }


def har(*entries: dict[str, Any]) -> str:
    return json.dumps({"log": {"version": "1.2", "creator": {"name": "Firefox"}, "entries": entries}})


def bring(folder: Path, to: Path, *options: str) -> int:
    return main(["import", str(folder), "--to", str(to), *options])


def body(folder: Path, name: str) -> bytes:
    (interaction,) = cassettes.load("openai-chat", name, folder).interactions
    return b"".join(interaction.chunks)


def test_a_cassette_of_ruby(tmp_path: Path) -> None:
    (tmp_path / "chat_says_hi.yml").write_text(RUBY)
    assert bring(tmp_path / "chat_says_hi.yml", tmp_path / "to") == 0
    made = cassettes.load("openai-chat", "chat-says-hi", tmp_path / "to")
    assert (made.provenance.origin, made.provenance.date) == ("recorded", "2025-03-04")
    assert made.provenance.source == "the user's cassette chat_says_hi.yml"
    (kept,) = made.interactions
    assert (kept.method, kept.uri, kept.request_body) == ("POST", f"{URL}?api_key=SCRUBBED", ASKED.encode())
    assert b"".join(kept.chunks) == TEXT.encode()
    assert kept.headers == (("content-type", "application/json"), ("openai-organization", "SCRUBBED"))


@pytest.mark.parametrize(
    ("told", "headers"),
    [
        ({"encoding": "UTF-8", "string": TEXT}, {}),
        ({"encoding": "UTF-8", "base64_string": base64.b64encode(TEXT.encode()).decode()}, {}),
        (TEXT, {}),
        ({"encoding": "UTF-8", "string": TEXT}, {"Content-Encoding": "br"}),
    ],
)
def test_bodies_of_ruby(told: Any, headers: dict[str, str], tmp_path: Path) -> None:
    document = {"http_interactions": [ruby(told, **headers)], "recorded_with": "VCR 6.2.0"}
    (tmp_path / "as.yml").write_text(yaml.dump(document))
    (tmp_path / "is.json").write_text(json.dumps(document))
    for name in ("as.yml", "is.json"):
        assert bring(tmp_path / name, tmp_path / "to") == 0
        assert body(tmp_path / "to", name.partition(".")[0]) == TEXT.encode()


def test_symbols_and_objects_of_ruby_are_no_code(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(RUBY.replace("method: post", "method: !ruby/symbol post"))
    assert bring(tmp_path / "a.yml", tmp_path / "to") == 0
    (tmp_path / "b.yml").write_text(RUBY.replace("method: post", "method: !ruby/object:Kernel {}"))
    assert bring(tmp_path / "b.yml", tmp_path / "to") == 4


def test_a_har(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    coded = base64.b64encode(TEXT.encode()).decode()
    br = {"name": "content-encoding", "value": "br"}
    (tmp_path / "session.har").write_bytes(
        b"\xef\xbb\xbf"
        + har(
            entry({"text": TEXT}),
            entry({"text": coded, "encoding": "base64"}),
            entry({"text": base64.b64encode(b"\x8b\xff\x00").decode(), "encoding": "base64", "headers": [br]}),
            entry({"text": TEXT, "headers": [br]}),
            entry({}),
            entry({"text": ""}, status=0),
            entry({"text": "x"}, url="https://vendor.example/logo.png"),
            entry({"text": TEXT, "encoding": "rot13"}),
        ).encode()
    )
    assert bring(tmp_path / "session.har", tmp_path / "to") == 0
    assert cassettes.names("openai-chat", tmp_path / "to") == ["session-1", "session-2", "session-4"]
    for name in ("session-1", "session-2", "session-4"):
        assert body(tmp_path / "to", name) == TEXT.encode()
        text = (tmp_path / "to/openai-chat" / f"{name}.yaml").read_text("utf-8")
        assert [secret for secret in (KEY, ODD_KEY, "10.0.0.1") if secret in text] == []
    assert cassettes.load("openai-chat", "session-1", tmp_path / "to").provenance.date == "2025-03-04"
    said = capsys.readouterr().out
    assert [line.partition(": ")[2] for line in said.splitlines() if line.startswith("skipped")] == [
        "its body is compressed with br, which cannot be read here",
        "its body was not saved with it (export the HAR with content)",
        "it was never answered",
        "POST /logo.png is no route of a protocol that is known",
        "its body is written as rot13; base64 is known",
    ]


def test_a_form_in_a_har(tmp_path: Path) -> None:
    data = {"mimeType": "application/x-www-form-urlencoded", "params": [{"name": "a", "value": "b c"}]}
    (tmp_path / "x.har").write_text(har(entry({"text": TEXT}, postData=data)))
    (kept,) = read(tmp_path / "x.har")
    assert kept.interaction is not None
    assert kept.interaction.request_body == b"a=b+c"


def test_what_a_file_is_its_content_tells(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(har(entry({"text": TEXT})))
    (tmp_path / "b.yaml").write_text(har(entry({"text": TEXT})))
    (tmp_path / "c.har").write_text(json.dumps({"http_interactions": [ruby(TEXT)]}))
    (tmp_path / "d.har.gz").write_bytes(gzip.compress(har(entry({"text": TEXT})).encode()))
    assert bring(tmp_path, tmp_path / "to") == 0
    assert cassettes.names("openai-chat", tmp_path / "to") == ["a", "b", "c", "d"]


def test_the_folders_of_pytest_recording_stay(tmp_path: Path) -> None:
    interaction = {
        "request": {"method": "POST", "uri": URL, "headers": {"authorization": [KEY]}, "body": ASKED},
        "response": {"status": {"code": 200, "message": "OK"}, "headers": {}, "body": {"string": TEXT}},
    }
    for module in ("test_sync", "test_async"):
        path = tmp_path / "tests" / "cassettes" / module / "test_chat[gpt-4o].yaml"
        path.parent.mkdir(parents=True)
        path.write_text(yaml.dump({"interactions": [interaction], "version": 1}))
    assert bring(tmp_path / "tests", tmp_path / "to") == 0
    assert cassettes.names("openai-chat", tmp_path / "to") == [
        "test-async/test-chat-gpt-4o",
        "test-sync/test-chat-gpt-4o",
    ]


def test_protocols_that_share_a_route(tmp_path: Path) -> None:
    models = entry({"text": '{"data": [{"id": "m"}]}'}, url="https://api.vendor.example/v1/models", method="GET")
    text = {"type": "output_text", "text": "Hi", "annotations": []}
    message = {"type": "message", "role": "assistant", "status": "completed", "content": [text]}
    answer = {"object": "response", "status": "completed", "model": "m", "output": [message]}
    chat = entry({"text": json.dumps(answer)}, url="https://api.vendor.example/v1/responses")
    (tmp_path / "x.har").write_text(har(models, chat))
    assert bring(tmp_path / "x.har", tmp_path / "to") == 0
    assert cassettes.names("openai-responses", tmp_path / "to") == ["x-1", "x-2"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("x.har", '{"log": {"entries": {}}}'),
        ("x.json", '{"log": []}'),
        ("x.yml", "- !ruby/struct:VCR::HTTPInteraction {}"),
        ("x.yaml", "http_interactions: none"),
        ("x.har", "{"),
        ("x.yaml", "\x00"),
        ("x.json", "[" * 100_000),
    ],
)
def test_what_is_none_of_these(name: str, text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / name).write_text(text)
    assert bring(tmp_path / name, tmp_path / "to") == 4
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"conformance: {tmp_path / name} ")
    assert "is no recording that is known here" in line or "cannot be read: " in line


def test_for_a_program(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.har").write_text(har(entry({"text": TEXT}), entry({})))
    assert bring(tmp_path / "x.har", tmp_path / "to", "--json") == 0
    target = (tmp_path / "to/openai-chat/x-1.yaml").as_posix()
    assert json.loads(capsys.readouterr().out) == [
        {"source": "x.har#1", "target": target, "reason": None, "secret": False},
        {
            "source": "x.har#2",
            "target": None,
            "reason": "its body was not saved with it (export the HAR with content)",
            "secret": False,
        },
    ]
