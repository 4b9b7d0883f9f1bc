"""`conformance record`: a client, the proxy, an upstream that tells every secret back, and what is in the cassettes."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest

from conformance import __version__, cassettes, schemas
from conformance.cli import main
from tests.recordings.echo import (
    ACCOUNT,
    CLIENT,
    COOKIE,
    KEY,
    ODD_KEY,
    ORGANIZATION,
    SECRETS,
    WORKSPACE,
    Play,
    answer,
    send,
    upstream,
)

CHAT: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
SENT = {
    "authorization": f"Bearer {KEY}",
    "x-api-key": ODD_KEY,
    "cookie": f"session={COOKIE}; lang=en",
    "openai-organization": ORGANIZATION,
    "x-acme-workspace": WORKSPACE,
}
Asks = list[tuple[str, Any]]
ONE: Asks = [("/chat/completions", CHAT)]


def record(
    play: Play, out: Path, *options: str, asks: Asks = ONE, headers: Mapping[str, str] = SENT, client: str = CLIENT
) -> int:
    with upstream(play) as url:
        command = [sys.executable, "-c", client, json.dumps(asks), json.dumps(headers)]
        return main(["record", "--upstream", f"{url}/v1", "-o", str(out), *options, "--", *command])


def texts(out: Path) -> str:
    return "\n".join(path.read_text("utf-8") for path in sorted(out.rglob("*.yaml")))


def echo(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    """Every secret in a header, the address of a redirect, and the body: as it is, in JSON, in an event."""
    told = json.dumps({"organization": ORGANIZATION, "account_id": ACCOUNT, "key": f"{KEY} and {ODD_KEY}"})
    said = f"{handler.path} for {WORKSPACE}, session {COOKIE}"
    events = [told, json.dumps({"said": said}), json.dumps({"again": told})]
    send(
        handler,
        "".join(f"data: {event}\n\n" for event in events).encode(),
        Content_Type="text/event-stream",
        Set_Cookie=f"session={COOKIE}; Path=/",
        Openai_Organization=ORGANIZATION,
        X_Account_Id=ACCOUNT,
        X_Echo=f"{KEY} {ODD_KEY} {COOKIE} {WORKSPACE}",
        Location=f"https://me:{COOKIE}@api.example/v1?api_key={ODD_KEY}&org={ORGANIZATION}",
    )


def test_every_secret_that_comes_back_is_taken_out(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = f"/chat/completions?api_key={ODD_KEY}&org_id={ACCOUNT}"
    asks: Asks = [(path, {**CHAT, "user_email": "me@acme.example", "note": f"{KEY} {WORKSPACE}", "stream": True})]
    assert record(echo, tmp_path / "own", asks=asks) == 0
    text = texts(tmp_path / "own")
    assert text
    assert [secret for secret in (*SECRETS, "me@acme.example") if secret in text] == []
    assert "SCRUBBED" in text
    said = capfd.readouterr()
    assert [secret for secret in SECRETS if secret in said.out + said.err] == []
    assert f"-> {tmp_path / 'own/openai-chat/chat-stream.yaml'}" in said.out
    assert "1 recorded, 0 skipped" in said.out
    assert main(["verify", str(tmp_path / "own")]) == 0


HIDING = {
    "base64": lambda: {"debug": base64.b64encode(f"<{ODD_KEY}>".encode()).decode()},
    "hexadecimal": lambda: {"debug": f"x{ODD_KEY.encode().hex()}"},
    "base64 of another's key": lambda: {"debug": base64.b64encode(f"its key: {KEY[:-1]}9".encode()).decode()},
}


@pytest.mark.parametrize("how", HIDING)
def test_what_the_scrubber_does_not_see_is_not_written(
    how: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    def play(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        send(handler, json.dumps(HIDING[how]()).encode())

    assert record(play, tmp_path / "own") == 4
    assert not list((tmp_path / "own").rglob("*.yaml"))
    said = capfd.readouterr()
    assert "chat.yaml is not written, it would hold" in said.out
    assert "in the body of answer 1 (line " in said.out
    last = said.err.splitlines()[-1]
    assert last == "conformance: 1 not written, for a secret would have been left in them"
    assert [secret for secret in (*SECRETS, HIDING[how]()["debug"]) if secret in said.out + said.err] == []


def test_a_key_that_a_stream_spells_out_is_not_written(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    def play(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        pieces = [{"delta": {"text": KEY[n : n + 5]}} for n in range(0, len(KEY), 5)]
        send(handler, "".join(f"data: {json.dumps(p)}\n\n" for p in pieces).encode(), Content_Type="text/event-stream")

    assert record(play, tmp_path / "own") == 4
    assert "spelled out over several events" in capfd.readouterr().out


def test_a_key_of_the_environment_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def play(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        send(handler, json.dumps({"said": ODD_KEY}).encode())

    monkeypatch.setenv("ACME_SECRET", ODD_KEY)
    assert record(play, tmp_path / "own", headers={}) == 4
    assert "the value of the environment variable ACME_SECRET" in capfd.readouterr().out
    assert record(play, tmp_path / "own", "--allow", "vendor_[0-9a-f]+", headers={}) == 0


def test_what_is_written_is_recorded_and_a_case(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    asks: Asks = [("/chat/completions", CHAT), ("/models", None), ("/chat/completions", CHAT), ("/files", None)]
    assert record(answer, tmp_path / "own", asks=asks) == 0
    assert cassettes.names("openai-chat", tmp_path / "own") == ["chat", "chat-2", "models"]
    made = cassettes.load("openai-chat", "chat", tmp_path / "own")
    assert made.provenance.origin == "recorded"
    assert made.provenance.source == f"http://127.0.0.1/v1, by conformance record {__version__}"
    (kept,) = made.interactions
    assert (kept.method, kept.uri) == ("POST", "http://127.0.0.1/v1/chat/completions")
    assert json.loads(b"".join(kept.chunks))["choices"][0]["message"]["content"] == "The Nile."
    assert "skipped   GET /v1/files: it is no route of a protocol that is known here" in capfd.readouterr().out


def test_a_program_is_told_what_came_of_it(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    asks: Asks = [*ONE, ("/oauth/token", {})]
    client = f"print('the client talks')\n{CLIENT}"

    def play(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        send(handler, json.dumps({"choices": [], "key": KEY}).encode())

    assert record(play, tmp_path, "--json", asks=asks, client=client) == 0
    said = capfd.readouterr()
    assert "the client talks" in said.err
    told = json.loads(said.out)
    jsonschema.validate(told, schemas.schemas()["record.json"])
    assert (told["ok"], told["client"], told["recorded"], told["skipped"]) == (True, 0, 1, 1)
    first, other = told["exchanges"]
    assert first["cassette"] == f"{tmp_path.as_posix()}/openai-chat/chat.yaml"
    assert first["judged"] is False  # no answer has no choices
    assert {"request header authorization", "request header cookie", "response body"} <= {*first["scrubbed"]}
    assert not any(secret in said.out for secret in SECRETS)
    assert (other["cassette"], other["secret"], other["scrubbed"]) == (None, False, [])
    assert "no route" in other["reason"]


def test_a_program_is_told_that_nothing_came(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert record(echo, tmp_path, "--json", asks=[]) == 4
    said = capfd.readouterr()
    assert json.loads(said.out) == {"ok": False, "client": 0, "recorded": 0, "skipped": 0, "exchanges": []}
    assert "nothing was recorded" in said.err


def test_names_sources_and_protocols_can_be_given(tmp_path: Path) -> None:
    given = ("--name", "three", "--source", "acme 2.1", "--dialect", "acme")
    assert record(answer, tmp_path, *given, "--env", "OPENAI_BASE_URL", "--env", "ACME_URL") == 0
    assert cassettes.load("acme", "three", tmp_path).provenance.source == "acme 2.1"
    assert record(answer, tmp_path, *given) == 0
    assert cassettes.names("acme", tmp_path) == ["three", "three-2"]


def test_the_exit_code_is_the_commands(tmp_path: Path) -> None:
    assert record(answer, tmp_path, client=f"{CLIENT}\nsys.exit(7)") == 7
    assert cassettes.names("openai-chat", tmp_path) == ["chat"]


def test_without_a_command_it_waits_for_ctrl_c(tmp_path: Path) -> None:
    with upstream(answer) as url:
        command = [sys.executable, "-m", "conformance.cli", "record", "--upstream", f"{url}/v1", "-o", str(tmp_path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            first = process.stdout.readline()
            assert first.startswith("recording at http://127.0.0.1:")
            assert first.rstrip().endswith("/v1")
            assert process.stdout.readline() == f"  OPENAI_BASE_URL={first.split()[-1]}\n"
            process.stdout.readline()
            httpx.post(f"{first.split()[-1]}/chat/completions", json=CHAT)
            os.kill(process.pid, signal.SIGINT)
            try:
                out, err = process.communicate(timeout=20)
            finally:
                process.kill()
    assert (process.returncode, err) == (0, "")
    assert "1 recorded, 0 skipped" in out
    assert cassettes.names("openai-chat", tmp_path) == ["chat"]


NOTHING = [sys.executable, "-c", ""]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (
            ["--upstream", "ftp://x", "-o", "own", "--", *NOTHING],
            "the upstream must be an http or https URL, not 'ftp://x'",
        ),
        (
            ["--upstream", "http://api.acme.com", "-o", "own", "--", *NOTHING],
            "plain http is for servers on this machine",
        ),
        (["--upstream", "http://127.0.0.1:9", "-o", "a-file", "--", *NOTHING], "a-file is a file: name a folder"),
        (["--upstream", "http://127.0.0.1:9", "-o", "own", "--", "no-such-program"], "no-such-program cannot be run: "),
        (["--upstream", "http://127.0.0.1:9", "-o", "own", "--", *NOTHING], "does the client take its base URL from"),
        (["--upstream", "http://127.0.0.1:9", "-o", "own", "--name", "../up"], "'../up' is no name"),
        (["--upstream", "http://127.0.0.1:9", "-o", "own", "--allow", "("], "'(' is no regular expression"),
        (["--upstream", "http://[", "-o", "own", "--", *NOTHING], "Invalid IPv6 URL"),
    ],
)
def test_bad_input(
    arguments: list[str],
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a-file").write_text("")
    assert main(["record", *arguments]) == 4
    last = capsys.readouterr().err.splitlines()[-1]
    assert says in last


def test_a_server_that_is_not_there(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with upstream(answer) as url:
        gone = url
    command = [sys.executable, "-c", CLIENT, json.dumps(ONE), "{}"]
    assert main(["record", "--upstream", gone, "-o", str(tmp_path), "--", *command]) == 4
    said = capfd.readouterr()
    assert "skipped   POST /chat/completions: it was never answered: no connection to the upstream" in said.out
    assert said.err.splitlines()[-1] == "conformance: nothing could be kept of what was recorded"
