"""The end of a JSON report: counts, the time, and a hash of the verdicts.

The hash is the SHA-256 of one line for each case and each requirement of each provider, sorted: the provider's label,
the requirement, its level, the case ("" for the requirement as a whole) and the verdict, as a compact JSON array in
ASCII, each ended by a line feed. It tells neither times nor texts: the same adapter has the same hash in every run.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from conformance.report.model import Footer, ProviderRow


def footer(providers: list[ProviderRow]) -> Footer:
    rules = [rule for row in providers for rule in row.requirements]
    return Footer(
        time=datetime.now(UTC).isoformat(timespec="seconds"),
        requirements=dict(Counter(rule.verdict for rule in rules)),
        cases=dict(Counter(case.verdict for rule in rules for case in rule.cases)),
        sha256=digest(providers),
    )


def digest(providers: Iterable[ProviderRow]) -> str:
    lines = sorted(json.dumps(row, separators=(",", ":")) for row in _verdicts(providers))
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()


def _verdicts(providers: Iterable[ProviderRow]) -> Iterator[tuple[str, ...]]:
    for row in providers:
        for rule in row.requirements:
            yield row.label, rule.id, rule.level, "", rule.verdict
            yield from ((row.label, rule.id, rule.level, case.case, case.verdict) for case in rule.cases)
