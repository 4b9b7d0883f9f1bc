"""What `conformance lint` says: for people, and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Literal

from pydantic import BaseModel

from conformance import __version__
from conformance.catalogue import Catalogue
from conformance.manifests.finding import Linted
from conformance.requirement import Level, ManifestKind


class FindingRow(BaseModel):
    rule: str
    level: Level
    where: str  # inside of the manifest; empty: the whole
    said: str
    write: str  # instead


class ManifestRow(BaseModel):
    path: str
    kind: ManifestKind
    judged_by: list[str]
    findings: list[FindingRow]


class Lint(BaseModel):
    """`conformance lint --json`."""

    schema_version: Literal[1] = 1
    kit: str = __version__
    conformant: bool
    manifests: list[ManifestRow]


def report(manifests: Sequence[Linted], known: Catalogue, *, strict: bool = False) -> Lint:
    rows = [
        ManifestRow(
            path=one.path,
            kind=one.kind,
            judged_by=[id for id, rule in known.requirements.items() if one.kind in rule.lint],
            findings=[
                FindingRow(
                    rule=f.rule, level=known.requirements[f.rule].level, where=f.where, said=f.said, write=f.write
                )
                for f in one.findings
            ],
        )
        for one in manifests
    ]
    wrong = any(strict or f.level == "MUST" for row in rows for f in row.findings)
    return Lint(conformant=not wrong, manifests=rows)


def lines(told: Lint) -> Iterator[str]:
    counts: Counter[str] = Counter()
    for row in told.manifests:
        right = f"nothing wrong, by {_number(len(row.judged_by), 'requirement')}"
        yield f"{row.path} ({row.kind}): {_number(len(row.findings), 'finding') if row.findings else right}"
        for finding in row.findings:
            word = "FAIL" if finding.level == "MUST" else "advice"
            counts[word] += 1
            yield f"  {word:<7} {finding.rule} {finding.where + ': ' if finding.where else ''}{finding.said}"
            yield f"          write {finding.write}"
    n = len(told.manifests)
    said = f"{counts['FAIL']} failed, {counts['advice']} advice" if counts else "all right"
    yield f"{_number(n, 'manifest')}: {said}"
    if counts:
        yield f"more      conformance explain {next(f.rule for row in told.manifests for f in row.findings)}"


def _number(n: int, word: str) -> str:
    return f"{n} {word}{'' if n == 1 else 's'}"
