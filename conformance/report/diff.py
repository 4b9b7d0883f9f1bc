"""What changed from one report to another, requirement by requirement.

worse     a case that was met is not
lost      a MUST that was met is no longer judged: not run, or declared as unsupported
mended    a case that was not met is, or needs no advice any more
new       asked for the first time, or of a rule that is a MUST now; says nothing about what the adapter was
gone      no longer asked
other     anything else, such as a SHOULD that became advice

The first two are regressions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from conformance.report.level import finding
from conformance.report.model import ProviderRow, Report, RequirementRow

Kind = Literal["worse", "lost", "mended", "new", "gone", "other"]
REGRESSIONS = ("worse", "lost")
BAD = {"fail", "known failure", "blocked", "vacuous", "kit error"}
UNJUDGED = {"unsupported", "not run"}


@dataclass(frozen=True)
class Change:
    kind: Kind
    id: str
    level: str
    text: str
    old: str  # the requirement's verdicts, "" where it is not in that report
    new: str
    cases: tuple[str, ...] = ()  # those that made the difference
    said: str = ""  # what the new report found


@dataclass(frozen=True)
class Difference:
    """Of one provider."""

    old: ProviderRow
    new: ProviderRow
    changes: Sequence[Change] = field(default=())

    @property
    def counts(self) -> dict[str, int]:
        same = len(self.new.requirements) - sum(change.kind != "gone" for change in self.changes)
        return {**Counter(change.kind for change in self.changes), "same": same}

    @property
    def regressed(self) -> bool:
        return any(change.kind in REGRESSIONS for change in self.changes)


def compare(old: Report, new: Report) -> list[Difference]:
    """Of the providers that both tell of, by their labels; of the only ones, whatever their labels are."""
    if len(old.providers) == len(new.providers) == 1:
        return [difference(old.providers[0], new.providers[0])]
    before = {row.label: row for row in old.providers}
    return [difference(before[row.label], row) for row in new.providers if row.label in before]


def difference(old: ProviderRow, new: ProviderRow) -> Difference:
    before = {rule.id: rule for rule in old.requirements}
    after = {rule.id: rule for rule in new.requirements}
    found = [_change(before.get(id), after.get(id)) for id in dict.fromkeys([*before, *after])]
    order = ("worse", "lost", "mended", "new", "gone", "other")
    changes = sorted(filter(None, found), key=lambda change: order.index(change.kind))
    return Difference(old, new, changes)


def _change(old: RequirementRow | None, new: RequirementRow | None) -> Change | None:
    if old is None and new is not None:
        return Change("new", new.id, new.level, new.text, "", new.verdict, said=finding(new))
    if new is None:
        assert old is not None
        return Change("gone", old.id, old.level, old.text, old.verdict, "")
    assert old is not None

    def change(kind: Kind, cases: Sequence[str] = ()) -> Change:
        return Change(kind, new.id, new.level, new.text, old.verdict, new.verdict, tuple(cases), finding(new))

    if worse := list(_worse(old, new)):
        return change("worse", worse)
    if lost := list(_lost(old, new)):
        return change("lost" if new.level == "MUST" else "other", lost)
    if mended := list(_mended(old, new)):
        return change("mended", mended)
    if old.verdict == new.verdict:
        return None
    return change("new" if new.verdict in BAD and old.verdict not in BAD else "other")


def _worse(old: RequirementRow, new: RequirementRow) -> Iterator[str]:
    """What was advice and is a failure has not changed: the rule has."""
    after = {case.case: case.verdict for case in new.cases}
    good = {"pass"} if old.level != new.level else {"pass", "advice"}
    yield from (c.case for c in old.cases if c.verdict in good and after.get(c.case) in BAD)


def _lost(old: RequirementRow, new: RequirementRow) -> Iterator[str]:
    """A case that the new report does not tell was left out, where any were; else the kit has it no more."""
    after = {case.case: case.verdict for case in new.cases}
    missing = "not run" if new.left_out or new.verdict == "not run" else "gone"
    for case in old.cases:
        if case.verdict not in BAD | UNJUDGED and after.get(case.case, missing) in UNJUDGED:
            yield case.case


def _mended(old: RequirementRow, new: RequirementRow) -> Iterator[str]:
    after = {case.case: case.verdict for case in new.cases}
    for case in old.cases:
        now = after.get(case.case)
        if (case.verdict in BAD and now in ("pass", "advice")) or (case.verdict == "advice" and now == "pass"):
            yield case.case
