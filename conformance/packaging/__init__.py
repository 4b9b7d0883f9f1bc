"""The acceptance checklist: what a pull request for a provider has to bring, judged in its repository by the
requirements of the area PKG.

with Project.of("acme", Path.cwd()) as project:
    for answer in checked(project):
        print(answer.rule, answer.result, answer.said)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from conformance import catalogue
from conformance.packaging import (
    commits,
    complete,
    defaults,
    dependencies,
    documentation,
    keys,
    owners,
    registered,
    tested,
)
from conformance.packaging.answers import Answer, Judgement
from conformance.packaging.project import Project

JUDGES: Mapping[str, Callable[[Project], Judgement]] = {
    "PKG-001": complete.operations,
    "PKG-002": complete.lacking,
    "PKG-003": registered.under_an_id,
    "PKG-004": registered.as_before,
    "PKG-005": defaults.model,
    "PKG-006": defaults.key,
    "PKG-007": defaults.order,
    "PKG-008": defaults.detected,
    "PKG-009": tested.requests,
    "PKG-010": tested.responses,
    "PKG-011": tested.errors,
    "PKG-012": tested.streams,
    "PKG-013": tested.alone,
    "PKG-014": keys.in_files,
    "PKG-015": keys.in_workflows,
    "PKG-016": documentation.section,
    "PKG-017": dependencies.optional,
    "PKG-018": dependencies.lazy,
    "PKG-019": owners.named,
    "PKG-020": commits.titles,
}

# What no program can decide.
ASKED = (
    "is a provider of its own wanted, or can an adapter for compatible APIs say all that it needs?",
    "were the played answers recorded from the real API, and lately?",
    "will the owner answer when the API changes?",
    "is CI green?",
)


def checked(
    project: Project, only: Sequence[str] = (), say: Callable[[str], None] = lambda _: None
) -> Iterator[Answer]:
    """One for each requirement, in order; `say` is told what comes next."""
    excused = project.settings.excused
    for id, rule in catalogue.load().requirements.items():
        if id not in JUDGES or (only and id not in only):
            continue
        say(f"{id} {rule.text}")
        made = JUDGES[id](project)
        if made.result == "fail" and id in excused:
            made = Judgement("excused", f"{excused[id]} ({made.said})", "")
        yield Answer(id, rule.level, rule.box or "", made.result, made.said, made.write)
