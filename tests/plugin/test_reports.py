"""The files that a run leaves, and what it says in GitHub Actions."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from conformance import __version__
from conformance.report.footer import digest
from conformance.report.model import Report
from conformance.report.reading import read
from tests.plugin.runs import REFERENCE, judge

KEY = re.compile(rb"sk-canary[A-Za-z]{24}")
ALL = ("--conformance-report=out/r.json", "--conformance-html=out/r.html", "--conformance-badge=out/b.svg")
WORKERS = pytest.mark.parametrize(
    "workers", [pytest.param((), id="here"), pytest.param(("-n", "2"), id="workers", marks=pytest.mark.proof)]
)

ACME = '''
import logging
import sys

from conformance.reference import OpenAIChat

SAID = """</code><script>window.pwned = 1</script>
::error::pwned
##[error]pwned \\x00 | `x` """


class Acme(OpenAIChat):
    """Sends a temperature of its own."""

    def options(self, request):
        return {**super().options(request), "temperature": 1}


class Leaky(OpenAIChat):
    """Says its key, and worse, wherever it can."""

    def __repr__(self):
        return f"Leaky({self.api_key})"

    def error(self, status, headers, body):
        made = super().error(status, headers, body)
        made.args = (f"{SAID} {self.api_key}",)
        made.code = f"{SAID} {self.api_key}"
        return made

    def options(self, request):
        print(SAID, self.api_key)
        print(SAID, self.api_key, file=sys.stderr)
        logging.getLogger("acme").error("%s %s", SAID, self.api_key)
        return {**super().options(request), "user": f"{SAID} {self.api_key}"}

    def finished(self, answer):
        raise RuntimeError(f"{SAID} {self.api_key} \\ud800")
'''


@pytest.fixture(autouse=True)
def modules(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    pytester.makepyfile(acme=ACME)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)


@pytest.fixture
def actions(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Path:
    """As in GitHub Actions; the step's summary."""
    summary = pytester.path / "summary.md"
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    return summary


def test_all_files(pytester: pytest.Pytester) -> None:
    result = judge(pytester, "-k", "REQ-001 or REQ-006", *ALL, provider="acme:Acme")
    assert [line for line in result.outlines if line.startswith("report: ")] == [
        "report: out/r.json",
        "report: out/r.html",
        "report: out/b.svg",
    ]
    told = read(Path("out/r.json"))
    (row,) = told.providers
    assert (row.package, row.version, row.source) == ("acme", "", "acme.py:11")
    assert told.footer.sha256 == digest(told.providers)
    assert told.footer.cases["fail"] == told.footer.requirements["fail"] * 3 == 3
    rule = next(rule for rule in row.requirements if rule.id == "REQ-006")
    case = rule.cases[0]
    assert case.rerun == f"pytest --provider=acme:Acme 'conformance/requests::{case.id}'"
    request, body, head, answer = case.timeline
    assert (request.who, request.text, request.at) == (">", "POST /v1/chat/completions", None)
    assert (body.who, body.at) == (">", 0)
    assert head.text.startswith("200 application/json")
    assert (answer.who, answer.at) == ("<", 0)
    page = Path("out/r.html").read_text("utf-8")
    assert "temperature is not sent as asked" in page
    assert case.id in page
    badge = "".join(ElementTree.parse("out/b.svg").getroot().itertext())
    assert re.search(r"not conformant 1/2, \d+ MUST untested", badge)


def test_the_command_of_a_report_runs_that_case(pytester: pytest.Pytester) -> None:
    judge(pytester, "-k", "REQ-006", *ALL, provider="acme:Acme")
    (rule,) = [r for r in read(Path("out/r.json")).providers[0].requirements if r.cases]
    found = re.fullmatch(r"pytest --provider=acme:Acme '(.*)'", rule.cases[1].rerun)
    assert found
    result = judge(pytester, found[1], provider="acme:Acme")
    result.assert_outcomes(failed=1)


def test_a_stream_that_is_cut_is_told_by_its_bytes(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        hasty="""
        from conformance.reference import OpenAIChat

        class Hasty(OpenAIChat):
            def finished(self, answer):
                answer.done = True
                return super().finished(answer)
        """
    )
    judge(pytester, "-k", "STR-007 and plain", *ALL, provider="hasty:Hasty")
    (rule,) = [r for r in read(Path("out/r.json")).providers[0].requirements if r.cases]
    marks = rule.cases[0].timeline
    events = [m for m in marks if m.who == "<" and m.at is not None]
    assert [m.to for m in events[:-1]] == [m.at for m in events[1:]]
    end = marks[-1]
    assert (end.who, end.at) == ("!", events[-1].to)
    assert end.to is not None
    assert end.at is not None
    assert end.to > end.at
    assert f"after {end.at} of {end.to} bytes" in end.text


def test_where_an_installed_adapter_comes_from(pytester: pytest.Pytester) -> None:
    judge(pytester, "-k", "REQ-001", *ALL)
    (row,) = read(Path("out/r.json")).providers
    assert (row.version, row.source) == (__version__, "")


def test_the_same_hash_in_every_run(pytester: pytest.Pytester) -> None:
    def made(*args: str) -> Report:
        judge(pytester, "-k", "REQ-006 or STR-001", *ALL, *args, provider="acme:Acme")
        return read(Path("out/r.json"))

    assert made().footer.sha256 == made("-n", "2").footer.sha256


def test_a_badge_for_each(pytester: pytest.Pytester) -> None:
    judge(pytester, "-k", "REQ-006", f"--provider={REFERENCE}", "--conformance-badge=b.svg", provider="acme:Acme")
    assert sorted(p.name for p in Path().glob("*.svg")) == ["b-Acme.svg", "b-OpenAIChat.svg"]
    assert "incomplete" in Path("b-OpenAIChat.svg").read_text("utf-8")


@pytest.mark.parametrize("option", ["report", "html", "badge"])
def test_a_folder_is_refused_before_anything_runs(pytester: pytest.Pytester, option: str) -> None:
    Path("out").mkdir()
    result = judge(pytester, f"--conformance-{option}=out")
    result.stderr.fnmatch_lines([f"*--conformance-{option}=out is a folder; name a file in it"])
    assert result.ret == 4


# --- GitHub Actions ----------------------------------------------------------------------------


def test_annotations_and_summary(pytester: pytest.Pytester, actions: Path) -> None:
    result = judge(pytester, "-k", "REQ-001 or REQ-006", provider="acme:Acme")
    (line,) = [line for line in result.outlines if line.startswith("::")]
    start = "::error file=acme.py,line=11,title=REQ-006 fail (Acme)::temperature is not sent as asked%0A"
    assert line.startswith(start)
    text = actions.read_text("utf-8")
    assert "| requests | 1 | 1 |" in text
    assert "MUST went untested" in text


def test_nothing_of_that_elsewhere(pytester: pytest.Pytester) -> None:
    result = judge(pytester, "-k", "REQ-006", provider="acme:Acme")
    assert not [line for line in result.outlines if line.startswith("::")]


# --- hostile adapters --------------------------------------------------------------------------


@WORKERS
def test_neither_keys_nor_commands_come_through(
    pytester: pytest.Pytester, actions: Path, workers: tuple[str, ...]
) -> None:
    chosen = "SEC or AUT or ERR-001 or ERR-002 or ERR-017 or STR-001 or REQ-001 or REQ-023"
    result = judge(pytester, "-k", chosen, *ALL, "--junitxml=out/j.xml", "-rA", *workers, provider="acme:Leaky")
    assert result.ret == 1
    told = read(Path("out/r.json"))
    assert any(rule.verdict == "fail" and rule.area == "secrets" for rule in told.providers[0].requirements)
    files = [actions, *Path("out").iterdir()]
    assert len(files) == 5
    for file in files:
        assert not KEY.search(file.read_bytes()), file
    _, _, printed = result.stdout.str().partition("test session starts")  # before that the adapter itself may speak
    assert not KEY.search(printed.encode())
    assert "<the key>" in printed
    commands = [line for line in printed.splitlines() if line.lstrip().startswith("::") or "##[" in line]
    assert [line for line in commands if not re.match(r"::(error|warning|notice) (file=acme\.py|title=)", line)] == []
    page = Path("out/r.html").read_text("utf-8")
    assert page.count("<script>") == 1
    assert "&lt;script&gt;window.pwned" in page
