"""`conformance verify`: what is fit to be committed, what is not and where, and the hook that asks before a commit."""

from __future__ import annotations

import gzip
import json
import re
import shlex
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jsonschema
import pytest
import yaml

from conformance.cli import main
from conformance.paths import CASSETTES, FIXTURES
from tests.recordings.echo import KEY, ODD_KEY

ROOT = Path(__file__).parents[2]
TODAY = datetime.now(UTC).date()
GOOD = f"""\
provenance:
  origin: recorded
  source: acme 2.1
  date: '{TODAY}'
interactions:
- request:
    method: POST
    uri: http://127.0.0.1/v1/chat/completions
    headers:
      authorization: [SCRUBBED]
    body: '{{"model":"m","messages":[]}}'
  response:
    status:
      code: 200
      message: OK
    headers:
      Content-Type: [application/json]
      Date: ['{TODAY:%a, %d %b %Y} 10:00:00 GMT']
    body:
      string: |-
        {{"choices":[{{"index":0,"message":{{"role":"assistant","content":"Hi"}},"finish_reason":"stop"}}]}}
version: 1
"""
DATE = f"date: '{TODAY}'"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where tests/own holds the project's own recordings."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text('[tool.conformance]\ncassettes = "tests/own"\n')
    return tmp_path


def put(text: str = GOOD, name: str = "tests/own/openai-chat/hi.yaml") -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def verify(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[str]]:
    code = main(["verify", *arguments])
    return code, capsys.readouterr().out.splitlines()


def line_of(text: str, part: str) -> int:
    return next(n for n, line in enumerate(text.splitlines(), 1) if part in line)


def test_our_own_are_fit(capsys: pytest.CaptureFixture[str]) -> None:
    code, (last,) = verify(capsys, str(CASSETTES))
    assert (code, re.sub(r"\d+", "n", last)) == (0, "n files, n interactions, nothing to object to")


def test_what_is_fit(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put()
    for arguments in ((), ("tests/own",), ("tests/own/openai-chat/hi.yaml",), ("--max-age", "1d", "--strict")):
        assert verify(capsys, *arguments) == (0, ["1 file, 1 interaction, nothing to object to"])


WRONG = {
    "a key": (GOOD.replace('"Hi"', f'"{KEY}"'), KEY, "secret: what looks like a key in the body of answer 1"),
    "a header": (
        GOOD.replace("[SCRUBBED]", f"[{ODD_KEY}]"),
        ODD_KEY,
        "secret: a credential in header authorization of",
    ),
    "a comment": (f"# {KEY}\n{GOOD}", KEY, "secret: an sk- key"),
    "an address": (GOOD.replace("completions", f"completions?key={ODD_KEY}"), ODD_KEY, "secret: the parameter key in"),
    "no YAML": (GOOD + "a: [1, }", "version: 1", "schema: it is no YAML: "),
    "a key that is not known": (GOOD.replace("message: OK", "text: OK"), "text: OK", "text: there is no such key"),
    "a status": (GOOD.replace("200", "fine"), "fine", "schema: interactions.0.response.status.code: "),
    "chunks": (GOOD.replace("    body:\n", "    x-chunks: [1]\n    body:\n"), "provenance", "x-chunks add up to 1"),
    "no body": (
        GOOD.replace("string: |-", "text: |-"),
        "body:\n",
        "interactions.0.response.body.string: it is missing",
    ),
    "nothing": ("", "", "schema: it is no cassette: it has no interactions"),
    "another's": ("http_interactions: []", "", "schema: it is no cassette of the kit's, `conformance import` reads it"),
    "no interactions": ("provenance: {}\ninteractions: []", "provenance", "provenance.origin: it is missing"),
    "no origin": (
        GOOD.partition("interactions")[1] + GOOD.partition("interactions")[2],
        "interactions",
        "`conformance im",
    ),
    "an origin": (GOOD.replace("recorded", "found"), "found", "provenance: provenance.origin: Input should be"),
    "no source": (GOOD.replace("acme 2.1", "''"), "source", "provenance: provenance.source: "),
    "no date": (GOOD.replace(DATE, "date: lately"), "lately", "provenance: 'lately' is no day"),
    "a future": (GOOD.replace(DATE, "date: 2999-01-01"), "2999", "provenance: 2999-01-01 is in the future"),
    "another day": (GOOD.replace(DATE, "date: 2024-05-06"), "headers:\n      Content", "says recorded 2024-05-06"),
    "unknown": (GOOD.replace(DATE, "date: unknown"), "headers:\n      Content", "it says recorded unknown"),
    "an authored unknown": (
        GOOD.replace(DATE, "date: unknown").replace("recorded", "authored"),
        "unknown",
        "'unknown' is no day",
    ),
    "a transform": (GOOD.replace("source:", "transform: crlf\n  source:"), "transform", "is derived, not recorded"),
    "no transform": (GOOD.replace("recorded", "derived"), "derived", "provenance: derived by which transform?"),
    "broken": (
        GOOD.replace("recorded", "authored").replace("    body:\n", "    x-broken: cut\n    body:\n"),
        "x-broken",
        "x-broken is what a recorder saw",
    ),
    "compressed": (
        GOOD.replace("Content-Type", "Content-Encoding").replace("application/json", "br"),
        "body:\n",
        "compressed",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_and_where(what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text, part, says = WRONG[what]
    path = put(text, str(tmp_path / "it.yaml"))
    code, lines = verify(capsys, str(path))
    assert code == 1
    (told,) = [line for line in lines if says in line]
    line = text.count("\n", 0, text.index(part)) + 1
    assert told.startswith(tuple(f"{path}:{n}: " for n in (line, line + 1)))
    assert KEY not in str(lines)
    assert ODD_KEY not in str(lines)


def test_bytes_that_are_no_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "it.yaml").write_bytes(b"\xff")
    assert verify(capsys, str(tmp_path))[1][0].endswith("it.yaml:1: schema: it is no text in UTF-8")


UNUSED = {
    "no dialect": ("tests/own/hi.yaml", GOOD, 1, "cassettes are read from folders of tests/own named openai-chat, "),
    "another ending": ("tests/own/openai-chat/hi.yml", GOOD, 1, "its name has to end with .yaml"),
    "no route": (
        "tests/own/openai-chat/a/hi.yaml",
        GOOD.replace("chat/completions", "files"),
        line_of(GOOD, "- request"),
        "it cannot be a case: it is of POST http://127.0.0.1/v1/files, no route of openai-chat",
    ),
    "several": (
        "tests/own/openai-chat/hi.yaml",
        GOOD.replace("version: 1", GOOD.partition("interactions:\n")[2]),
        line_of(GOOD, "version: 1"),
        "a cassette is one exchange",
    ),
}


@pytest.mark.parametrize("what", UNUSED)
def test_what_nothing_reads(what: str, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name, text, line, says = UNUSED[what]
    put(text, name)
    code, (told, _) = verify(capsys, name)
    assert code == 1
    assert told.startswith(f"{name}:{line}: unused: ")
    assert says in told
    elsewhere = put(text, "other/hi.yaml")
    assert verify(capsys, str(elsewhere))[0] == 0


def test_cassettes_of_a_protocol_of_ones_own_are_read(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(GOOD.replace("chat/completions", "ask"), "tests/own/acme/hi.yaml")
    assert verify(capsys)[0] == 1
    with (project / "pyproject.toml").open("a") as file:
        file.write('[tool.conformance.dialects.acme]\nfolder = "acme"\n')
    assert verify(capsys)[0] == 0


@pytest.mark.parametrize(("age", "old"), [("365d", 366), ("2w", 15), ("1y", 400)])
def test_what_is_old(age: str, old: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    day = TODAY - timedelta(days=old)
    text = re.sub(r"      Date: .*\n", "", GOOD.replace(DATE, f"date: {day}"))
    path = put(text, str(tmp_path / "it.yaml"))
    assert verify(capsys, str(path))[0] == 0
    code, (told, last) = verify(capsys, str(path), "--max-age", age)
    assert (code, last) == (0, "1 file, 1 interaction, 1 warning")
    assert told.startswith(
        f"{path}:{line_of(text, 'date:')}: warning: age: the recording is {old} days old, more than "
    )
    assert verify(capsys, str(path), "--max-age", age, "--strict")[0] == 1
    assert verify(capsys, str(path), "--max-age", "99y", "--strict")[0] == 0
    path.write_text(text.replace(str(day), "unknown"))
    assert "of unknown age" in verify(capsys, str(path), "--max-age", age)[1][0]
    path.write_text(text.replace("recorded", "authored"))
    assert verify(capsys, str(path), "--max-age", age, "--strict")[0] == 0


def test_for_a_program(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = put(GOOD.replace('"Hi"', f'"{KEY}"'), str(tmp_path / "it.yaml"))
    assert main(["verify", "--json", str(path)]) == 1
    told = json.loads(capsys.readouterr().out)
    jsonschema.validate(told, json.loads((FIXTURES / "schemas/verify.json").read_text("utf-8")))
    assert (told["ok"], told["files"], told["interactions"]) == (False, 1, 1)
    assert [(p["file"], p["rule"], p["level"]) for p in told["problems"]] == [(str(path), "secret", "error")]
    assert main(["verify", "--json", "--allow", re.escape(KEY), str(path)]) == 0
    assert json.loads(capsys.readouterr().out)["problems"] == []


def test_cassettes_of_vcrpy_are_searched_for_secrets(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def put_packed(said: str) -> None:
        response = {"status": {"code": 200}, "headers": {}, "body": {"string": gzip.compress(said.encode())}}
        request = {"method": "GET", "uri": "http://x/", "headers": {}, "body": None}
        put(yaml.dump({"interactions": [{"request": request, "response": response}], "version": 1}), str(path))

    path = tmp_path / "it.yaml"
    put_packed("hi")
    assert verify(capsys, str(path))[0] == 1
    assert verify(capsys, "--only", "secret", str(path))[0] == 0
    put_packed(KEY)
    assert verify(capsys, "--only", "secret", str(path))[0] == 1
    assert verify(capsys, "--only", "age", str(path))[0] == 0


@pytest.mark.parametrize(
    "odd", ["!!int ''", "!!bool x", "!!timestamp x", "!!python/unicode x", "{[1]: 2}", "2024-99-99"]
)
def test_what_cannot_be_read_is_a_problem_in_any_case(
    odd: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = put(f"interactions: [{odd}]", str(tmp_path / "it.yaml"))
    code, (told, _) = verify(capsys, "--only", "secret", str(path))
    assert code == 1
    assert told.startswith(f"{path}:1: schema: it is no YAML: ")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["gone"], "there is no file or folder gone"),
        (["."], "the folder . holds no cassettes (.yaml, .yml)"),
        ([], "name a cassette or a folder, or set [tool.conformance] cassettes in pyproject.toml"),
        (["--max-age", "old"], "'old' is no age, such as 365d, 12w or 2y"),
        (["--allow", "("], "'(' is no regular expression"),
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
    assert main(["verify", *arguments]) == 4
    assert says in capsys.readouterr().err.splitlines()[-1]


def test_the_hook_as_pre_commit_runs_it(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert {"id", "name", "entry", "language", "files", "types"} <= {*hook}
    program, *arguments = shlex.split(hook["entry"])
    assert (hook["language"], program) == ("python", "conformance")  # a script of this package
    good, bad = put(), put(GOOD.replace('"Hi"', f'"{KEY}"'), "tests/own/openai-chat/bad.yaml")
    changed = ["pyproject.toml", "docs/a.yaml", good.as_posix(), bad.as_posix(), "cassettes/x.yml"]
    chosen = [name for name in changed if re.search(hook["files"], name)]
    assert chosen == changed[2:]
    assert main([*arguments, good.as_posix()]) == 0
    assert main([*arguments, good.as_posix(), bad.as_posix()]) == 1
    assert f"{bad.as_posix()}:{line_of(GOOD, 'content')}: secret: " in capsys.readouterr().out
