"""The JSON report. These models are the source of `fixtures/schemas/report.json`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from conformance import __version__
from conformance.examination import Examination

Word = Literal["pass", "fail", "known failure", "advice", "unsupported", "blocked", "vacuous", "kit error"]


class _Model(BaseModel):
    model_config = ConfigDict(extra="ignore")  # a later kit may say more


class ViolationRow(_Model):
    headline: str
    expected: str
    got: str


class MarkRow(_Model):
    """One thing on the wire; the bytes of the body that it is, where it is part of one."""

    who: Literal[">", "<", "!"]  # the adapter sends, the server sends, something happens
    text: str
    at: int | None = None
    to: int | None = None  # the byte after it


class CaseRow(_Model):
    id: str
    case: str
    verdict: Word
    seconds: float
    checks: int
    reason: str = ""
    known: str = ""  # what the known-failures file says of it; of what is blocked: that only known failures block it
    asked: str = ""
    violations: list[ViolationRow] = []
    wire: list[str] = []
    timeline: list[MarkRow] = []  # the same with bytes; each exchange begins with its request, which has none
    example: str = ""  # of a law
    rerun: str = ""  # the command that runs this case alone
    manifest: str = ""  # the file that was judged, from the project's root, in place of the adapter


class RequirementRow(_Model):
    id: str
    area: str
    level: Literal["MUST", "SHOULD", "MAY"]
    finding: bool = False  # not in the chosen requirement set: advice until the next one
    text: str
    verdict: Word | Literal["not run"]
    cases: list[CaseRow]
    left_out: int = 0  # cases that did not run


class ProviderRow(_Model):
    label: str
    spec: str
    name: str
    package: str = ""  # the distribution that holds it, and its version, where there is one
    version: str = ""
    source: str = ""  # file and line below the project's folder: "acme/llm.py:12"
    host: str
    host_why: str
    dialect: str
    dialect_why: str
    base_url_ends_with: str
    intercepted: str = ""  # the fixed address from where its requests were brought to the kit's server
    capabilities: dict[str, bool]
    vendors: list[str] | None = None  # that it is configured for; None: for none in particular
    conformant: bool  # every MUST that says something was met, and none was left unjudged
    but_for: list[str] = []  # where it is not: the known failures but for which it would be, if nothing else is wrong
    complete: bool  # every case of the kit ran
    counts: dict[str, int]  # requirements by verdict
    requirements: list[RequirementRow]


class KnownFailuresRow(_Model):
    file: str
    entries: int
    problems: list[str]  # what is to be edited in it: each fails the run


class Footer(_Model):
    time: str  # when the run ended, in UTC
    requirements: dict[str, int]  # of all providers, by verdict
    cases: dict[str, int]
    sha256: str  # over the verdicts in canonical form, see conformance/report/footer.py


class Report(_Model):
    format: Literal["provider-conformance/1"] = "provider-conformance/1"
    kit: str = __version__
    python: str
    exit_code: int
    set: str = ""  # of requirements
    strict: bool = False  # a SHOULD counted as a MUST
    known_failures: KnownFailuresRow | None = None
    providers: list[ProviderRow]
    footer: Footer


COLUMNS = ("pass", "fail", "known failure", "advice", "blocked", "unsupported", "vacuous", "kit error", "not run")
BEHIND = "blocked by known failures"
WORST: list[str] = ["kit error", "fail", "vacuous", "blocked", "known failure", BEHIND, "advice", "pass", "unsupported"]
BAD = {"fail", "blocked", "vacuous", "kit error"}


def word(told: dict[str, Any]) -> str:
    """A case's verdict in the report's words: a SHOULD that is not met is advice."""
    return "advice" if told["result"] == "fail" and told["advice"] else str(told["result"])


def is_wrong(told: dict[str, Any]) -> bool:
    """Whether it stands in the way of being conformant, or of being so but for known failures."""
    if word(told) == "blocked":
        return not told["known"] and not told["finding"]
    return word(told) in BAD


def requirement_verdict(words: Sequence[str]) -> str:
    """The worst of its cases; "not run" when there are none."""
    worst = next((w for w in WORST if w in words), "not run")
    return "blocked" if worst == BEHIND else worst


def provider_row(examination: Examination, told: dict[str, dict[str, Any]]) -> ProviderRow:
    """`told` holds what the reports of this provider's cases carry, by requirement and case."""
    rows = []
    for rule in examination.requirements:
        exams = [e for e in examination.exams if e.requirement.id == rule.id]
        cases = [
            _case_row(e.id, e.case.case, told[f"{rule.id}/{e.case.case}"])
            for e in exams
            if f"{rule.id}/{e.case.case}" in told
        ]
        verdict = requirement_verdict([BEHIND if c.verdict == "blocked" and c.known else c.verdict for c in cases])
        row = {"id": rule.id, "area": rule.area, "level": rule.level, "text": rule.text, "verdict": verdict}
        left_out = len(exams) - len(cases)
        rows.append(RequirementRow(**row, finding=examination.is_finding(rule.id), cases=cases, left_out=left_out))
    subject, spoken = examination.subject, examination.examiner.spoken
    counts = Counter(r.verdict for r in rows)
    wrong = {t["requirement"] for t in told.values() if is_wrong(t)}
    known = {t["requirement"] for t in told.values() if t["result"] == "known failure" and not t["advice"]}
    judged = not counts["not run"]
    return ProviderRow(
        label=subject.label,
        spec=subject.spec,
        name=subject.name,
        host=subject.driver.host,
        host_why=subject.host_why,
        dialect=spoken.dialect.name,
        dialect_why=spoken.why,
        base_url_ends_with=spoken.mount,
        intercepted=spoken.address,
        capabilities=dict(subject.capabilities),
        vendors=None if subject.vendors is None else list(subject.vendors),
        conformant=judged and not wrong and not known,
        but_for=sorted(known) if judged and not wrong else [],
        complete=len(told) == len(examination.exams),
        counts=dict(counts),
        requirements=rows,
    )


def _case_row(id: str, case: str, told: dict[str, Any]) -> CaseRow:
    kept = {k: v for k, v in told.items() if k in CaseRow.model_fields and k != "case"}
    return CaseRow(id=id, case=case, verdict=word(told), **kept)
