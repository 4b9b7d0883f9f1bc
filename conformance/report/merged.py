"""One report of several: of the shards of a run, of several providers, or of both."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from conformance.report.footer import footer
from conformance.report.model import BAD, KnownFailuresRow, ProviderRow, Report, RequirementRow

SAME = ("kit", "set", "strict")
NO_TESTS = 5  # pytest's exit code of a run, or of a shard, for which nothing was left


class NotOfOneRun(ValueError):
    """One sentence: why these reports do not belong together."""


def merged(reports: Sequence[Report]) -> Report:
    """Raises `NotOfOneRun`."""
    first = reports[0]
    for name in SAME:
        told = {str(getattr(report, name)) for report in reports}
        if len(told) > 1:
            raise NotOfOneRun(f"the reports differ in {name}: {', '.join(sorted(told))}")
    parts: dict[str, list[ProviderRow]] = defaultdict(list)
    for report in reports:
        for row in report.providers:
            parts[row.label].append(row)
    rows = [_provider(same, first.strict) for same in parts.values()]
    codes = {report.exit_code for report in reports}
    return first.model_copy(
        update={
            "exit_code": max(codes - {NO_TESTS}, default=NO_TESTS),
            "known_failures": _known(reports),
            "providers": rows,
            "footer": footer(rows),
        }
    )


def _provider(parts: Sequence[ProviderRow], strict: bool) -> ProviderRow:
    first = parts[0]
    for name in ("spec", "dialect", "version"):
        if len({getattr(part, name) for part in parts}) > 1:
            raise NotOfOneRun(f"the reports differ in the {name} of {first.label}")
    by_id: dict[str, list[RequirementRow]] = defaultdict(list)
    for part in parts:
        for rule in part.requirements:
            by_id[rule.id].append(rule)
    rules = [_requirement(first.label, same) for same in by_id.values()]
    counts = Counter(rule.verdict for rule in rules)
    wrong = [rule for rule in rules if _is_wrong(rule)]
    known = sorted(rule.id for rule in rules if _is_known(rule, strict))
    judged = not counts["not run"]
    return first.model_copy(
        update={
            "conformant": judged and not wrong and not known,
            "but_for": known if judged and not wrong else [],
            "complete": not any(rule.left_out for rule in rules),
            "counts": dict(counts),
            "requirements": rules,
        }
    )


def _requirement(label: str, same: Sequence[RequirementRow]) -> RequirementRow:
    """That of the one report in which it ran."""
    ran = [rule for rule in same if rule.cases]
    if len(ran) > 1:
        raise NotOfOneRun(
            f"{same[0].id} of {label} was judged in {len(ran)} of the reports: they are no shards of one run"
        )
    return ran[0] if ran else same[0]


def _is_wrong(rule: RequirementRow) -> bool:
    return any(
        case.verdict in BAD and not (case.verdict == "blocked" and (case.known or rule.finding)) for case in rule.cases
    )


def _is_known(rule: RequirementRow, strict: bool) -> bool:
    counts = not rule.finding and (strict or rule.level == "MUST")
    return counts and any(case.verdict == "known failure" for case in rule.cases)


def _known(reports: Sequence[Report]) -> KnownFailuresRow | None:
    """Each shard has read the whole file, and tells of what it ran."""
    told = [report.known_failures for report in reports if report.known_failures]
    problems = dict.fromkeys(problem for known in told for problem in known.problems)
    return told[0].model_copy(update={"problems": list(problems)}) if told else None
