"""A failure that is known fails nothing; a file that is not true any more fails the run, and says what to edit."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from conformance.report.model import Report
from tests.plugin.runs import REFERENCE, judge, words

ACME = """
from conformance.reference import OpenAIChat


class Broken(OpenAIChat):
    '''Sends a temperature of its own, and loses every wait.'''

    def options(self, request):
        told = super().options(request)
        return {**told, "temperature": 1} if told.get("temperature") is not None else told

    def retry_after(self, headers):
        return None


class Codeless(OpenAIChat):
    '''Loses what is only advised.'''

    def error(self, status, headers, body):
        error = super().error(status, headers, body)
        error.code = None
        return error
"""

WORKERS = pytest.mark.parametrize(
    "workers", [pytest.param("", id="here"), pytest.param("-n 2", id="workers", marks=pytest.mark.proof)]
)
BROKEN = "acme:Broken"
FILE = "conformance-known-failures.toml"
TEMPERATURE = "temperature is not sent as asked"
WAIT = "the wait that the provider asked for is lost"
LINK = "https://example.com/issues/7"
WHY = "the service knows one temperature"
CASES = ["temperature", "temperature-zero", "temperature-zero-in-a-stream"]


@pytest.fixture(autouse=True)
def adapter(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(acme=ACME)


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


@pytest.mark.proof
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


def test_another_failure_is_not_known(pytester: pytest.Pytester) -> None:
    known(entry(fingerprint="temperature is sent twice"))
    result = selected(pytester, "REQ-006")
    assert "KNOWN" not in words(result).values()
    why = "fails in another way than is known: if that is known too, add it to fingerprint"
    assert complaints(result) == [f'1: REQ-006 {why}: "{TEMPERATURE}"']
    told = f"  known     {FILE}:1: known is another failure, not '{TEMPERATURE}'"
    assert result.ret == 1
    assert told in result.outlines


def test_an_entry_expires_and_another_is_stale(pytester: pytest.Pytester) -> None:
    known(entry(expires="2020-01-31"), entry("REQ-999", expires="9999-01-01"))
    result = selected(pytester, "REQ-006")
    assert complaints(result) == [
        "1: REQ-006 expired on 2020-01-31: mend it, or set expires anew",
        "8: there is no requirement REQ-999: mend the id, or remove the entry",
    ]
    assert result.ret == 1


def test_an_entry_of_what_is_not_judged_fails_the_run(pytester: pytest.Pytester) -> None:
    first = entry("RAT-001", WAIT, cases=["seconds", "zero"])
    pytester.makepyprojecttoml(
        f'[tool.conformance.providers.mine]\nprovider = "{BROKEN}"\nunsupported = {{ tools = "the API has none" }}'
    )
    known(first, entry("RAT-002", WAIT), entry("RAT-003", WAIT), entry("TOL-001", "wrong"))
    result = selected(pytester, "RAT-001 or RAT-002 or RAT-003 or TOL-001", provider="mine")
    behind, unable = complaints(result)
    assert behind.partition(": ")[2] == "RAT-003 is blocked (blocked by RAT-001): remove the entry"
    assert unable.partition(": ")[2] == "TOL-001 is unsupported (configured as unsupported): remove the entry"
    assert result.ret == 1


def test_a_file_that_is_not_filled_in_cannot_be_used(pytester: pytest.Pytester) -> None:
    known(entry(reason="TODO"))
    result = selected(pytester, "REQ-001")
    result.stderr.fnmatch_lines([f"ERROR: {FILE}:1: fill in the reason of REQ-006"])
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


def command(pytester: pytest.Pytester, *args: str) -> pytest.RunResult:
    return pytester.run(sys.executable, "-m", "conformance.cli", *args)


def update(pytester: pytest.Pytester, *args: str, provider: str = BROKEN) -> list[str]:
    """What it prints."""
    result = command(pytester, "known-failures", "update", *args, f"--provider={provider}")
    assert result.ret == 0, result.errlines
    return result.outlines


def test_it_writes_what_fails_and_a_person_fills_in_why(pytester: pytest.Pytester) -> None:
    some = ["REQ-001", "REQ-006", "RAT-001", "RAT-003", "ERR-017"]
    *added, last = update(pytester, *some)
    assert sorted(added) == [f"added: RAT-001: {WAIT}", f"added: REQ-006: {TEMPERATURE}"]
    assert last == f"{FILE}: written"
    text = Path(FILE).read_text("utf-8")
    assert 'requirement = "RAT-001"\ncases = ["seconds", "zero"]\nreason = "TODO"\nlink = "TODO"\n' in text
    assert selected(pytester, "REQ-006").ret == 4
    Path(FILE).write_text(text.replace('"TODO"', f'"{LINK}"'), encoding="utf-8")
    assert selected(pytester, "REQ-006 or RAT-001 or RAT-003").ret == 0
    assert update(pytester, *some) == [f"{FILE}: nothing to change"]


def test_it_keeps_comments_and_order(pytester: pytest.Pytester) -> None:
    known(HAND_MADE)
    assert update(pytester, "REQ-001", "REQ-006", "RAT-001", "--reason", "x", "--link", LINK) == [
        "removed: REQ-001 fails no more",
        "updated: RAT-001",
        f"{FILE}: written",
    ]
    gone = HAND_MADE[HAND_MADE.index("# It is mended") : HAND_MADE.index("# --- waits")]
    text, expected = Path(FILE).read_text("utf-8"), HAND_MADE.replace(gone, "")
    assert text.partition("cases = ")[0] == expected.partition("cases = ")[0]
    assert text.partition('reason = "no header"')[2] == expected.partition('reason = "no header"')[2]
    assert json.loads(text.partition("cases = ")[2].partition("\n")[0]) == ["seconds", "zero"]


def test_it_says_where_a_reason_may_not_hold(pytester: pytest.Pytester) -> None:
    known(entry(fingerprint="sent twice"))
    assert update(pytester, "REQ-006")[0] == "changed: REQ-006: see whether its reason still holds"
    assert Path(FILE).read_text("utf-8") == entry()


def test_what_is_only_advised_is_added_where_that_is_wanted(pytester: pytest.Pytester) -> None:
    assert update(pytester, "ERR-017", provider="acme:Codeless") == [f"{FILE}: nothing to change"]
    assert update(pytester, "ERR-017", "--strict", provider="acme:Codeless")[0].startswith("added: ERR-017: ")


@pytest.mark.parametrize(
    ("args", "provider", "said"),
    [
        (["REQ-999"], BROKEN, "there is no requirement REQ-999 for it; `conformance list` shows all"),
        ([], "acme:Nobody", "acme"),
        (["--set=1999.1"], BROKEN, "there is no requirement set '1999.1'; there are 2026.1, next"),
    ],
)
def test_what_it_cannot_do(pytester: pytest.Pytester, args: list[str], provider: str, said: str) -> None:
    result = command(pytester, "known-failures", "update", *args, f"--provider={provider}")
    assert (result.ret, said in result.stderr.str(), Path(FILE).exists()) == (4, True, False)


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
del levels["REQ-001"], levels["REQ-006"]
sets.load = lambda name: full(name) if name != "2026.1" else sets.RequirementSet(set=name, requirements=levels)
"""


def test_what_is_not_in_the_set_is_a_finding(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(old=OLD)
    args = ["-pold", "--conformance-report=report.json"]
    result = selected(pytester, "REQ-006 or RAT-001", *args, "--conformance-strict")
    assert sorted(words(result).values()) == ["ADVICE"] * 3 + ["FAILED"] * 2 + ["PASSED"]
    result = selected(pytester, "REQ-006 or RAT-001", *args, "-n", "2")
    assert sorted(words(result).values()) == ["ADVICE"] * 5 + ["PASSED"]
    assert result.ret == 0
    (row,) = json.loads(Path("report.json").read_text("utf-8"))["providers"]
    rules = {r["id"]: (r["level"], r["finding"], r["verdict"]) for r in row["requirements"]}
    assert rules["REQ-006"] == ("MUST", True, "advice")
    assert rules["RAT-001"] == ("SHOULD", False, "advice")
    assert selected(pytester, "REQ-006", "--conformance-set=next", *args).ret == 1


def test_an_upgrade_is_tried_before_it_is_made(pytester: pytest.Pytester) -> None:
    result = command(pytester, "upgrade", "--to=next", f"--provider={BROKEN}")
    assert (result.outlines, result.ret) == (
        ["from 2026.1 to next: no requirements change", "Broken: nothing would fail that does not fail now"],
        0,
    )
    pytester.makepyfile(older=f"{OLD}\nimport sys\nfrom conformance.cli import main\nsys.exit(main(sys.argv[1:]))\n")
    result = pytester.run(sys.executable, "older.py", "upgrade", "--to=next", f"--provider={BROKEN}")
    assert sorted(result.outlines) == sorted(
        [
            "from 2026.1 to next: 3 requirements change",
            "  Broken REQ-001 finding -> MUST: met",
            f"  Broken REQ-006 finding -> MUST: would fail: {TEMPERATURE}",
            f"  Broken RAT-001 SHOULD -> MUST: would fail: {WAIT}",
            "Broken: 2 would fail the run",
        ]
    )
    assert result.ret == 1
    assert command(pytester, "upgrade", "--to=1999.1", f"--provider={BROKEN}").ret == 4
