"""The whole examination of one adapter: which cases there are, and the verdict on each.

with Bench() as bench:
    examination = Examination(subject, bench, catalogue.load())
    for exam in examination.exams:
        print(exam.id, examination.verdict(exam).headline)
"""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from conformance import profile, timeline, transcript
from conformance.ask import Adapter
from conformance.bench import Bench
from conformance.canary import CANARY, hidden
from conformance.case import Case, ManifestCase, Wire
from conformance.catalogue import Catalogue
from conformance.examiner import Examiner
from conformance.known_failures import KnownFailures
from conformance.laws import Example
from conformance.laws.search import EXAMPLES, written
from conformance.laws.trial import Trial
from conformance.requirement import Requirement
from conformance.sets import RequirementSet
from conformance.subject import Subject
from conformance.suites import judge
from conformance.suites.evidence import Evidence
from conformance.trace import Trace
from conformance.verdict import Result, Verdict, Violation
from conformance.wording import asked_of, shown

if TYPE_CHECKING:
    from conformance.manifests.cases import Manifests

NOT_TOLD = "nothing that it looks at can be told in this dialect"


@dataclass(frozen=True)
class Exam:
    """One case of one requirement, for one subject."""

    requirement: Requirement
    case: Case
    label: str
    finding: bool = False  # the requirement is not in the chosen set: it counts from the next one on

    @property
    def needs(self) -> list[str]:
        return [*self.requirement.needs, *self.case.needs]

    @property
    def lacks(self) -> list[str]:
        return [*self.requirement.lacks, *self.case.lacks]

    @property
    def manifest(self) -> str:
        """The file that it judges, from the project's root; "" where it judges the adapter."""
        return self.case.case if isinstance(self.case, ManifestCase) else ""

    @property
    def id(self) -> str:
        """Stable and unique within a subject's area: `STR-007[OpenAIChat/three-rivers]`."""
        return f"{self.requirement.id}[{self.label}/{self.case.case}]"


class Examination:
    def __init__(self, subject: Subject, bench: Bench, catalogue: Catalogue) -> None:
        self.subject = subject
        self.examiner = Examiner(subject, bench)
        self.profile = profile.load(subject.driver.host, getattr(subject.driver, "profile", None))
        self.examples = EXAMPLES  # of each case of a law
        self.example: Example | None = None  # the only one that laws are tried with
        self.known = KnownFailures()
        self.manifests: Manifests | None = None
        self.set: RequirementSet | None = None  # None: all that there is, as the catalogue says
        self._broken: dict[str, bool] = {}
        self._excused: dict[str, bool] = {}
        self._sound: dict[str, bool] = {}
        self._waiting: list[Exam] = []
        self._waited: dict[str, Verdict] = {}
        self.take(catalogue)

    def take(self, catalogue: Catalogue) -> None:
        """What is to be judged, in place of what was so far."""
        self.catalogue = catalogue
        self.rules = {id: self._levelled(rule) for id, rule in catalogue.requirements.items()}
        self.__dict__.pop("exams", None)
        self.__dict__.pop("_bases", None)

    def add(self, manifests: Manifests) -> None:
        """What hosts are told of the adapter is to be judged too."""
        self.manifests = manifests
        self.take(self.catalogue.with_cases(manifests.cases(self.catalogue.requirements.values())))

    def choose(self, chosen: RequirementSet) -> None:
        """Which requirements count, and how much."""
        self.set = chosen
        self.take(self.catalogue)

    def expect(self, exams: Sequence[Exam]) -> None:
        """Tells which verdicts will be asked for: cases that only wait then do so side by side."""
        self._waiting = [e for e in exams if e.case.waits and not self._cannot(e) and self.examiner.shares(e.case)]

    @cached_property
    def exams(self) -> list[Exam]:
        """All cases but those of other dialects. Asks the adapter one question, to know which it speaks."""
        spoken = self.examiner.spoken.dialect.name
        mine = [c for c in self.catalogue.cases if c.dialect in (None, spoken)]
        model, label = self.subject.recipe.model, self.subject.label
        return [Exam(self.rules[c.proves], _with(model, c), label, self.is_finding(c.proves)) for c in mine]

    @property
    def requirements(self) -> list[Requirement]:
        """Those of the exams, at the levels that hold for this adapter."""
        asked = {e.requirement.id for e in self.exams}
        return [rule for id, rule in self.rules.items() if id in asked]

    def verdict(self, exam: Exam) -> Verdict:
        """Never raises: what fails in the kit is a verdict too."""
        if reason := self._cannot(exam):
            return Verdict(Result.UNSUPPORTED, reason=reason)
        verdict = self._judged(exam)
        if verdict.result is Result.BLOCKED:
            unsound = {name.partition("/")[0] for name, sound in self._sound.items() if not sound}
            return replace(verdict, known=self._excuse(unsound))
        if verdict.result is not Result.FAIL:
            return verdict
        if blockers := self._blockers(exam, verdict):
            reason = f"blocked by {next(iter(blockers))}: {verdict.headline}"
            known = self._excuse(blockers)
            return Verdict(Result.BLOCKED, reason=reason, seconds=verdict.seconds, known=known)
        return self.known.judged(exam.label, exam.requirement.id, exam.case.case, verdict)

    def _levelled(self, rule: Requirement) -> Requirement:
        """What this adapter's configuration demands of it, and what its set and its host take away."""
        if self.set is not None:
            rule = self.set.levelled(rule)
        if rule.vendor and rule.vendor in (self.subject.vendors or ()):
            rule = rule.model_copy(update={"level": "MUST"})
        return self.profile.levelled(rule)

    def is_finding(self, id: str) -> bool:
        """Whether it is not in the chosen set: it counts from the next one on."""
        return self.set is not None and not self.set.has(self.catalogue.requirements[id])

    def _cannot(self, exam: Exam) -> str | None:
        """Why it says nothing about this adapter: its host's reason, its dialect's, or its own."""
        if exam.manifest:
            return None
        if reason := self.profile.cannot(exam.requirement, exam.case, [*exam.needs, *exam.lacks]):
            return reason
        if reason := next(filter(None, map(self.examiner.spoken.dialect.cannot, exam.case.parts)), None):
            return reason
        asked = {part.ask.op for part in exam.case.parts}
        if not self.subject.answers and asked & {"generate", "stream"}:
            return "it has embeddings, and answers nothing"
        vendor, made_for = exam.requirement.vendor, self.subject.vendors
        if vendor and made_for is not None and vendor not in made_for:
            return f"made for other vendors: {', '.join(made_for) or 'none of these'}"
        reasons = [*map(self.subject.cannot, exam.needs), *map(self.subject.has, exam.lacks)]
        return next(filter(None, reasons), None) or self.examiner.cannot(exam.case)

    def _judged(self, exam: Exam) -> Verdict:
        """On its own, whatever it builds on."""
        try:
            if self.manifests is not None and isinstance(exam.case, ManifestCase):
                return self.manifests.verdict(exam.case, exam.requirement)
            if exam.case.law:
                return self._tried(exam)
            if exam.case.waits and exam in self._waiting:
                self._wait_together()
            return self._waited.get(exam.id) or self._examined(exam, self.examiner.trace(exam.case))
        except Exception:
            return Verdict(Result.KIT_ERROR, reason=hidden(traceback.format_exc()))

    def _wait_together(self) -> None:
        """Only what passes beside others is taken for judged; all else is to come of a case that ran alone."""
        exams, self._waiting = self._waiting, []
        traces = self.examiner.together([e.case for e in exams]) if len(exams) > 1 else []
        verdicts = [self._examined(exam, trace) for exam, trace in zip(exams, traces, strict=False)]
        self._waited = {e.id: v for e, v in zip(exams, verdicts, strict=False) if v.result is Result.PASS}

    def _examined(self, exam: Exam, trace: Trace) -> Verdict:
        if trace.outcome.crashed and trace.changed:  # the kit's own tools among them
            headline = f"the adapter changed {', '.join(trace.changed)}, on which others count"
            violation = Violation(headline, "what belongs to the whole process as it was", trace.outcome.crashed)
            return Verdict(Result.FAIL, [replace(violation, got=shown(violation.got))], checks=1, seconds=trace.seconds)
        if trace.outcome.crashed:
            return Verdict(Result.KIT_ERROR, reason=hidden(trace.outcome.crashed))
        violations, checks = judge(exam.case, self._evidence(exam.case, trace))
        if checks == 0 and not self.examiner.spoken.dialect.is_whole:
            return Verdict(Result.UNSUPPORTED, reason=NOT_TOLD, seconds=trace.seconds)
        if checks == 0:
            return Verdict(Result.VACUOUS, reason="nothing was looked at", seconds=trace.seconds)
        if not violations:
            return Verdict(Result.PASS, checks=checks, seconds=trace.seconds)
        return self._failed(exam.case, trace, violations, checks)

    def _failed(self, case: Case, trace: Trace, violations: Sequence[Violation], checks: int) -> Verdict:
        fault = case.answers[0].fault
        wire, marks = transcript.lines(trace, fault, CANARY), timeline.marks(trace, fault)
        told = [Violation(shown(v.headline), shown(v.expected), shown(v.got), v.after) for v in violations]
        asked = shown(asked_of(case))
        return Verdict(Result.FAIL, told, checks, asked=asked, wire=wire, timeline=marks, seconds=trace.seconds)

    def _tried(self, exam: Exam) -> Verdict:
        """A law: of many examples, or of the one that is to be seen again."""
        trial = Trial(
            self.examiner,
            self._bases,
            sound=self._is_sound,
            judged=lambda case, trace: judge(case, self._evidence(case, trace)),
            worth=lambda: not any(self._blockers(exam, Verdict(Result.FAIL))),
        )
        if self.example is None:
            found = trial.run(exam.case, self.examples)
        else:
            wrong = trial.tried(exam.case, self.example)
            found = (self.example, wrong) if wrong else None
        if found is None and trial.checks == 0:
            return Verdict(Result.BLOCKED, reason="what the law varies is wrong as it is")
        if found is None:
            return Verdict(Result.PASS, checks=trial.checks)
        example, wrong = found
        return replace(self._failed(wrong.case, wrong.trace, wrong.violations, trial.checks), example=written(example))

    @cached_property
    def _bases(self) -> dict[str, Case]:
        """What laws vary: the demanded cases of a plain good answer that say something here."""
        return {
            f"{e.case.proves}/{e.case.case}": e.case
            for e in self.exams
            if e.requirement.level == "MUST" and _is_plain(e.case) and not self._cannot(e)
        }

    def _is_sound(self, case: Case) -> bool:
        """Whether it holds as it is: else its own requirement tells it, and no law."""
        name = f"{case.proves}/{case.case}"
        if name not in self._sound:
            self._sound[name] = not judge(case, self._evidence(case, self.examiner.trace(case)))[0]
        return self._sound[name]

    def _evidence(self, case: Case, trace: Trace) -> Evidence:
        spoken = self.examiner.spoken
        secrets = self.subject.secrets
        return Evidence(trace, case, spoken.dialect, spoken.mount, spoken.added, CANARY, self.profile, secrets)

    def _blockers(self, exam: Exam, verdict: Verdict) -> list[str]:
        """The broken requirements that this case, or what was seen in it, builds on: all where it matters."""
        seen = [v.after for v in verdict.violations if v.after in self.catalogue.requirements]
        ids = [*seen, *exam.case.after, *exam.requirement.after]
        foundations = (id for id in dict.fromkeys(self._foundations(ids)) if id != exam.requirement.id)
        broken = (id for id in foundations if (exam.finding or not self._counts_less(id)) and self._is_broken(id))
        return list(broken if self.known.entries else islice(broken, 1))

    def _counts_less(self, id: str) -> bool:
        """What is only advised here cannot stand in the way: what builds on it is told by itself, or nothing is."""
        return self.is_finding(id) or self.rules[id].level != "MUST"

    def _excuse(self, blockers: Iterable[str]) -> str:
        """That only known failures stand in the way; "" where others do."""
        if not self.known.entries or not (ids := list(blockers)) or not all(map(self._is_excused, ids)):
            return ""
        return f"behind known failures: {', '.join(ids)}"

    def _is_excused(self, id: str) -> bool:
        """Whether all that fails of it is known, or behind what is known."""
        if id not in self._excused:
            self._excused[id] = False  # while it is found out: two may blame each other
            verdicts = (self.verdict(e) for e in self.exams if e.requirement.id == id)
            right = {Result.PASS, Result.UNSUPPORTED, Result.KNOWN}
            self._excused[id] = all(v.result in right or (v.result is Result.BLOCKED and v.known) for v in verdicts)
        return self._excused[id]

    def _foundations(self, ids: Sequence[str]) -> Iterator[str]:
        for id in ids:
            yield from self._foundations(self.catalogue.requirements[id].after)
            yield id

    def _is_broken(self, id: str) -> bool:
        """Judged here and now, once: the answer must not depend on which cases run, or where."""
        if id not in self._broken:
            exams = [e for e in self.exams if e.requirement.id == id]
            supported = [e for e in exams if not self._cannot(e)]
            self._broken[id] = any(self._fails_by_itself(e) for e in supported)
        return self._broken[id]

    def _fails_by_itself(self, exam: Exam) -> bool:
        """A case that was made of another one's says nothing of its requirement while that one is broken."""
        return self._judged(exam).result is Result.FAIL and not any(map(self._is_broken, exam.case.after))


def _with(model: str | None, case: Case) -> Case:
    """The case as it is for an adapter whose model cannot be chosen."""
    return case.model_copy(update={"adapter": case.adapter.model_copy(update={"model": model})}) if model else case


def _is_plain(case: Case) -> bool:
    wire = case.answers[0]
    untouched = len(case.answers) == 1 and bool(wire.cassette) and wire == Wire(cassette=wire.cassette)
    return (
        untouched and case.then.reply is not None and case.adapter == Adapter(model=case.adapter.model) and not case.law
    )
