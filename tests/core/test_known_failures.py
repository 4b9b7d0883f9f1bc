"""The file of known failures, read; how a failure is told again; and what is to be edited, without a run."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from conformance.config import Config
from conformance.known_failures import BadKnownFailures, Entry, Judged, KnownFailures, fingerprint, load, problems
from conformance.verdict import Result, Verdict, Violation

FIELDS = {"requirement": "STR-007", "reason": "theirs", "link": "https://example.com/7", "fingerprint": ["cut"]}
A_FILE = "/".join(("", "tmp", "pytest-7", "x.txt"))
CUT = Verdict(Result.FAIL, [Violation("cut")], 1)


def entry(**more: Any) -> str:
    rows = {k: v for k, v in {**FIELDS, **more}.items() if v is not None}
    return "\n".join(["[[failure]]", *(f"{k} = {json.dumps(v)}" for k, v in rows.items())]) + "\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (entry(reason="TODO"), "f.toml:1: fill in the reason of STR-007"),
        (entry(reason="todo: why"), "f.toml:1: fill in the reason of STR-007"),
        (entry(reason=" "), "f.toml:1: fill in the reason of STR-007"),
        (entry(reason=None), "f.toml:1: reason: it is missing"),
        (entry(link="TODO"), "f.toml:1: fill in the link of STR-007"),
        (entry(link="issue 7"), "f.toml:1: the link of STR-007 must be one, such as https://…"),
        (
            entry(fingerprint=None),
            "f.toml:1: STR-007 has no fingerprint: `conformance known-failures update` writes it",
        ),
        (entry(because="?"), "f.toml:1: because: there is no such key"),
        (entry(expires="soon"), "f.toml:1: expires: "),
        (entry(cases=[]), "f.toml:1: cases: "),
        (entry() + entry(cases=["a"], provider="Acme"), "f.toml:6: STR-007 is an entry already, at f.toml:1"),
        ("failures = 1\n", "f.toml: failures: there is no such key; each entry is a table [[failure]]"),
        ("failure = 1\n", "f.toml: failure: there is no such key; each entry is a table [[failure]]"),
        ("failure = [{}]\n", "f.toml: write each entry as a table [[failure]]"),
        ("[[failure]\n", "f.toml cannot be read: "),
    ],
)
def test_a_file_that_cannot_be_used(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "f.toml").write_text(text, encoding="utf-8")
    with pytest.raises(BadKnownFailures) as caught:
        load(tmp_path / "f.toml")
    assert str(caught.value).startswith(said)


def test_entries_that_do_not_overlap_are_fine(tmp_path: Path) -> None:
    rows = [entry(cases=["a"]), entry(cases=["b"]), entry(requirement="STR-008", provider="A")]
    rows.append(entry(requirement="STR-008", provider="B", fingerprint="cut"))
    (tmp_path / "f.toml").write_text("# ours\n" + "".join(rows), encoding="utf-8")
    known = load(tmp_path / "f.toml", "tests/f.toml")
    assert [e.place for e in known.entries] == [f"tests/f.toml:{n}" for n in (2, 8, 14, 20)]
    assert known.entry("B", "STR-008", "any") == known.entries[3]
    assert known.entry("C", "STR-008", "any") is None


@pytest.mark.parametrize(
    ("headline", "told"),
    [
        ("the error is of kind server, not auth", None),
        ("status 429 was taken for 500", None),
        ("3 requests were sent where one call was made", None),
        ("reached http://127.0.0.1:41234/abcdefghijkl/v1", "reached <address>/v1"),
        ("reached 127.0.0.1:11434, localhost:80 and [::1]:9", "reached <address>, <address> and <address>"),
        ("<Thing object at 0x7f3a20>", "<Thing object at <id>>"),
        ("call_0123456789abcdef0123456789abcdef", None),
        ("id 0123456789abcdef0123456789abcdef", "id <id>"),
        ("id 123e4567-e89b-12d3-a456-426614174000", "id <id>"),
        ("went on for 0.73 s, then 12 ms", "went on for <time>, then <time>"),
        ("at 2026-01-31T10:00:00Z and 10:00:01.5", "at <time> and <time>"),
        (f"wrote '{A_FILE}'", "wrote '<path>'"),
        ("port 8080 and  pid=17", "port <n> and pid=<n>"),
    ],
)
def test_what_differs_from_run_to_run_is_not_in_a_fingerprint(headline: str, told: str | None) -> None:
    assert fingerprint(headline) == (told or headline)
    assert fingerprint(fingerprint(headline)) == fingerprint(headline)


def made(*given: dict[str, Any]) -> KnownFailures:
    return KnownFailures("f", [Entry.model_validate({**FIELDS, **more}) for more in given], date(2026, 6, 1))


def test_a_failure_as_its_entry_says() -> None:
    known = made({"cases": ["a"]})
    told = known.judged("Acme", "STR-007", "a", CUT)
    assert (told.result, told.known) == (Result.KNOWN, "theirs (https://example.com/7)")
    assert list(told.violations) == list(CUT.violations)
    assert known.judged("Acme", "STR-007", "b", CUT) == CUT
    other = known.judged("Acme", "STR-007", "a", replace(CUT, violations=[*CUT.violations, Violation("more")]))
    assert (other.result, other.known) == (Result.FAIL, ": known is another failure, not 'cut (and 1 more)'")


@pytest.mark.parametrize(("day", "result"), [("2026-06-01", Result.FAIL), ("2026-06-02", Result.KNOWN)])
def test_it_is_known_until_that_day(day: str, result: Result) -> None:
    assert made({"expires": day}).judged("Acme", "STR-007", "a", CUT).result is result


def edits(given: dict[str, Any], told: dict[str, dict[str, str]], **labels: dict[str, dict[str, str]]) -> list[str]:
    """What is to be edited, where each case of STR-007 came out so."""

    def row(verdict: str) -> dict[str, Any]:
        result, _, said = verdict.partition(": ")
        why = {"known": said, "reason": said, "violations": [{"headline": said}]}
        return {"result": result, **why}

    judged = {
        label: Judged({"STR-007": ["a", "b"]}, {f"STR-007/{c}": row(v) for c, v in cases.items()})
        for label, cases in (labels or {"Acme": told}).items()
    }
    return [line.removeprefix(": ") for line in problems(made(given), judged, ["STR-007", "GEM-001"])]


@pytest.mark.parametrize(
    ("given", "told", "said"),
    [
        ({}, {"a": "known failure", "b": "pass"}, []),
        ({}, {"a": "pass"}, []),
        ({}, {}, []),
        ({}, {"a": "pass", "b": "kit error: x"}, []),
        ({}, {"a": "blocked: ", "b": "pass"}, []),
        ({}, {"a": "pass", "b": "unsupported: no tools"}, ["STR-007 passes now: remove the entry"]),
        ({"provider": "Else"}, {"a": "pass", "b": "pass"}, []),
        ({"cases": ["a", "b"]}, {"a": "pass", "b": "known failure"}, ["STR-007/a passes now: remove it from cases"]),
        ({"cases": ["a"]}, {"a": "pass", "b": "known failure"}, ["STR-007 passes now: remove the entry"]),
        (
            {"cases": ["a", "c"]},
            {"a": "known failure"},
            ["STR-007 has no case c: mend its name, or remove it from cases"],
        ),
        (
            {},
            {"a": "unsupported: host laios: it has none", "b": "unsupported: host laios: it has none"},
            ["STR-007 is unsupported (host laios): remove the entry"],
        ),
        ({}, {"a": "blocked: blocked by X: y", "b": "pass"}, ["STR-007 passes now: remove the entry"]),
        (
            {},
            {"a": "fail: other after 3 s", "b": "known failure"},
            [
                "STR-007 fails in another way than is known: if that is known too, add it to fingerprint: "
                '"other after <time>"'
            ],
        ),
        (
            {"expires": "2026-01-31"},
            {"a": "fail: cut"},
            ["STR-007 expired on 2026-01-31: mend it, or set expires anew"],
        ),
        ({"requirement": "STR-999"}, {}, ["there is no requirement STR-999: mend the id, or remove the entry"]),
        ({"requirement": "GEM-001"}, {}, ["GEM-001 is not asked of Acme: remove the entry"]),
    ],
)
def test_what_is_to_be_edited(given: dict[str, Any], told: dict[str, Any], said: list[str]) -> None:
    assert edits(given, told) == said


def test_of_several_it_is_said_whose() -> None:
    passes, fails = {"a": "pass", "b": "pass"}, {"a": "known failure", "b": "known failure"}
    assert edits({}, {}, Acme=passes, Else=fails) == ["STR-007 of Acme passes now: remove the entry"]
    assert edits({"provider": "Else"}, {}, Acme=passes, Else=fails) == []


def test_the_examples_of_the_documentation_are_valid(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "known-failures.md").read_text("utf-8")
    first, *configured = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    (tmp_path / "f.toml").write_text(first, encoding="utf-8")
    (known,) = load(tmp_path / "f.toml").entries
    assert set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)) == set(Entry.model_fields) == known.model_fields_set
    for example in configured:
        Config.model_validate(tomllib.loads(example)["tool"]["conformance"])
