"""Requirement sets: what is frozen is never edited, and what is not is what the catalogue says."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance import catalogue, sets
from conformance.sets import NoSuchSet, RequirementSet, changes, complaints, main


def test_the_sets_are_what_they_were() -> None:
    assert complaints() == []


def test_what_is_in_a_set_is_still_there() -> None:
    there = set(catalogue.load().requirements)
    assert {id for name in sets.names() for id in sets.load(name).requirements} <= there


def test_a_frozen_set_is_never_edited(tmp_path: Path) -> None:
    assert main(["2026.1"], tmp_path) == 0
    path = tmp_path / "2026.1.yaml"
    path.write_text(path.read_text("utf-8").replace("REQ-001: MUST", "REQ-001: SHOULD"), encoding="utf-8")
    assert complaints(tmp_path) == ["2026.1 is not what the catalogue says: run python -m conformance.sets"]
    assert main(["--freeze"], tmp_path) == 0
    assert complaints(tmp_path) == []
    assert main([], tmp_path) == 1
    assert main(["--freeze"], tmp_path) == 1
    path.write_text(path.read_text("utf-8").replace("REQ-001: MUST", "REQ-001: SHOULD"), encoding="utf-8")
    assert complaints(tmp_path) == ["2026.1 is frozen, and was edited"]
    path.unlink()
    assert complaints(tmp_path) == ["2026.1 is frozen, and gone"]


def test_the_newest_that_is_frozen_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sets, "FOLDER", tmp_path)
    assert main(["2026.2"]) == 0
    assert sets.current() == "2026.2"
    assert main(["--freeze"]) == 0
    assert main(["2026.10"]) == 0
    assert (sets.names(), sets.current()) == (["2026.2", "2026.10"], "2026.2")
    with pytest.raises(NoSuchSet, match=r"no requirement set '2026.3'; there are 2026.2, 2026.10, next"):
        sets.load("2026.3")


def test_no_more_is_demanded_than_then_nor_than_today() -> None:
    rules = catalogue.load().requirements
    must, should = rules["REQ-001"], next(r for r in rules.values() if r.level == "SHOULD")
    old = RequirementSet(set="1", requirements={"REQ-001": "SHOULD", should.id: "MUST"})
    assert (old.levelled(must).level, old.levelled(should).level) == ("SHOULD", "SHOULD")
    told = {c.id: (c.before, c.after) for c in changes(old, sets.load("next"))}
    assert told["REQ-001"] == ("SHOULD", "MUST")
    assert told["REQ-002"] == (None, "MUST")
    assert should.id not in told
