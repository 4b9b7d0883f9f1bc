"""All operations, and what is said of those that are not there: by the kit's own cases."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.examination import Exam
from conformance.packaging.answers import Judgement, nothing, ok, wrong
from conformance.packaging.project import Project
from conformance.verdict import Result, Verdict

ANSWERS = "REQ-001"  # one plain question
DECLARED = "CAP-008"  # what is declared is not refused
REFUSED = ("CAP-001", "CAP-002", "CAP-003", "CAP-004", "CAP-005", "CAP-006")


def operations(project: Project) -> Judgement:
    subject = project.examination.subject
    if empty := [name for name, reason in subject.unsupported.items() if not reason.strip()]:
        where = f"[tool.conformance.providers.{subject.spec}] unsupported"
        return wrong(f"{empty[0]} is declared as lacking without a reason", f'{where} = {{ {empty[0]} = "why" }}')
    for exam, verdict in _judged(project, (ANSWERS, DECLARED)):
        if verdict.result is not Result.PASS:
            what = "one plain question" if exam.requirement.id == ANSWERS else f"{exam.case.case}"
            write = "capabilities that say what it lacks, or what is missing"
            return wrong(f"{what}: {verdict.headline or verdict.reason}", write)
    has = [name.replace("_", " ") for name, there in subject.capabilities.items() if there]
    lacks = [name.replace("_", " ") for name in sorted({*_lacking(project)})]
    return ok(f"text generation, {', '.join(has)}" + (f"; lacks, as it says, {', '.join(lacks)}" if lacks else ""))


def lacking(project: Project) -> Judgement:
    judged = list(_judged(project, REFUSED))
    for exam, verdict in judged:
        if verdict.result is not Result.PASS:
            asked = exam.requirement.lacks[0].replace("_", " ")
            return wrong(
                f"{asked}: {verdict.headline or verdict.reason}", "an error of the kind unsupported, or its like"
            )
    if not judged:
        return nothing("it says that it lacks nothing")
    asked_for = {name.replace("_", " ") for exam, _ in judged for name in exam.requirement.lacks}
    return ok(f"refused: {', '.join(sorted(asked_for))}")


def _lacking(project: Project) -> Iterator[str]:
    subject = project.examination.subject
    yield from (name for name, there in subject.capabilities.items() if not there)
    yield from subject.unsupported


def _judged(project: Project, ids: tuple[str, ...]) -> Iterator[tuple[Exam, Verdict]]:
    """All but what says nothing of this adapter."""
    from conformance.hushed import hushed  # noqa: PLC0415

    exams = [exam for exam in project.examination.exams if exam.requirement.id in ids]
    with hushed():
        verdicts = [project.examination.verdict(exam) for exam in exams]
    yield from (row for row in zip(exams, verdicts, strict=True) if row[1].result is not Result.UNSUPPORTED)
