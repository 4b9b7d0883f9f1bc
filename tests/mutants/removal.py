"""Takes the check of each requirement away in turn, and sees its mutant survive: it is that check, and nothing else in
the kit, which catches it.

python -m tests.mutants.removal           one mutant of each requirement
python -m tests.mutants.removal --all     all of them

A mutant is run once; what it left behind is judged with the wishes of the case, and then without those that complained.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field, replace
from io import StringIO

from conformance import catalogue
from conformance.bench import Bench
from conformance.case import Case
from conformance.examination import Exam, Examination
from conformance.laws.search import EXAMPLES
from conformance.laws.trial import Trial
from conformance.provider import resolve
from conformance.suites import judge
from conformance.suites.evidence import Evidence
from conformance.suites.vacuity import wishes, without
from conformance.then import Then
from conformance.trace import Outcome, Trace
from tests.mutants import Mutant, everything

PART = 10

# What is looked at in every case, for which no case can be without it.
EVERYWHERE = (
    "no request reached the server",
    "the request went past the base URL",
    "the adapter tried to reach",
    "an untrusted certificate was trusted",
)
CLAUSES = ("reply", "stream", "sent", "error")  # that there is a reply at all is wished by each of its fields
_CALL = re.compile(r"call \d+ of \d+ [a-z ]+: ")


@dataclass
class Removal:
    """What killed a mutant, and what is said where that is taken away."""

    killed_by: list[str] = field(default_factory=list)  # wishes, "either" among them; empty: what is looked at anyway
    said: list[str] = field(default_factory=list)  # with the check
    left: list[str] = field(default_factory=list)  # without it, of the same kind: there must be nothing

    @property
    def survives(self) -> bool:
        everywhere = not self.killed_by and all(_CALL.sub("", line).startswith(EVERYWHERE) for line in self.said)
        return bool(self.said) and (everywhere or not self.left)


def remove(mutant: Mutant, bench: Bench) -> Removal:
    """By the first case that kills it."""
    examination = Examination(resolve([mutant.spec], {mutant.spec: mutant.config})[0], bench, catalogue.load())
    for exam in (e for e in examination.exams if e.requirement.id == mutant.kills and not examination._cannot(e)):
        with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
            case, trace = _played(examination, exam)
        played, evidence = replace(exam, case=case), examination._evidence(case, trace)
        if said := _said(mutant, played, evidence):
            return _without(mutant, played, evidence, said)
    return Removal()


def _played(examination: Examination, exam: Exam) -> tuple[Case, Trace]:
    """The case, or of a law the one that an example made and that went wrong."""
    if exam.case.law is None:
        return exam.case, examination.examiner.trace(exam.case)
    trial = Trial(
        examination.examiner,
        examination._bases,
        sound=examination._is_sound,
        judged=lambda case, trace: judge(case, examination._evidence(case, trace)),
        worth=lambda: True,  # what is said of the smallest is what the mutant names
    )
    found = trial.run(exam.case, EXAMPLES)
    return (found[1].case, found[1].trace) if found else (exam.case, Trace(Outcome()))


def _without(mutant: Mutant, exam: Exam, evidence: Evidence, said: list[str]) -> Removal:
    case, removal = exam.case, Removal(said=said)
    for wish in (*_wished(case), *CLAUSES):
        if wish in CLAUSES and removal.killed_by:
            break
        if len(_said(mutant, exam, evidence, _less(case, wish))) < len(said):
            removal.killed_by.append(wish)
    case = _less(case, *removal.killed_by)
    if case.then.either and len(_said(mutant, exam, evidence, _less(case, "either"))) < len(said):
        removal.killed_by.append("either")
        case = _less(case, "either")
    removal.left = _said(mutant, exam, evidence, case)
    return removal


def _wished(case: Case) -> list[str]:
    """Of all its calls."""
    parts = case.several.of if case.several else []
    return list(dict.fromkeys(wish for then in (case.then, *(p.then for p in parts)) for wish in wishes(then)))


def _less(case: Case, *gone: str) -> Case:
    """The case without these wishes, in none of its calls."""
    made = case.model_copy(update={"then": _bare(case.then, gone)})
    if case.several is None:
        return made
    parts = [p.model_copy(update={"then": _bare(p.then, gone)}) for p in case.several.of]
    return made.model_copy(update={"several": case.several.model_copy(update={"of": parts})})


def _bare(then: Then, gone: Iterable[str]) -> Then:
    for wish in gone:
        if wish == "either":
            then = then.model_copy(update={"either": []})
        elif wish in wishes(then) or (wish in CLAUSES and getattr(then, wish) is not None):
            then = without(then, wish)  # without error.kind there is no error.status either
    return then


def _said(mutant: Mutant, exam: Exam, evidence: Evidence, case: Case | None = None) -> list[str]:
    violations, _ = judge(case or exam.case, evidence)
    return [v.headline for v in violations if mutant.says in v.headline]


def chosen(mutants: Iterable[Mutant]) -> Iterator[Mutant]:
    """One of each requirement."""
    seen: set[str] = set()
    for mutant in mutants:
        if mutant.kills not in seen:
            seen.add(mutant.kills)
            yield mutant


def _lines(specs: list[str]) -> list[tuple[str, bool]]:
    """In a process of its own."""
    with Bench() as bench:
        found = [(m, remove(m, bench)) for m in everything() if m.spec in specs]
    return [(f"{m.kills} {m.name}: {', '.join(r.killed_by) or r.said} {r.left or ''}", r.survives) for m, r in found]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true", help="every mutant, not only one of each requirement")
    mutants = everything() if parser.parse_args().all else list(chosen(everything()))
    specs = [m.spec for m in mutants]
    parts = [specs[i : i + PART] for i in range(0, len(specs), PART)]
    with ProcessPoolExecutor() as pool:
        lines = [line for part in pool.map(_lines, parts) for line in part]
    killed = [text for text, survives in lines if not survives]
    print("\n".join(killed), file=sys.stderr) if killed else None
    print(f"{len(lines) - len(killed)} of {len(lines)} mutants survive where the check of their requirement is gone")
    return bool(killed)


if __name__ == "__main__":
    sys.exit(main())
