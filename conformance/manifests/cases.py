"""A project's manifests as cases of an examination: each file by each requirement that is about its kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from conformance.case import ManifestCase
from conformance.manifests import find, judge
from conformance.manifests.finding import Finding, Found
from conformance.requirement import Requirement
from conformance.verdict import Result, Verdict, Violation

READABLE = "MAN-001"


class Manifests:
    """Those below `root` that `names` lead to. Raises `NoManifest`."""

    def __init__(self, root: Path, names: Sequence[str] = ()) -> None:
        self._files: dict[str, list[Found]] = defaultdict(list)
        for found in find([Path(name) for name in names], root):
            path = found.path
            self._files[path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)].append(found)
        self._judged = cache(judge)  # when it is first asked for: what entry points name is loaded for it

    def cases(self, rules: Iterable[Requirement]) -> list[ManifestCase]:
        return [
            ManifestCase(case=name, proves=rule.id)
            for rule in rules
            for name, found in self._files.items()
            if any(_applies(rule, one) for one in found)
        ]

    def verdict(self, case: ManifestCase, rule: Requirement) -> Verdict:
        mine = [one for one in self._files[case.case] if _applies(rule, one)]
        wrong = dict.fromkeys(f for one in mine for f in self._judged(one).findings if f.rule == rule.id)
        violations = [_violation(case.case, finding) for finding in wrong]
        return Verdict(Result.FAIL if violations else Result.PASS, violations, checks=len(mine))


def _applies(rule: Requirement, found: Found) -> bool:
    """Of what cannot be read, nothing else is known."""
    return found.kind in rule.lint and (rule.id == READABLE or not isinstance(found.what, Finding))


def _violation(name: str, finding: Finding) -> Violation:
    place = f"{name}, {finding.where}" if finding.where else name
    return Violation(f"{place}: {finding.said}", expected=f"write {finding.write}", got=finding.said)
