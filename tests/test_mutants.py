"""The kit can be trusted to fail: every requirement kills its mutant, and says why."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance import catalogue
from conformance.bench import Bench
from tests.mutants import Mutant, everything
from tests.mutants.manifests import BrokenManifest, broken
from tests.mutants.matrix import PAGE, beginning, run
from tests.mutants.repositories import BrokenRepository, repositories

MUTANTS = everything()
MANIFESTS = broken()
REPOSITORIES = repositories()
ALL = [*MUTANTS, *MANIFESTS, *REPOSITORIES]


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with Bench() as made:
        yield made


@pytest.mark.parametrize("mutant", MUTANTS, ids=[f"{m.kills}-{m.name}" for m in MUTANTS])
def test_it_is_killed_by_name_and_listed(mutant: Mutant, bench: Bench) -> None:
    row = run(mutant, bench)
    assert not row.broken
    assert mutant.kills in row.killed_by, f"{mutant.name} survives {mutant.kills}; killed by {sorted(row.killed_by)}"
    said = row.killed_by[mutant.kills]
    assert any(mutant.says in headline for headline in said), f"{mutant.kills} says {said}"
    assert beginning(mutant) in PAGE.read_text("utf-8"), "run python -m tests.mutants.matrix"


@pytest.mark.parametrize("mutant", MANIFESTS, ids=[f"{m.kills}-{m.name}" for m in MANIFESTS])
def test_a_broken_manifest_is_found_by_name_and_listed(mutant: BrokenManifest) -> None:
    found = [f for f in mutant.findings() if f.rule == mutant.kills]
    assert any(mutant.says in f.said for f in found), found
    assert all(f.write for f in found)
    assert beginning(mutant) in PAGE.read_text("utf-8"), "run python -m tests.mutants.matrix"


@pytest.mark.parametrize("mutant", REPOSITORIES, ids=[f"{m.kills}-{m.name}" for m in REPOSITORIES])
def test_a_broken_repository_is_refused_by_name_and_listed(mutant: BrokenRepository, tmp_path: Path) -> None:
    (answer,) = mutant.answers(tmp_path, mutant.kills)
    assert (answer.result, mutant.says in answer.said) == ("fail", True), answer
    assert answer.write
    assert beginning(mutant) in PAGE.read_text("utf-8"), "run python -m tests.mutants.matrix"


def test_no_requirement_is_without_a_mutant() -> None:
    covered = {m.kills for m in ALL}
    assert sorted(set(catalogue.load().requirements) - covered) == []


def test_no_mutant_names_a_requirement_that_does_not_exist() -> None:
    assert sorted({m.kills for m in ALL} - set(catalogue.load().requirements)) == []


def test_the_matrix_lists_nothing_else() -> None:
    rows = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| ") and "mutant |" not in line]
    assert len(rows) == len(ALL)
