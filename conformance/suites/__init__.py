"""What is looked at. A clause of a case's `then` is one function here; each says what is wrong, or nothing.

`judge` runs the clauses that a case has, and counts the wishes in them that had something to look at: a case in which
none had proves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from conformance.canary import key_of
from conformance.case import Case, Several
from conformance.suites import (
    capabilities,
    configuration,
    errors,
    failover,
    history,
    lifecycle,
    replies,
    requests,
    secrets,
    signatures,
    streaming,
    timeouts,
    waiting,
    ways,
)
from conformance.suites.evidence import Evidence
from conformance.suites.vacuity import looked_at
from conformance.then import SentThen, StreamThen, Then
from conformance.trace import ENDLESS, LOST
from conformance.verdict import Violation

Clause = Callable[[Then, Evidence], Iterator[Violation]]

SENDS = "REQ-001"  # nothing can be seen of an adapter that asks nothing

CLAUSES: dict[str, Clause] = {
    "reply": replies.reply,
    "vectors": replies.vectors,
    "vectors_by_text": replies.vectors_by_text,
    "models": replies.models,
    "healthy": replies.healthy,
    "error": errors.error,
    "stream": streaming.stream,
    "sound": errors.sound,
    "sent": requests.sent,
    "sent_back": history.sent_back,
    "once": history.once,
    "ids_differ": history.ids_differ,
    "refused": capabilities.refused,
    "taken": capabilities.taken,
    "ends_as": ways.ends_as,
    "signed": signatures.right,
    "unchanged": requests.unchanged,
    "waits_at_most": waiting.waits,
    "again": waiting.again,
    "failover": failover.failover,
    "leaves": lifecycle.leaves,
    "printable": lifecycle.printable,
    "imports": lifecycle.imports,
    "cancelled_within": timeouts.cancelled,
    "hangs_up_within": timeouts.hangs_up,
    "secret_not_in": secrets.secret,
    "prompt_not_in": secrets.prompt,
    "rejected": configuration.rejected,
    "untouched": configuration.untouched,
}


def judge(case: Case, evidence: Evidence) -> tuple[list[Violation], int]:
    """What is wrong, and how many wishes had something to look at."""
    if breaches := evidence.trace.breaches:
        hosts = ", ".join(breaches)
        return [Violation(f"the adapter tried to reach {hosts}", "requests to the given base URL only", hosts)], 1
    if ended := evidence.trace.ended:
        headline = f"the adapter ended the process: {ended[0]}"
        return [Violation(headline, "a result or an error, and the process goes on", ", ".join(ended))], 1
    if (error := evidence.error) and error.type in LOST:
        return [Violation(LOST[error.type], "an answer or an error", error.text)], 1
    if evidence.trace.trusted:
        return [Violation("an untrusted certificate was trusted", "no connection", evidence.result())], 1
    if most := max((e.head for e in evidence.trace.exchanges if e.head >= ENDLESS), default=0):
        got = f"{most} bytes of them were read; then {evidence.result()}"
        return [Violation("headers without end were read on and on", "an error as soon as there are too many", got)], 1
    if case.several:
        return _judge_each(case, case.several, evidence)
    if not case.then.imports and evidence.nothing_was_asked(case):
        return [_silent(evidence)], 1
    return judge_then(case.then, evidence)


def _judge_each(case: Case, several: Several, evidence: Evidence) -> tuple[list[Violation], int]:
    """Each call by itself, as far as the first that went wrong; then what they leave behind together."""
    checks, count = 0, len(case.parts)
    for n, (part, trace) in enumerate(zip(case.parts, evidence.trace.parts, strict=True)):
        key = key_of(n) if several.adapters == "each" else evidence.key
        violations, more = judge(part, replace(evidence, trace=trace, case=part, key=key))
        checks += more
        if violations:
            which = f"call {n + 1} of {count} {lifecycle.HOW[several.how]}"
            return [replace(v, headline=f"{which}: {v.headline}") for v in violations], checks
    violations, more = judge_then(case.then, evidence)
    return violations, checks + more


def judge_then(then: Then, evidence: Evidence) -> tuple[list[Violation], int]:
    wanted = [name for name in CLAUSES if _looks(then, name)]
    violations = [v for name in wanted for v in CLAUSES[name](then, evidence)]
    checks = looked_at(then, evidence)
    if then.either:
        tried = [judge_then(alternative, evidence) for alternative in then.either if evidence.can_be_told(alternative)]
        held = [count for found, count in tried if not found]  # what another way would have looked at is not there
        checks += min(held) if held else max(count for _, count in tried)
        if all(found for found, _ in tried):
            violations.append(_none_of([found for found, _ in tried]))
    return violations, checks


_NOTHING = (SentThen(), StreamThen())


def _looks(then: Then, name: str) -> bool:
    """Whether the clause looks at anything: a group of wishes without one does not."""
    if name not in then.model_fields_set:
        return False
    value = getattr(then, name)
    return bool(value != Then.model_fields[name].default and value not in _NOTHING)


def _none_of(alternatives: list[list[Violation]]) -> Violation:
    """None of the legal ways was taken: the first one's complaint, and what each would have wanted."""
    first = alternatives[0][0]
    expected = "\nor ".join("; ".join(v.expected for v in found if v.expected) for found in alternatives)
    return Violation(first.headline, expected, first.got)


def _silent(evidence: Evidence) -> Violation:
    if strays := evidence.trace.strays:
        return Violation("the request went past the base URL", "a request below it", ", ".join(strays))
    return Violation("no request reached the server", "one request to the base URL", evidence.result(), SENDS)
