"""A run in parts, and one report of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance import catalogue, cli
from conformance.report.footer import footer
from conformance.report.merged import NotOfOneRun, merged
from conformance.report.model import ProviderRow, Report, is_wrong
from conformance.report.reading import read
from conformance.shard import BadShard, Shard
from conformance.shard import read as shard
from tests.core.reports import USUAL, provider, report

KNOWN = {**USUAL, "REQ-006": {"zero": "known failure", "one": "pass"}, "RAT-003": {"fraction": "pass"}}
WHOLE = {
    "usual": USUAL,
    "all is met": {**USUAL, "REQ-006": {"zero": "pass", "one": "pass"}, "RAT-003": {"fraction": "pass"}},
    "known failures": KNOWN,
}


def parts(verdicts: dict[str, dict[str, str]], of: int) -> list[ProviderRow]:
    """What each shard tells: of what it did not run, that it was not run."""
    shards = [Shard(n + 1, of).takes(verdicts) for n in range(of)]
    return [provider({id: cases if id in mine else {} for id, cases in verdicts.items()}) for mine in shards]


@pytest.mark.parametrize("of", [1, 2, 3, 7, 365, 600])
def test_the_parts_are_the_whole(of: int) -> None:
    ids = list(catalogue.load().requirements)
    shards = [Shard(n + 1, of).takes(ids) for n in range(of)]
    assert sorted(id for mine in shards for id in mine) == sorted(ids)
    assert max(map(len, shards)) - min(map(len, shards)) <= 1
    assert Shard(1, of).takes(reversed(ids)) == shards[0]


@pytest.mark.parametrize("text", ["", "1", "0/2", "3/2", "1/0", "-1/2", "1/2/3", "a/b", "1 /2", "١/2"])  # noqa: RUF001
def test_what_is_no_part_is_refused(text: str) -> None:
    with pytest.raises(BadShard, match="takes a part of a whole"):
        shard(text)


@pytest.mark.parametrize("name", WHOLE)
def test_one_report_is_as_if_it_had_been_one_run(name: str) -> None:
    known = {"conformant": False, "but_for": ["REQ-006"]} if name == "known failures" else {}
    whole, made = provider(WHOLE[name], **known), merged([report(row) for row in parts(WHOLE[name], 3)])
    (row,) = made.providers
    same = ("conformant", "but_for", "complete", "counts", "requirements")
    assert {field: getattr(row, field) for field in same} == {field: getattr(whole, field) for field in same}
    assert made.footer.sha256 == footer([whole]).sha256


def test_what_is_missing_stays_missing() -> None:
    (row,) = merged([report(row) for row in parts(WHOLE["all is met"], 3)[:2]]).providers
    assert (row.conformant, row.counts["not run"]) == (False, 2)


def test_several_providers_are_several() -> None:
    made = merged([report(provider(USUAL, label)) for label in ("Acme", "Other")])
    assert [row.label for row in made.providers] == ["Acme", "Other"]


@pytest.mark.parametrize(
    ("other", "says"),
    [
        (report(provider(USUAL)), "REQ-001 of Acme was judged in 2 of the reports"),
        (report(provider(USUAL)).model_copy(update={"kit": "0.0.1"}), "differ in kit: 0.0.1"),
        (report(provider(USUAL)).model_copy(update={"strict": True}), "differ in strict"),
        (report(provider({"STR-009": {"a": "pass"}}, version="9")), "differ in the version of Acme"),
    ],
    ids=["twice", "kit", "strict", "version"],
)
def test_what_does_not_belong_together_is_refused(other: Report, says: str) -> None:
    with pytest.raises(NotOfOneRun, match=says):
        merged([report(provider(USUAL)), other])


@pytest.mark.parametrize(("codes", "code"), [((0, 0), 0), ((0, 1), 1), ((1, 3), 3), ((5, 0), 0), ((5, 5), 5)], ids=str)
def test_its_exit_code_is_the_worst(codes: tuple[int, ...], code: int) -> None:
    rows = parts(USUAL, 2)
    made = merged([report(row).model_copy(update={"exit_code": c}) for row, c in zip(rows, codes, strict=True)])
    assert made.exit_code == code


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [str(tmp_path / f"{n}.json") for n in (1, 2)]
    for file, row in zip(files, parts(WHOLE["all is met"], 2), strict=True):
        Path(file).write_text(report(row).model_copy(update={"exit_code": 0}).model_dump_json(), encoding="utf-8")
    out, badge = str(tmp_path / "new" / "all.json"), str(tmp_path / "badge.svg")
    assert cli.main(["merge", *files, "-o", out, "--badge", badge]) == 0
    assert "Acme: conformant" in capsys.readouterr().out
    assert read(Path(out)).providers[0].conformant
    assert "conformant" in Path(badge).read_text("utf-8")
    assert cli.main(["merge", files[0], files[0], "-o", out]) == 4
    assert capsys.readouterr().err.startswith("conformance: REQ-001 of Acme was judged in 2 of the reports")


def test_a_verdict_is_wrong_in_a_report_as_it_is_in_a_run() -> None:
    """The same question is asked of what a run tells, and of what a report does."""
    for word in ("pass", "fail", "blocked", "vacuous", "kit error", "unsupported"):
        told = {"result": word, "advice": False, "known": "", "finding": False}
        (row,) = merged([report(provider({"REQ-001": {"a": word}}))]).providers
        assert row.conformant != is_wrong(told)
