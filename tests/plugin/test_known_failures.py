"""A failure that is known fails nothing; a file that is not true any more fails the run, and says what to edit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conformance import catalogue, cli
from conformance.report.model import Report
from tests.plugin.runs import REFERENCE, judge, words

ACME = """
from conformance.reference import OpenAIChat


class Broken(OpenAIChat):
    '''Sends a temperature of its own, and loses every wait.'''

    def options(self, request):
        told = super().options(request)
        return {**told, "temperature": 1} if "temperature" in told else told

    def retry_after(self, headers):
        return None


class Codeless(OpenAIChat):
    '''Loses what is only advised.'''

    def error(self, status, headers, body):
        error = super().error(status, headers, body)
        error.code = None
        return error
"""

WORKERS = pytest.mark.parametrize("workers", ["", "-n 2"], ids=["here", "workers"])
BROKEN = "acme:Broken"
FILE = "conformance-known-failures.toml"
TEMPERATURE = "temperature is not sent as asked"
WAIT = "the wait that the provider asked for is lost"
LINK = "https://example.com/issues/7"
WHY = "the service knows one temperature"
CASES = ["temperature", "temperature-zero", "temperature-zero-in-a-stream"]


@pytest.fixture(autouse=True)
def adapter(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    pytester.makepyfile(acme=ACME)
    monkeypatch.syspath_prepend(pytester.path)  # for the commands, which run in this process


def entry(requirement: str = "REQ-006", fingerprint: str = TEMPERATURE, **more: Any) -> str:
    fields = {"requirement": requirement, "reason": WHY, "link": LINK, "fingerprint": [fingerprint], **more}
    rows = [f"{k} = {v if k == 'expires' else json.dumps(v)}" for k, v in fields.items() if v is not None]
    return "\n".join(["[[failure]]", *rows]) + "\n\n"


def known(*entries: str, name: str = FILE) -> None:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text("".join(entries), encoding="utf-8")


def selected(pytester: pytest.Pytester, which: str, *args: str, provider: str = BROKEN) -> pytest.RunResult:
    return judge(pytester, "-k", which, *args, provider=provider)


def complaints(result: pytest.RunResult) -> list[str]:
    """The lines that say what to edit, without the name of the file."""
    return [line.removeprefix(f"{FILE}:") for line in result.outlines if line.startswith(f"{FILE}:")]


# --- what is known -----------------------------------------------------------------------------


@WORKERS
def test_what_is_known_fails_nothing(pytester: pytest.Pytester, workers: str) -> None:
    known(entry())
    result = selected(pytester, "REQ-006 or REQ-001", *workers.split())
    assert sorted(words(result).values()) == ["KNOWN"] * 3 + ["PASSED"]
    assert f"KNOWN       REQ-006 {TEMPERATURE} (3 of 3 cases): {WHY} ({LINK})" in result.outlines
    assert f"  known        1 failures, says {FILE}" in result.outlines
    assert complaints(result) == []
    assert result.ret == 0


def test_without_the_file_it_fails(pytester: pytest.Pytester) -> None:
    assert selected(pytester, "REQ-006").ret == 1


def test_a_case_that_is_not_named_is_not_known(pytester: pytest.Pytester) -> None:
    known(entry(cases=CASES[:1]))
    result = selected(pytester, "REQ-006")
    assert sorted(words(result).values()) == ["FAILED", "FAILED", "KNOWN"]
    assert result.ret == 1


@pytest.mark.parametrize("way", ["option", "configuration"])
def test_the_file_may_be_named(pytester: pytest.Pytester, way: str) -> None:
    known(entry(), name="tests/known.toml")
    if way == "configuration":
        pytester.makepyprojecttoml('[tool.conformance]\nknown_failures = "tests/known.toml"')
    option = ["--conformance-known-failures=tests/known.toml"] if way == "option" else []
    assert selected(pytester, "REQ-006", *option).ret == 0


def test_an_entry_is_of_its_provider(pytester: pytest.Pytester) -> None:
    known(entry(provider="Broken"), entry("REQ-005", provider="Else"))
    result = selected(pytester, "REQ-006", f"--provider={REFERENCE}")
    assert sorted(words(result).values()) == ["KNOWN"] * 3 + ["PASSED"] * 3
    assert (complaints(result), result.ret) == ([], 0)


@WORKERS
def test_what_is_blocked_by_it_alone_fails_nothing(pytester: pytest.Pytester, workers: str) -> None:
    known(entry("RAT-001", WAIT, cases=["seconds", "zero"]), entry("RAT-002", WAIT))
    result = selected(pytester, "RAT-003", *workers.split())
    assert set(words(result).values()) == {"BLOCKED"}
    assert result.ret == 0
    known(entry("RAT-002", WAIT))
    assert selected(pytester, "RAT-003", *workers.split()).ret == 1


def test_it_is_never_plainly_conformant(pytester: pytest.Pytester) -> None:
    known(entry(), entry("RAT-001", WAIT, cases=["seconds", "zero"]), entry("RAT-002", WAIT))
    result = judge(pytester, "--conformance-report=report.json", "-n", "2", provider=BROKEN)
    report = Report.model_validate_json(Path("report.json").read_text("utf-8"))
    (row,) = report.providers
    met, behind = row.counts["pass"] + row.counts.get("advice", 0), row.counts["blocked"]
    judged = met + behind + 3
    told = f"Broken: conformant but for 3 known failures: {met} of {judged} requirements met, {behind} blocked behind"
    assert [line for line in result.outlines if line.startswith(told)], result.outlines[-8:]
    assert (row.conformant, row.but_for, row.complete) == (False, ["RAT-001", "RAT-002", "REQ-006"], True)
    assert row.counts["known failure"] == 3
    assert report.set == "2026.1"
    assert report.known_failures is not None
    assert (report.known_failures.file, report.known_failures.entries) == (FILE, 3)
    (rule,) = (r for r in row.requirements if r.id == "REQ-006")
    assert [(c.verdict, c.known, c.violations[0].headline) for c in rule.cases] == [
        ("known failure", f"{WHY} ({LINK})", TEMPERATURE)
    ] * 3
    assert (report.known_failures.problems, report.exit_code, result.ret) == ([], 0, 0)


def test_what_is_advised_may_be_known_too(pytester: pytest.Pytester) -> None:
    known(entry("ERR-017", "the error does not carry the code"))
    result = selected(pytester, "ERR-017", "--conformance-strict", provider="acme:Codeless")
    assert (set(words(result).values()), result.ret) == ({"KNOWN"}, 0)


# --- a file that is not true any more ----------------------------------------------------------


@WORKERS
def test_what_passes_is_to_be_removed(pytester: pytest.Pytester, workers: str) -> None:
    known(entry())
    result = selected(pytester, "REQ-006", *workers.split(), provider=REFERENCE)
    assert set(words(result).values()) == {"PASSED"}
    assert complaints(result) == ["1: REQ-006 passes now: remove the entry"]
    assert result.ret == 1
    assert selected(pytester, "temperature-zero", *workers.split(), provider=REFERENCE).ret == 0  # some of its cases


def test_a_case_that_passes_is_to_be_removed(pytester: pytest.Pytester) -> None:
    known("# ours\n", entry("RAT-001", WAIT, cases=["seconds", "zero", "not-told"]))
    result = selected(pytester, "RAT-001")
    assert complaints(result) == ["2: RAT-001/not-told passes now: remove it from cases"]
    assert result.ret == 1


@WORKERS
def test_another_failure_is_not_known(pytester: pytest.Pytester, workers: str) -> None:
    known(entry(fingerprint="temperature is sent twice"))
    result = selected(pytester, "REQ-006", *workers.split())
    assert "KNOWN" not in words(result).values()
    why = "fails in another way than is known: if that is known too, add it to fingerprint"
    assert complaints(result) == [f'1: REQ-006 {why}: "{TEMPERATURE}"']
    told = f"  known     {FILE}:1: known is another failure, not '{TEMPERATURE}'"
    assert result.ret == 1
    assert told in result.outlines


@pytest.mark.parametrize(("day", "code"), [("2020-01-31", 1), ("9999-01-01", 0)])
def test_an_entry_expires(pytester: pytest.Pytester, day: str, code: int) -> None:
    known(entry(expires=day))
    result = selected(pytester, "REQ-006")
    assert complaints(result) == ([f"1: REQ-006 expired on {day}: mend it, or set expires anew"] if code else [])
    assert result.ret == code


@pytest.mark.parametrize(
    ("stale", "said"),
    [
        (entry("REQ-999"), "there is no requirement REQ-999: mend the id, or remove the entry"),
        (entry("GEM-001"), "GEM-001 is not asked of Broken: remove the entry"),
        (entry(cases=[*CASES, "cold"]), "REQ-006 has no case cold: mend its name, or remove it from cases"),
    ],
    ids=["requirement", "dialect", "case"],
)
def test_a_stale_entry_fails_the_run(pytester: pytest.Pytester, stale: str, said: str) -> None:
    known(stale)
    result = selected(pytester, "REQ-001")
    assert (complaints(result), result.ret) == ([f"1: {said}"], 1)


def test_an_entry_of_what_is_not_judged_fails_the_run(pytester: pytest.Pytester) -> None:
    first = entry("RAT-001", WAIT, cases=["seconds", "zero"])
    known(first, entry("RAT-002", WAIT), entry("RAT-003", WAIT), entry("HLT-002", "wrong", cases=["nothing"]))
    pytester.makepyprojecttoml(
        f'[tool.conformance.providers.mine]\nprovider = "{BROKEN}"\nunsupported = {{ tools = "the API has none" }}'
    )
    known(first, entry("RAT-002", WAIT), entry("RAT-003", WAIT), entry("TOL-001", "wrong"))
    result = selected(pytester, "RAT-001 or RAT-002 or RAT-003 or TOL-001", provider="mine")
    behind, unable = complaints(result)
    assert behind.partition(": ")[2] == "RAT-003 is blocked (blocked by RAT-001): remove the entry"
    assert unable.partition(": ")[2] == "TOL-001 is unsupported (configured as unsupported): remove the entry"
    assert result.ret == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (entry(reason="TODO"), f"{FILE}:1: fill in the reason of REQ-006"),
        (entry(reason=" "), f"{FILE}:1: fill in the reason of REQ-006"),
        (entry(reason=None), f"{FILE}:1: reason: it is missing"),
        (entry(link="TODO"), f"{FILE}:1: fill in the link of REQ-006"),
        (entry(link="issue 7"), f"{FILE}:1: the link of REQ-006 must be one, such as https://…"),
        (entry(fingerprint=None), f"{FILE}:1: REQ-006 has no fingerprint: `conformance known-failures update` writes"),  # type: ignore[arg-type]
        (entry(because="?"), f"{FILE}:1: because: there is no such key"),
        (entry(expires='"soon"'), f"{FILE}:1: expires: "),
        (entry() + entry(cases=CASES[:1], provider="Broken"), f"{FILE}:7: REQ-006 is an entry already, at {FILE}:1"),
        ("failures = 1\n", f"{FILE}: failures: there is no such key; each entry is a table [[failure]]"),
        ("failure = [{}]\n", f"{FILE}: write each entry as a table [[failure]]"),
        ("[[failure]\n", f"{FILE} cannot be read: "),
    ],
)
def test_a_file_that_cannot_be_used(pytester: pytest.Pytester, text: str, said: str) -> None:
    known(text)
    result = selected(pytester, "REQ-001")
    result.stderr.fnmatch_lines([f"ERROR: {said.replace('[', '[[]')}*"])
    assert result.ret == 4


def test_a_file_that_is_not_there(pytester: pytest.Pytester) -> None:
    result = selected(pytester, "REQ-001", "--conformance-known-failures=none.toml")
    result.stderr.fnmatch_lines(["ERROR: none.toml cannot be read: No such file or directory"])
    assert result.ret == 4


# --- conformance known-failures update ---------------------------------------------------------

HAND_MADE = f"""# What we know of.

# The service's own limit.
[[failure]]   # of acme
requirement = "REQ-006"
reason = "{WHY}"
link = "{LINK}"     # open since May
fingerprint = ["{TEMPERATURE}"]

# It is mended.
[[failure]]
requirement = "REQ-001"
reason = "gone"
link = "{LINK}"
fingerprint = ["gone"]

# --- waits ---

[[failure]]
requirement = "RAT-001"
cases = [
  "seconds",  # by the clock
  "not-told",
]
reason = "no header"
link = "{LINK}"
fingerprint = ["{WAIT}"]
"""


def update(*args: str, provider: str = BROKEN) -> int:
    return cli.main(["known-failures", "update", *args, f"--provider={provider}"])


def test_it_writes_what_fails_and_a_person_fills_in_why(
    pytester: pytest.Pytester, capsys: pytest.CaptureFixture[str]
) -> None:
    assert update("REQ-001", "REQ-006", "RAT-001", "RAT-003") == 0
    out = capsys.readouterr().out.splitlines()
    assert sorted(out[:-1]) == [f"added: RAT-001: {WAIT}", f"added: REQ-006: {TEMPERATURE}"]
    assert out[-1] == f"{FILE}: written"
    text = Path(FILE).read_text("utf-8")
    assert 'requirement = "RAT-001"\ncases = ["seconds", "zero"]\nreason = "TODO"\nlink = "TODO"\n' in text
    assert selected(pytester, "REQ-006").ret == 4
    Path(FILE).write_text(text.replace('"TODO"', f'"{LINK}"'), encoding="utf-8")
    assert selected(pytester, "REQ-006 or RAT-001 or RAT-003").ret == 0
    assert update("REQ-001", "REQ-006", "RAT-001", "RAT-003") == 0
    assert capsys.readouterr().out.splitlines() == [f"{FILE}: nothing to change"]


def test_reason_and_link_may_be_given(pytester: pytest.Pytester) -> None:
    assert update("REQ-006", "--reason", WHY, "--link", LINK, "--file", "tests.toml") == 0
    result = selected(pytester, "REQ-006", "--conformance-known-failures=tests.toml")
    assert result.ret == 0


def test_it_keeps_comments_and_order(pytester: pytest.Pytester, capsys: pytest.CaptureFixture[str]) -> None:
    known(HAND_MADE)
    assert update("REQ-001", "REQ-006", "RAT-001") == 0
    gone = HAND_MADE[HAND_MADE.index("# It is mended") : HAND_MADE.index("# --- waits")]
    expected = HAND_MADE.replace(gone, "")
    text = Path(FILE).read_text("utf-8")
    assert text.startswith(expected[: expected.index("cases = [")])
    assert '"seconds"' in text
    assert '"zero"' in text
    assert "not-told" not in text
    assert capsys.readouterr().out.splitlines() == [
        "removed: REQ-001 fails no more",
        "updated: RAT-001",
        f"{FILE}: written",
    ]


def test_it_says_where_a_reason_may_not_hold(pytester: pytest.Pytester, capsys: pytest.CaptureFixture[str]) -> None:
    known(entry(fingerprint="sent twice"))
    assert update("REQ-006") == 0
    assert capsys.readouterr().out.startswith("changed: REQ-006: see whether its reason still holds\n")
    assert Path(FILE).read_text("utf-8") == entry()


def test_what_is_only_advised_is_added_where_that_is_wanted(pytester: pytest.Pytester) -> None:
    assert update("ERR-017", provider="acme:Codeless") == 0
    assert "ERR-017" not in Path(FILE).read_text("utf-8")
    assert update("ERR-017", "--strict", provider="acme:Codeless") == 0
    assert "ERR-017" in Path(FILE).read_text("utf-8")


@pytest.mark.parametrize(
    ("args", "provider", "said"),
    [
        (["REQ-999"], BROKEN, "there is no requirement REQ-999 for it; `conformance list` shows all"),
        ([], "acme:Nobody", "acme"),
        (["--set=1999.1"], BROKEN, "there is no requirement set '1999.1'; there are 2026.1, next"),
    ],
)
def test_what_it_cannot_do(args: list[str], provider: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert update(*args, provider=provider) == 4
    assert said in capsys.readouterr().err
    assert not Path(FILE).exists()


# --- requirement sets --------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["option", "configuration"])
def test_a_set_that_is_not_there(pytester: pytest.Pytester, way: str) -> None:
    if way == "configuration":
        pytester.makepyprojecttoml('[tool.conformance]\nset = "1999.1"')
    result = selected(pytester, "REQ-001", *(["--conformance-set=1999.1"] if way == "option" else []))
    result.stderr.fnmatch_lines(["ERROR: there is no requirement set '1999.1'; there are 2026.1, next"])
    assert result.ret == 4


def test_the_header_names_the_set(pytester: pytest.Pytester) -> None:
    assert "  set          2026.1" in selected(pytester, "REQ-001").outlines
    assert "  set          next" in selected(pytester, "REQ-001", "--conformance-set=next").outlines


OLD = """
import conformance.sets as sets
from conformance import catalogue

full = sets.load
levels = {rule.id: rule.level for rule in catalogue.load().requirements.values()} | {"RAT-001": "SHOULD"}
del levels["REQ-006"]
sets.load = lambda name: full(name) if name == "next" else sets.RequirementSet(set=name, requirements=levels)
"""


@WORKERS
def test_what_is_not_in_the_set_is_a_finding(pytester: pytest.Pytester, workers: str) -> None:
    pytester.makepyfile(acme=ACME + OLD)
    report = "--conformance-report=report.json"
    result = selected(pytester, "REQ-006 or RAT-001", report, "--conformance-strict", *workers.split())
    assert sorted(words(result).values()) == ["ADVICE"] * 3 + ["FAILED"] * 2 + ["PASSED"]
    result = selected(pytester, "REQ-006 or RAT-001", report, *workers.split())
    assert sorted(words(result).values()) == ["ADVICE"] * 5 + ["PASSED"]
    assert result.ret == 0
    (row,) = json.loads(Path("report.json").read_text("utf-8"))["providers"]
    rules = {r["id"]: (r["level"], r["finding"], r["verdict"]) for r in row["requirements"]}
    assert rules["REQ-006"] == ("MUST", True, "advice")
    assert rules["RAT-001"] == ("SHOULD", False, "advice")
    assert selected(pytester, "REQ-006", "--conformance-set=next", *workers.split()).ret == 1


def test_an_upgrade_is_tried_before_it_is_made(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cli.main(["upgrade", "--to=next", f"--provider={BROKEN}"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "from 2026.1 to next: no requirements change",
        "Broken: nothing would fail that does not fail now",
    ]
    full = cli.upgrade.sets.load
    levels = {rule.id: rule.level for rule in catalogue.load().requirements.values()}
    told = {
        id: "SHOULD" if id == "RAT-001" else level for id, level in levels.items() if id not in ("REQ-006", "REQ-001")
    }
    old = cli.upgrade.sets.RequirementSet.model_validate({"set": "2026.1", "requirements": told})
    monkeypatch.setattr(cli.upgrade.sets, "load", lambda name: full(name) if name == "next" else old)
    assert cli.main(["upgrade", "--to=next", f"--provider={BROKEN}"]) == 1
    assert sorted(capsys.readouterr().out.splitlines()) == sorted(
        [
            "from 2026.1 to next: 3 requirements change",
            "  Broken REQ-001 finding -> MUST: met",
            f"  Broken REQ-006 finding -> MUST: would fail: {TEMPERATURE}",
            f"  Broken RAT-001 SHOULD -> MUST: would fail: {WAIT}",
            "Broken: 2 would fail the run",
        ]
    )
    assert cli.main(["upgrade", "--to=1999.1", f"--provider={BROKEN}"]) in (0, 1)
