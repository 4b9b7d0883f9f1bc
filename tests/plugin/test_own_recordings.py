"""`conformance import`, from cassettes as vcrpy and pytest-recording leave them, to verdicts on each exchange."""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from pathlib import Path
from typing import Any

import pytest
import yaml

from conformance import cassettes
from conformance.cli import main
from conformance.recordings import read
from conformance.replay.scrub import find_secrets
from conformance.report.model import Report
from tests.plugin.runs import REFERENCE, judge, words

# Put together here, so that no file of ours holds anything that looks like a key.
KEY = "sk-" + "proj-a1B2c3D4e5F6"
OTHER_KEY = "vendor" + "_8f7e6d5c4b3a"  # of a form that no pattern knows

ROUTE = "https://api.vendor.example/v1"
HEADERS = {"Content-Type": ["application/json"], "Date": ["Tue, 04 Mar 2025 23:30:00 GMT"]}
ANSWER = {
    "id": "chatcmpl-1",
    "model": "m",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "The Nile."}, "finish_reason": "stop"}],
}
STREAM = (
    'data: {"choices":[{"index":0,"delta":{"content":"The Ni"},"finish_reason":null}]}\n\n'
    'data: {"choices":[{"index":0,"delta":{"content":"lé."},"finish_reason":"stop"}]}\n\n'
    "data: [DONE]\n\n"
)
CALLED = {
    "choices": [
        {
            "index": 0,
            "message": {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Oslo"}'}}
                ],
            },
            "finish_reason": "tool_calls",
        }
    ]
}


def exchange(body: Any = None, path: str = "/chat/completions", **more: Any) -> dict[str, Any]:
    told = json.dumps(ANSWER) if body is None else body
    sent = {"authorization": [f"Bearer {more.get('key', KEY)}"], "x-custom": ["mine"]}
    return {
        "request": {
            "method": more.get("method", "POST"),
            "uri": more.get("uri", ROUTE + path),
            "headers": sent,
            "body": more.get("asked", '{"model":"m","messages":[]}'),
        },
        "response": {
            "status": {"code": more.get("status", 200), "message": "OK"},
            "headers": {**HEADERS, **more.get("headers", {})},
            "body": told if isinstance(told, dict) else {"string": told},
        },
    }


def write(path: Path, *exchanges: dict[str, Any]) -> Path:
    document = {"interactions": list(exchanges), "version": 1}
    text = json.dumps(document) if path.suffix == ".json" else yaml.dump(document)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def run(*paths: Path, to: Path) -> int:
    return main(["import", *map(str, paths), "--dialect", "openai-chat", "--to", str(to)])


def body(folder: Path, name: str) -> bytes:
    (interaction,) = cassettes.load("openai-chat", name, folder).interactions
    return b"".join(interaction.chunks)


# --- reading -----------------------------------------------------------------------------------

WHOLE = json.dumps(ANSWER).encode()
FORMS: dict[str, dict[str, Any]] = {
    "text": exchange(WHOLE.decode()),
    "bytes": exchange(WHOLE),
    "gzip": exchange(gzip.compress(WHOLE), headers={"Content-Encoding": ["gzip"]}),
    "decoded already": exchange(WHOLE.decode(), headers={"Content-Encoding": "gzip"}),
    "brotli decoded already": exchange(WHOLE.decode(), headers={"content-encoding": ["br"]}),
    "deflate": exchange(zlib.compress(WHOLE), headers={"content-encoding": ["deflate"]}),
    "base64": exchange({"base64_string": base64.b64encode(WHOLE).decode()}),
    "gzip in base64": exchange({"base64_string": base64.b64encode(gzip.compress(WHOLE)).decode()}),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_body(form: str, tmp_path: Path) -> None:
    assert run(write(tmp_path / "one.yaml", FORMS[form]), to=tmp_path / "to") == 0
    assert body(tmp_path / "to", "one") == WHOLE
    (interaction,) = cassettes.load("openai-chat", "one", tmp_path / "to").interactions
    assert "content-encoding" not in dict(interaction.headers)


def test_the_form_of_older_vcrpy_for_httpx(tmp_path: Path) -> None:
    old = exchange()
    old["response"] = {"status_code": 200, "http_version": "HTTP/1.1", "headers": HEADERS, "content": WHOLE.decode()}
    assert run(write(tmp_path / "one.yaml", old), to=tmp_path / "to") == 0
    assert body(tmp_path / "to", "one") == WHOLE


def test_json_and_compressed_files_and_texts_of_python_2(tmp_path: Path) -> None:
    write(tmp_path / "from" / "a.json", exchange())
    packed = write(tmp_path / "from" / "b.yaml", exchange())
    (tmp_path / "from" / "c.yaml.gz").write_bytes(gzip.compress(packed.read_bytes()))
    text = yaml.dump({"interactions": [exchange("@")], "version": 1})
    (tmp_path / "from" / "d.yml").write_text(text.replace("'@'", f"!!python/unicode '{WHOLE.decode()}'"))
    assert run(tmp_path / "from", to=tmp_path / "to") == 0
    assert cassettes.names("openai-chat", tmp_path / "to") == ["a", "b", "c", "d"]
    assert {body(tmp_path / "to", name) for name in "abcd"} == {WHOLE}


def test_what_vcrpy_itself_writes(tmp_path: Path) -> None:
    vcr = pytest.importorskip("vcr", reason="vcrpy is not installed")
    serialize = pytest.importorskip("vcr.serialize")
    request = vcr.request.Request("POST", f"{ROUTE}/chat/completions", b"{}", {"Authorization": f"Bearer {KEY}"})
    response = exchange(WHOLE)["response"]
    for name in ("yaml", "json"):
        serializer = pytest.importorskip(f"vcr.serializers.{name}serializer")
        told = serialize.serialize({"requests": [request], "responses": [response]}, serializer)
        (tmp_path / f"{name}.{name}").write_text(told)
        assert run(tmp_path / f"{name}.{name}", to=tmp_path / "to") == 0
        assert body(tmp_path / "to", name) == WHOLE


@pytest.mark.parametrize(
    ("more", "date"),
    [
        ({}, "2025-03-04"),
        ({"headers": {"Date": []}}, "unknown"),
        ({"headers": {"Date": ["yesterday"]}}, "unknown"),
    ],
)
def test_the_date_is_the_cassettes_own_or_unknown(more: Any, date: str, tmp_path: Path) -> None:
    assert run(write(tmp_path / "test_it[x-Y].yaml", exchange(**more)), to=tmp_path / "to") == 0
    origin = cassettes.load("openai-chat", "test-it-x-y", tmp_path / "to").provenance
    assert (origin.origin, origin.source, origin.date) == (
        "recorded",
        "the user's cassette test_it[x-Y].yaml",
        date,
    )


def test_the_date_of_a_recorder_that_tells_it(tmp_path: Path) -> None:
    told = {**exchange(), "recorded_at": "2024-02-03T04:05:06Z"}
    assert [e.date for e in read(write(tmp_path / "one.json", told))] == ["2024-02-03"]


# --- secrets -----------------------------------------------------------------------------------


def test_no_secret_is_written(tmp_path: Path) -> None:
    quoted = json.dumps({"error": {"message": f"Incorrect API key provided: {KEY}."}})
    uri = f"https://me:password-1@api.vendor.example/v1/chat/completions?api_key={OTHER_KEY}"
    one = exchange(quoted, uri=uri, status=401, headers={"Set-Cookie": ["session=abcdefgh"]})
    assert run(write(tmp_path / "one.yaml", one), to=tmp_path / "to") == 0
    text = (tmp_path / "to/openai-chat/one.yaml").read_text("utf-8")
    assert find_secrets(text) == []
    for secret in (KEY, OTHER_KEY, "password-1", "abcdefgh", "mine"):
        assert secret not in text


def test_a_secret_that_only_its_place_tells_is_taken_out(tmp_path: Path) -> None:
    quoted = json.dumps({"error": {"message": f"Incorrect API key provided: {OTHER_KEY}."}})
    one = exchange(quoted, status=401, key=OTHER_KEY)
    assert run(write(tmp_path / "one.yaml", one, exchange()), to=tmp_path / "to") == 0
    assert b"provided: SCRUBBED." in body(tmp_path / "to", "one-1")
    assert OTHER_KEY not in (tmp_path / "to/openai-chat/one-1.yaml").read_text("utf-8")


def test_a_secret_that_is_hidden_is_not_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    coded = base64.b64encode(f"key={OTHER_KEY}".encode()).decode()
    one = exchange(json.dumps({"error": {"message": f"debug {coded}"}}), status=401, key=OTHER_KEY)
    assert run(write(tmp_path / "one.yaml", one, exchange()), to=tmp_path / "to") == 4
    assert cassettes.names("openai-chat", tmp_path / "to") == ["one-2"]
    said = capsys.readouterr()
    assert (
        "skipped   one.yaml#1: one-1.yaml is not written, it would hold the value of the request's header" in said.out
    )
    assert said.err == "conformance: 1 not written, for a secret would have been left in them\n"
    assert OTHER_KEY not in said.out + said.err
    assert coded not in said.out + said.err


# --- what is skipped, and what is refused ------------------------------------------------------


def test_it_tells_what_it_skipped_and_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "from"
    write(
        folder / "many.yaml",
        exchange(path="/oauth/token"),
        exchange(WHOLE + b"\xff", headers={"content-encoding": ["br"]}),
        exchange("<html>"),
        exchange(status=302),
        {"request": {}},
        exchange(),
    )
    (folder / "notes.yaml").write_text("a: list")
    (folder / "broken.json").write_text("{")
    assert run(folder, to=tmp_path / "to") == 0
    said = capsys.readouterr().out.splitlines()
    assert [line.partition(": ")[2][:60] for line in said if line.startswith("skipped")] == [
        "cannot be read: Expecting property name enclosed in double q",
        "POST /v1/oauth/token is no route of openai-chat",
        "its body is compressed with br, which cannot be read here",
        "Expecting value: line 1 column 1 (char 0)",
        "the status is 302",
        "it is not of the form that vcrpy writes: KeyError('response'",
        "is no recording that is known here: vcrpy's and pytest-recor",
    ]
    assert f"imported  many.yaml#6 -> {tmp_path / 'to/openai-chat/many-6.yaml'}" in said
    assert "1 imported, 7 skipped" in said


def test_nothing_is_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "one.yaml", exchange())
    assert run(tmp_path / "one.yaml", to=tmp_path / "to") == 0
    before = (tmp_path / "to/openai-chat/one.yaml").read_bytes()
    write(tmp_path / "one.yaml", exchange(STREAM, headers={"Content-Type": ["text/event-stream"]}))
    assert run(tmp_path / "one.yaml", to=tmp_path / "to") == 4
    assert (tmp_path / "to/openai-chat/one.yaml").read_bytes() == before
    assert "is there already: remove it, or name another folder" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("gone.yaml", None, "there is no file or folder "),
        ("x.yaml", "a: [", "cannot be read: "),
        ("x.yaml", "!!python/object:os.system {}", "cannot be read: "),
        (
            "x.json",
            "[]",
            "is no recording that is known here: vcrpy's and pytest-recording's have a list of interactions",
        ),
        ("x.json", '{"version": 2, "interactions": []}', "is a cassette of version 2; version 1 is known"),
        ("x.json", '{"version": 1, "interactions": []}', "nothing was imported"),
    ],
)
def test_bad_input(name: str, text: str | None, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    assert run(tmp_path / name, to=tmp_path / "to") == 4
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("conformance: ")
    assert says in line


def test_an_empty_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, to=tmp_path / "to") == 4
    assert "holds no cassettes (.yaml, .yml, .json" in capsys.readouterr().err


# --- verdicts ----------------------------------------------------------------------------------

BROKEN = """
from conformance.reference import OpenAIChat

class Shouts(OpenAIChat):
    def text(self, content):
        return super().text(content).upper()

class Calm(OpenAIChat):
    def kind(self, status, codes, text):
        return "server"
"""


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    sse = {"Content-Type": ["text/event-stream"]}
    floats = {"data": [{"index": 1, "embedding": [0.5, 1.0]}, {"index": 0, "embedding": [0.25, 2]}]}
    refused = {"error": {"message": "slow down", "type": "rate_limit"}}
    odd = {"choices": [{"message": {"content": [{"type": "text", "text": "The Nile."}]}, "finish_reason": "stop"}]}
    write(
        pytester.path / "recorded" / "test_chat.yaml",
        exchange(),
        exchange(STREAM, headers=sse, asked='{"stream": true}'),
        exchange(json.dumps(CALLED)),
        exchange(json.dumps(refused), status=429),
        exchange(json.dumps(floats), path="/embeddings"),
        exchange(json.dumps({"data": [{"id": "m"}, {"id": "n"}]}), path="/models", method="GET", asked=None),
        exchange(json.dumps(odd)),
        exchange(STREAM[: STREAM.index("data: [DONE]")].replace('"stop"', "null"), headers=sse),
    )
    assert run(pytester.path / "recorded", to=pytester.path / "tests" / "cassettes") == 0
    pytester.makepyprojecttoml('[tool.pytest.ini_options]\n[tool.conformance]\ncassettes = "tests/cassettes"\n')
    pytester.makepyfile(broken=BROKEN)
    return pytester


OWN = [f"test-chat-{n}" for n in range(1, 9)]


def by_case(result: pytest.RunResult) -> dict[str, str]:
    return {id.partition("/")[2].partition("/")[2].removesuffix("]"): word for id, word in words(result).items()}


@pytest.mark.parametrize("provider", [REFERENCE, "conformance.reference:OpenAIChatSDK"])
def test_each_exchange_is_a_case(project: pytest.Pytester, provider: str) -> None:
    if provider.endswith("SDK"):
        pytest.importorskip("openai", reason="the openai SDK is not installed")
    result = judge(project, "-k", "OWN-001", "--conformance-report=report.json", provider=provider)
    assert by_case(result) == dict.fromkeys(OWN, "PASSED")
    assert result.ret == 0
    row = Report.model_validate_json((project.path / "report.json").read_text("utf-8")).providers[0]
    (rule,) = [r for r in row.requirements if r.verdict != "not run"]
    assert (rule.id, rule.area, rule.verdict) == ("OWN-001", "own", "pass")


@pytest.mark.parametrize("provider", ["LaiosOpenAI", "CouncilOpenAI"])
def test_other_hosts_are_judged_by_what_they_can_say(project: pytest.Pytester, provider: str) -> None:
    result = judge(project, "-k", "OWN-001", provider=f"conformance.reference:{provider}")
    assert set(by_case(result).values()) == {"PASSED", "UNSUPPORTED"}
    assert by_case(result)["test-chat-1"] == "PASSED"
    assert result.ret == 0


def test_what_reads_them_wrongly_fails(project: pytest.Pytester) -> None:
    result = judge(project, "-k", "OWN-001", provider="broken:Shouts")
    assert [case for case, word in by_case(result).items() if word in ("FAILED", "BLOCKED")] == [
        "test-chat-1",
        "test-chat-2",
        "test-chat-7",
    ]
    result.stdout.fnmatch_lines(["OWN-001: the reply's text is wrong"])
    assert result.ret == 1
    result = judge(project, "-k", "OWN-001", provider="broken:Calm")
    assert by_case(result)["test-chat-4"] == "FAILED"
    result.stdout.fnmatch_lines(["OWN-001: the error is of kind server, not billing or rate_limit"])


def test_nothing_of_it_is_there_where_it_is_not_configured(pytester: pytest.Pytester) -> None:
    result = judge(pytester, "--collect-only", "-q")
    assert "OWN-001" not in result.stdout.str()


def test_those_of_another_protocol_are_not_in_the_way(project: pytest.Pytester) -> None:
    result = judge(project, "-k", "REQ-001 or OWN-001", provider="conformance.reference:Ollama")
    assert "OWN-001" not in result.stdout.str()
    assert result.ret == 0


@pytest.mark.parametrize(
    ("folder", "text", "says"),
    [
        (
            "nowhere",
            "",
            "tool.conformance.cassettes: 'nowhere' holds no cassettes of openai-chat; bring yours there with",
        ),
        ("own", "interactions: []", "cassette openai-chat/x.yaml is broken: KeyError('provenance')"),
        ("own", "provenance: {origin: recorded, source: me, date: unknown}\ninteractions: []", "holds 0 interactions"),
    ],
)
def test_a_bad_folder(pytester: pytest.Pytester, folder: str, text: str, says: str) -> None:
    path = pytester.path / "own" / "openai-chat" / "x.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    pytester.makepyprojecttoml(f'[tool.pytest.ini_options]\n[tool.conformance]\ncassettes = "{folder}"\n')
    result = judge(pytester)
    assert result.ret == 4
    (line,) = [line for line in [*result.outlines, *result.errlines] if line]
    assert says in line
