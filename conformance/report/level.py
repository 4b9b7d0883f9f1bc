"""How far an adapter got, in numbers and in one sentence."""

from __future__ import annotations

from collections.abc import Iterable

from conformance.report.model import ProviderRow, RequirementRow
from conformance.requirement import AREAS

UNTESTABLE = "not testable here"


def met(row: ProviderRow) -> int:
    return row.counts.get("pass", 0) + row.counts.get("advice", 0)


def judged(row: ProviderRow) -> int:
    return sum(n for word, n in row.counts.items() if word not in ("unsupported", "not run"))


def sentence(row: ProviderRow) -> str:
    left = {w: row.counts.get(w, 0) for w in ("unsupported", "not run")}
    rest = "".join(f", {n} {w}" for w, n in left.items() if n)
    if row.but_for:
        blocked = row.counts.get("blocked", 0)
        behind = f", {blocked} blocked behind" if blocked else ""
        but = f"conformant but for {known(len(row.but_for))}"
        return f"{row.label}: {but}: {met(row)} of {judged(row)} requirements met{behind}{rest}"
    if not row.conformant:
        why = "not conformant" if judged(row) > met(row) else "not all was run"
        return f"{row.label}: {why}: {met(row)} of {judged(row)} requirements met{rest}"
    advice, failures = row.counts.get("advice", 0), row.counts.get("known failure", 0)
    extra = f", {advice} with advice" if advice else ""
    extra += f", {known(failures)} of what is advised" if failures else ""
    extra = extra or ", every recommendation too"
    return f"{row.label}: conformant: {met(row)} of {judged(row)} requirements met{extra}{rest}"


def known(failures: int) -> str:
    return f"{failures} known failure" + ("s" if failures > 1 else "")


def areas(rows: Iterable[ProviderRow]) -> list[str]:
    """Those of the reports, in the catalogue's order."""
    found = {rule.area for row in rows for rule in row.requirements}
    return [*(area for area in AREAS.values() if area in found), *sorted(found - set(AREAS.values()))]


def untested(row: ProviderRow) -> list[str]:
    """Each MUST of which something was left out, by the user's choice or because it cannot be tested here."""
    return [r.id for r in row.requirements if r.level == "MUST" and _left_out(r)]


def _left_out(rule: RequirementRow) -> bool:
    untestable = any(c.verdict == "unsupported" and c.reason.startswith(UNTESTABLE) for c in rule.cases)
    return rule.verdict == "not run" or rule.left_out > 0 or untestable


def finding(rule: RequirementRow) -> str:
    """Its first case's words, in one line: why it is not met. "" where it is."""
    bad = [c for c in rule.cases if c.verdict == rule.verdict and rule.verdict != "pass"]
    if not bad:
        return ""
    said = bad[0].violations[0].headline if bad[0].violations else bad[0].reason.strip().split("\n")[-1]
    return " ".join(said.split())
