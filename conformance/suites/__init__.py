"""What is looked at. A clause of a case's `then` is one function here; each says what is wrong, or nothing.

`judge` runs the clauses that a case has and counts them: a case that looked at nothing proves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from conformance.catalogue import Case, SentThen, StreamThen, Then
from conformance.suites import capabilities, configuration, errors, history, replies, requests, secrets, streaming
from conformance.suites.evidence import Evidence
from conformance.verdict import Violation

Clause = Callable[[Then, Evidence], Iterator[Violation]]

SENDS = "REQ-001"  # nothing can be seen of an adapter that asks nothing

CLAUSES: dict[str, Clause] = {
    "reply": replies.reply,
    "vectors": replies.vectors,
    "models": replies.models,
    "healthy": replies.healthy,
    "error": errors.error,
    "stream": streaming.stream,
    "sent": requests.sent,
    "sent_back": history.sent_back,
    "refused": capabilities.refused,
    "taken": capabilities.taken,
    "unchanged": requests.unchanged,
    "waits_at_most": requests.waits,
    "secret_not_in": secrets.secret,
    "prompt_not_in": secrets.prompt,
    "rejected": configuration.rejected,
    "untouched": configuration.untouched,
}


def judge(case: Case, evidence: Evidence) -> tuple[list[Violation], int]:
    """What is wrong, and how many clauses were looked at."""
    if breaches := evidence.trace.breaches:
        hosts = ", ".join(breaches)
        return [Violation(f"the adapter tried to reach {hosts}", "requests to the given base URL only", hosts)], 1
    if evidence.trace.trusted:
        return [Violation("an untrusted certificate was trusted", "no connection", evidence.result())], 1
    if evidence.nothing_was_asked(case):
        return [_silent(evidence)], 1
    return _judge(case.then, evidence)


def _judge(then: Then, evidence: Evidence) -> tuple[list[Violation], int]:
    wanted = [name for name in CLAUSES if _looks(then, name)]
    violations = [v for name in wanted for v in CLAUSES[name](then, evidence)]
    checks = len(wanted)
    if then.either:
        tried = [_judge(alternative, evidence) for alternative in then.either if evidence.can_be_told(alternative)]
        checks += min(count for _, count in tried)
        if all(found for found, _ in tried):
            violations.append(_none_of([found for found, _ in tried]))
    return violations, checks


def _looks(then: Then, name: str) -> bool:
    """Whether the clause looks at anything: a group of wishes without one does not."""
    value = getattr(then, name)
    return bool(value != Then.model_fields[name].default and value not in (SentThen(), StreamThen()))


def _none_of(alternatives: list[list[Violation]]) -> Violation:
    """None of the legal ways was taken: the first one's complaint, and what each would have wanted."""
    first = alternatives[0][0]
    expected = "\nor ".join("; ".join(v.expected for v in found if v.expected) for found in alternatives)
    return Violation(first.headline, expected, first.got)


def _silent(evidence: Evidence) -> Violation:
    if strays := evidence.trace.strays:
        return Violation("the request went past the base URL", "a request below it", ", ".join(strays))
    return Violation("no request reached the server", "one request to the base URL", evidence.result(), SENDS)
