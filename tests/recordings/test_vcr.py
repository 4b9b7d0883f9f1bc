"""`conformance.vcr.scrubbed`: what vcrpy writes with it, and what it does not."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from conformance import cassettes
from conformance.cli import main
from conformance.vcr import LeakedSecret, scrubbed
from tests.recordings.echo import ODD_KEY, SECRETS, Play, answer, send, upstream
from tests.recordings.test_record import CHAT, SENT, echo

vcr = pytest.importorskip("vcr", reason="vcrpy is not installed")


def ask(url: str) -> bytes:
    data = json.dumps({**CHAT, "note": ODD_KEY}).encode()
    path = f"{url}/v1/chat/completions?api_key={ODD_KEY}"
    request = urllib.request.Request(path, data, {**SENT, "content-type": "application/json"})
    answered: bytes = urllib.request.urlopen(request, timeout=5).read()
    return answered


def recorded(play: Play, path: Path, **config: Any) -> bytes:
    with upstream(play) as url, vcr.VCR(**scrubbed(**config)).use_cassette(str(path)):
        return ask(url)


def test_no_secret_is_in_its_cassette_and_it_plays(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    first = recorded(echo, path)
    assert ODD_KEY.encode() in first  # the test itself sees what the provider said
    text = path.read_text("utf-8")
    assert [secret for secret in SECRETS if secret in text] == []
    with vcr.VCR(**scrubbed(record_mode="none")).use_cassette(str(path)) as played:
        again = ask("http://127.0.0.1:1")
    assert played.all_played
    assert b"SCRUBBED" in again


def test_what_is_hidden_is_not_recorded(tmp_path: Path) -> None:
    def play(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        send(handler, json.dumps({"debug": base64.b64encode(f"<{ODD_KEY}>".encode()).decode()}).encode())

    with pytest.raises(LeakedSecret, match="it is not recorded, it would hold the value of") as caught:
        recorded(play, tmp_path / "x.yaml")
    assert ODD_KEY not in str(caught.value)
    assert not (tmp_path / "x.yaml").exists()


def test_hooks_of_ones_own_run_first(tmp_path: Path) -> None:
    seen: list[str] = []

    def hook(name: str) -> Callable[[Any], Any]:
        return lambda told: seen.append(name) or told

    hooks = {"before_record_request": [hook("a")], "before_record_response": hook("b")}
    recorded(answer, tmp_path / "x.yaml", **hooks)
    assert {"a", "b"} == {*seen}
    recorded(answer, tmp_path / "y.yaml", before_record_request=lambda _: None)
    assert not (tmp_path / "y.yaml").exists()


def test_its_cassette_can_be_imported(tmp_path: Path) -> None:
    recorded(answer, tmp_path / "test_it.yaml")
    assert main(["import", str(tmp_path / "test_it.yaml"), "--to", str(tmp_path / "own")]) == 0
    assert cassettes.names("openai-chat", tmp_path / "own") == ["test-it"]
    assert main(["verify", str(tmp_path / "own")]) == 0
