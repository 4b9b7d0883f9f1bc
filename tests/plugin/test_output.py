"""What a user reads, and what a program reads."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from conformance import __version__, catalogue
from conformance.report.model import ProviderRow, Report
from conformance.requirement import AREAS
from tests.plugin.runs import PLAIN, REFERENCE, counts, judge, run, words

ACME = """
from conformance.contract import Capabilities
from conformance.reference import OpenAIChat


class Broken(OpenAIChat):
    def options(self, request):
        return {**super().options(request), "temperature": 1}

    def finished(self, answer):
        answer.done = True
        return super().finished(answer)

    def retry_after(self, headers):
        return None


class Codeless(OpenAIChat):
    def error(self, status, headers, body):
        error = super().error(status, headers, body)
        error.code = None
        return error


class Toolless(OpenAIChat):
    capabilities = Capabilities(streaming=True, tools=False, embeddings=True)
"""

# A module that breaks the kit, not the adapter.
SABOTAGE = """
import conformance.examination
from conformance.reference import OpenAIChat


def judge(*args):
    raise RuntimeError("the judge fell asleep")


conformance.examination.judge = judge
"""

BROKEN = "acme:Broken"
WORKERS = pytest.mark.parametrize(
    "workers", [pytest.param("", id="here"), pytest.param("-n 2", id="workers", marks=pytest.mark.proof)]
)


@pytest.fixture(autouse=True)
def modules(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(acme=ACME, sabotage=SABOTAGE)


def stories(result: pytest.RunResult) -> list[str]:
    """The text of each failure that is told."""
    text = result.stdout.str()
    _, _, failures = re.split(r"\n=+ conformance of ", text)[0].partition("= FAILURES =")
    return re.split(r"\n_{3,} .* _{3,}\n", failures)[1:]


def table(result: pytest.RunResult, label: str) -> dict[str, dict[str, str]]:
    """The cells below the heading of that provider, by row and column."""
    lines = iter(result.outlines)
    assert any(f"= conformance of {label} =" in line for line in lines)
    head = next(line for line in lines if line.startswith("area "))
    columns = re.split(r"  +", head.strip())[1:]
    rows = {}
    for line in lines:
        name, *cells = re.split(r"  +", line.strip())
        rows[name] = dict(zip(columns, cells, strict=True))
        if name == "requirements":
            break
    return rows


def reported(pytester: pytest.Pytester, *args: str, provider: str = REFERENCE) -> Report:
    judge(pytester, *args, "--conformance-report=out/report.json", provider=provider)
    return Report.model_validate_json(Path("out/report.json").read_text("utf-8"))


def verdicts(provider: ProviderRow) -> dict[str, str]:
    return {rule.id: rule.verdict for rule in provider.requirements if rule.verdict != "not run"}


# --- the header --------------------------------------------------------------------------------


def test_the_header(pytester: pytest.Pytester) -> None:
    result = judge(pytester, "-k", "REQ-001", provider="acme:Toolless")
    known = catalogue.load().told_in("openai-chat")
    result.stdout.fnmatch_lines(
        [
            f"conformance {__version__}: Toolless (acme:Toolless)",
            "  host         native (has async generate, stream, embed, list_models, health, close)",
            "  dialect      openai-chat (sent POST /chat/completions; base URL ends with '/v1')",
            "  capabilities streaming, embeddings, health, close; "
            "not tools, images, model_listing, structured_output, opaque",
            f"  judged by    {len(known.requirements)} requirements in {len(known.cases)} cases, over loopback",
        ]
    )


# --- the story of a failure --------------------------------------------------------------------


@WORKERS
def test_a_failure_tells_all_that_is_needed(pytester: pytest.Pytester, workers: str) -> None:
    result = judge(pytester, "conformance/requests::REQ-006", *workers.split(), provider=BROKEN)
    (story,) = stories(result)
    assert "Traceback" not in story
    lines = [line for line in story.splitlines() if not line.startswith("[gw")]
    assert lines[0] == "REQ-006: temperature is not sent as asked"
    assert [line[2:12].strip() for line in lines[1:] if line[2:3].strip()] == [
        "rule",
        "asked",
        "expected",
        "got",
        "wire",
        "again",
        "more",
    ]
    told = dict(line.strip().split(None, 1) for line in lines[1:] if line[2:3].strip())
    assert told["rule"] == "The temperature arrives as asked, zero too. (MUST)"
    assert told["asked"].startswith('generate: "Name three rivers.", temperature=0')
    assert told["expected"].startswith("temperature=0")
    assert told["got"] == "temperature=1"
    assert told["wire"].startswith("> POST /v1/chat/completions  {")
    assert told["more"] == "conformance explain REQ-006"


def test_the_wire_shows_where_it_was_cut(pytester: pytest.Pytester) -> None:
    result = judge(pytester, "conformance/streaming::STR-007", provider=BROKEN)
    (story,) = stories(result)
    assert "returned as an answer" in story.splitlines()[0]
    assert re.search(r"\n {12}< data: \{", story)
    sent, intended = map(int, re.findall(r"after (\d+) of (\d+) bytes\]", story)[0])
    assert 0 < sent < intended


@pytest.mark.parametrize(
    ("provider", "options", "chosen"),
    [
        (BROKEN, "", "REQ-006 or STR-007 or RAT-001"),
        (BROKEN, "-n 2", "REQ-006 or RAT-001"),
        ("acme:Codeless", "--conformance-strict", "ERR-017"),
    ],
)
def test_what_it_says_to_run_again_fails_the_same_case(
    pytester: pytest.Pytester, provider: str, options: str, chosen: str
) -> None:
    result = judge(pytester, "-k", chosen, *options.split(), provider=provider)
    told = stories(result)
    assert len(told) == len(chosen.split(" or "))
    for story in told:
        (command,) = re.findall(r"^  again +(.*)$", story, re.M)
        program, *arguments = shlex.split(command)
        assert program == "pytest"
        again = run(pytester, "-v", *arguments)
        assert list(words(again).items()) == [(arguments[-1], "FAILED")]
        first = re.sub(r"^\[gw.*\n", "", story).splitlines()[0]
        assert stories(again)[0].splitlines()[0] == first
        assert again.ret == 1


@WORKERS
def test_one_story_for_each_requirement(pytester: pytest.Pytester, workers: str) -> None:
    result = judge(pytester, "conformance/streaming::STR-007", *workers.split(), provider=BROKEN)
    failed = [id for id, word in words(result).items() if word == "FAILED"]
    assert len(failed) > 10
    assert len(stories(result)) == 1
    assert counts(result)["failed"] == 1
    assert counts(result)["failed alike"] == len(failed) - 1
    assert sum(line.startswith("FAILED ") for line in result.outlines) == 1
    assert result.ret == 1


# --- the table ---------------------------------------------------------------------------------


def test_the_table_of_an_adapter_that_is_right(pytester: pytest.Pytester) -> None:
    """It declares everything: what is about the rest says nothing."""
    rules = catalogue.load().requirements
    chat = [c for c in catalogue.load().cases if c.dialect in (None, "openai-chat")]
    result = judge(pytester)
    said = words(result)
    assert set(said.values()) == {"PASSED", "UNSUPPORTED"}
    passed = {re.search(r"[A-Z]{3}-[0-9]{3}", id)[0] for id, word in said.items() if word == "PASSED"}  # type: ignore[index]
    known = {id: rule for id, rule in rules.items() if id in passed}
    rows = table(result, "OpenAIChat")
    areas = [a for a in AREAS.values() if a in {rules[c.proves].area for c in chat}]
    assert list(rows) == [*areas, "requirements"]
    counted = {area: sum(rule.area == area for rule in known.values()) for area in areas}
    assert {name: row["pass"] for name, row in rows.items()} == {
        **{area: str(count or "·") for area, count in counted.items()},
        "requirements": str(len(known)),
    }
    n = len(known)
    rest = len({c.proves for c in chat}) - n
    assert (
        f"OpenAIChat: conformant: {n} of {n} requirements met, every recommendation too, {rest} unsupported"
        in result.outlines
    )
    assert result.ret == 0


@WORKERS
def test_the_table_of_an_adapter_that_is_wrong(pytester: pytest.Pytester, workers: str) -> None:
    result = judge(pytester, "conformance/rate-limits", *workers.split(), provider=BROKEN)
    rows = table(result, "Broken")["rate-limits"]
    assert {"pass", "fail", "blocked", "unsupported", "not run"} == set(rows)
    lines = "\n".join(result.outlines)
    assert "FAIL        RAT-002 the wait that the provider asked for is lost" in lines
    assert re.search("BLOCKED +RAT-003.* blocked by RAT-00", lines)
    last = [line for line in result.outlines if line.startswith("Broken: not conformant: ")]
    judged = int(rows["pass"]) + int(rows["fail"]) + int(rows["blocked"])
    total, left = len(catalogue.load().told_in("openai-chat").requirements), int(rows["unsupported"])
    told = f"{left} unsupported, {total - judged - left} not run"
    assert last == [f"Broken: not conformant: {rows['pass']} of {judged} requirements met, {told}"]
    assert result.ret == 1


def test_a_part_is_not_called_conformant(pytester: pytest.Pytester) -> None:
    result = judge(pytester, "-k", "REQ-001")
    rest = len(catalogue.load().told_in("openai-chat").requirements) - 1
    assert f"OpenAIChat: not all was run: 1 of 1 requirements met, {rest} not run" in result.outlines


def test_two_providers_at_once(pytester: pytest.Pytester) -> None:
    report = reported(pytester, "-k", "REQ-006", f"--provider={BROKEN}")
    right, wrong = report.providers
    assert (right.label, right.spec, verdicts(right)) == ("OpenAIChat", REFERENCE, {"REQ-006": "pass"})
    assert (wrong.label, wrong.spec, verdicts(wrong)) == ("Broken", BROKEN, {"REQ-006": "fail"})
    assert report.exit_code == 1
    result = judge(pytester, "-k", "REQ-006", f"--provider={BROKEN}")
    assert table(result, "OpenAIChat")["requests"]["pass"] == "1"
    assert table(result, "Broken")["requests"]["fail"] == "1"
    assert len(stories(result)) == 1


# --- verdicts other than pass and fail ---------------------------------------------------------


@WORKERS
def test_what_should_be_is_advice(pytester: pytest.Pytester, workers: str) -> None:
    result = judge(pytester, "-k", "ERR-017", *workers.split(), provider="acme:Codeless")
    assert set(words(result).values()) == {"ADVICE"}
    assert "ADVICE      ERR-017 the error does not carry the code" in "\n".join(result.outlines)
    assert table(result, "Codeless")["errors"]["advice"] == "1"
    assert "FAILURES" not in result.stdout.str()
    assert result.ret == 0
    result.stdout.fnmatch_lines(
        ["*advice for Codeless*", "ERR-017: *", "  expected  code=*", "  got       code=None", "  wire*"]
    )
    strict = judge(pytester, "-k", "ERR-017", "--conformance-strict", *workers.split(), provider="acme:Codeless")
    assert set(words(strict).values()) == {"FAILED"}
    assert strict.ret == 1


def test_much_advice_is_told_in_full_where_that_is_wanted(pytester: pytest.Pytester) -> None:
    hint = "advice in full, with what was sent and what came: pytest -rs"
    short = judge(pytester, "-k", "ERR-01", provider="acme:Codeless")
    short.stdout.fnmatch_lines(["*ADVICE  *ERR-017 *", f"*{hint}"])
    short.stdout.no_fnmatch_line("*advice for Codeless*")
    for chars in ("-rs", "-rA"):
        full = judge(pytester, "-k", "ERR-01", chars, provider="acme:Codeless")
        full.stdout.fnmatch_lines(
            ["*advice for Codeless*", "ERR-017: *", "  got       code=None", "*ADVICE  *ERR-017 *"]
        )
        full.stdout.no_fnmatch_line(f"*{hint}")


@WORKERS
def test_blocked_is_not_conformant(pytester: pytest.Pytester, workers: str) -> None:
    result = judge(pytester, "-k", "RAT-003", *workers.split(), provider=BROKEN)
    assert set(words(result).values()) == {"BLOCKED"}
    assert table(result, "Broken")["rate-limits"]["blocked"] == "1"
    assert result.ret == 1


@WORKERS
def test_unsupported_is_no_failure(pytester: pytest.Pytester, workers: str) -> None:
    result = judge(pytester, "-k", "REQ-010", *workers.split(), provider="acme:Toolless")
    assert set(words(result).values()) == {"UNSUPPORTED"}
    assert table(result, "Toolless")["requests"]["unsupported"] == "1"
    assert result.ret == 0


@WORKERS
def test_a_fault_of_the_kit_is_none_of_the_adapter(pytester: pytest.Pytester, workers: str) -> None:
    result = judge(pytester, "-k", "REQ-001", *workers.split(), provider="sabotage:OpenAIChat")
    assert words(result) == {PLAIN: "FAILED"}
    (story,) = stories(result)
    assert "REQ-001: the kit failed, not the adapter; please report this" in story
    assert "RuntimeError: the judge fell asleep" in story
    assert table(result, "OpenAIChat")["requests"]["kit error"] == "1"
    assert result.ret == 3


def test_nothing_selected(pytester: pytest.Pytester) -> None:
    result = judge(pytester, "-k", "there_is_none")
    assert words(result) == {}
    assert result.ret == 5


# --- for programs ------------------------------------------------------------------------------


def test_the_report(pytester: pytest.Pytester) -> None:
    report = reported(pytester, "-k", "REQ-001 or REQ-006 or RAT-003 or ERR-017", provider=BROKEN)
    (row,) = report.providers
    assert (report.format, report.kit, report.exit_code) == ("provider-conformance/1", __version__, 1)
    assert (row.label, row.spec, row.name, row.host, row.dialect) == (
        "Broken",
        BROKEN,
        "openai-chat",
        "native",
        "openai-chat",
    )
    assert row.base_url_ends_with == "/v1"
    assert (row.conformant, row.complete) == (False, False)
    assert verdicts(row) == {"REQ-001": "pass", "REQ-006": "fail", "ERR-017": "pass", "RAT-003": "blocked"}
    assert row.counts == {"pass": 2, "fail": 1, "blocked": 1, "not run": len(row.requirements) - 4}
    (rule,) = [rule for rule in row.requirements if rule.id == "REQ-006"]
    assert [case.case for case in rule.cases] == [
        case.case for case in catalogue.load().told_in("openai-chat").of("REQ-006")
    ]
    for case in rule.cases:
        assert (case.verdict, case.checks) == ("fail", 1)
        assert case.id == f"REQ-006[Broken/{case.case}]"
        assert case.violations[0].headline == "temperature is not sent as asked"
        assert case.wire[0].startswith("> POST /v1/chat/completions")


@pytest.mark.proof
def test_the_report_of_a_whole_run(pytester: pytest.Pytester) -> None:
    report = reported(pytester, "-n", "2")
    (row,) = report.providers
    assert (row.conformant, row.complete, report.exit_code) == (True, True, 0)
    assert set(verdicts(row)) == set(catalogue.load().told_in("openai-chat").requirements)


def test_the_report_does_not_depend_on_workers(pytester: pytest.Pytester) -> None:
    def without_seconds(*args: str) -> str:
        chosen = "REQ-001 or REQ-006 or STR-007 or RAT-003 or ERR-017"
        report = reported(pytester, "-k", chosen, *args, provider=BROKEN)
        return re.sub(r'"(seconds|time)":[^,]*,', "", report.model_dump_json())

    assert without_seconds() == without_seconds("-n", "2")


# --- the terminal ------------------------------------------------------------------------------


def test_no_colours_where_nobody_sees_them(pytester: pytest.Pytester) -> None:
    result = judge(pytester, "-k", "REQ-006 or RAT-003", provider=BROKEN)
    assert "\x1b" not in result.stdout.str() + result.stderr.str()
    coloured = judge(pytester, "-k", "REQ-006 or RAT-003", "--color=yes", provider=BROKEN)
    assert "\x1b[31mFAIL        REQ-006" in coloured.stdout.str()


def test_quiet(pytester: pytest.Pytester) -> None:
    result = run(pytester, f"--provider={BROKEN}", "-q", "-k", "REQ-006")
    assert not any(line.startswith("conformance ") for line in result.outlines)
    assert len(stories(result)) == 1
    assert table(result, "Broken")["requests"]["fail"] == "1"
    assert result.ret == 1
