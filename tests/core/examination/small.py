"""A catalogue as small as the adapters, and their verdicts by it."""

from __future__ import annotations

from typing import Any

from conformance.bench import Bench
from conformance.case import Case
from conformance.catalogue import Catalogue
from conformance.config import ProviderConfig
from conformance.examination import Examination
from conformance.provider import resolve
from conformance.requirement import Requirement
from conformance.verdict import Verdict

RIVERS = "The Nile, the Amazon and the Yangtze."


def rule(id: str, *after: str, needs: tuple[str, ...] = ()) -> Requirement:
    return Requirement(id=id, level="MUST", text="t", why="w", sources=["s"], after=list(after), needs=list(needs))


RULES = [
    rule("REQ-001"),
    rule("RSP-001", "REQ-001"),
    rule("RSP-002", "RSP-001"),
    rule("ERR-001", "REQ-001"),
    rule("ERR-002", "ERR-001"),
    rule("STR-001", "REQ-001", needs=("streaming",)),
    rule("REQ-010", "REQ-001", needs=("tools",)),
    rule("ERR-025", "ERR-001", needs=("timeout",)),
    rule("MAL-001", "ERR-002", "RSP-001"),
    rule("AUT-001"),
]
GOOD = {"cassette": "replies/three-rivers"}
QUESTION: dict[str, Any] = {"case": "question", "proves": "REQ-001", "wire": GOOD, "then": {"sent": {"legal": True}}}
ANSWER: dict[str, Any] = {"case": "answer", "proves": "RSP-001", "wire": GOOD, "then": {"reply": {"text": RIVERS}}}
CASES: list[dict[str, Any]] = [
    QUESTION,
    ANSWER,
    {"case": "again", "proves": "RSP-002", "wire": GOOD, "then": {"reply": {"text": RIVERS}}},
    {"case": "server", "proves": "ERR-001", "wire": {"error": "server"}, "then": {"error": {"kind": ["server"]}}},
    {"case": "key", "proves": "ERR-002", "wire": {"error": "auth"}, "then": {"error": {"kind": ["auth"]}}},
    {
        "case": "stream",
        "proves": "STR-001",
        "ask": {"op": "stream"},
        "wire": GOOD,
        "then": {"stream": {"delivered": RIVERS, "one_end": True}},
    },
    {"case": "tools", "proves": "REQ-010", "ask": {"tools": [{"name": "now"}]}, "then": {"sent": {"same": ["tools"]}}},
    {
        "case": "limit",
        "proves": "MAL-001",
        "wire": {"error": "rate_limit"},
        "then": {"error": {"kind": ["rate_limit"]}},
    },
]


def examined(adapter: type | str, bench: Bench, *cases: dict[str, Any], **config: Any) -> Examination:
    """The examination of an adapter by some cases, or by all of them."""
    spec = adapter if isinstance(adapter, str) else f"{adapter.__module__}:{adapter.__name__}"
    subject = resolve([spec], {spec: ProviderConfig(provider=spec, **config)} if config else {})[0]
    made = [Case.model_validate(c) for c in cases or CASES]
    return Examination(subject, bench, Catalogue(RULES, made))


def verdicts(examination: Examination) -> dict[str, Verdict]:
    return {f"{e.requirement.id}/{e.case.case}": examination.verdict(e) for e in examination.exams}


def one(adapter: type, bench: Bench, case: dict[str, Any], **config: Any) -> Verdict:
    (verdict,) = verdicts(examined(adapter, bench, case, **config)).values()
    return verdict


def told(verdict: Verdict) -> tuple[Any, ...]:
    """A verdict without what differs from run to run."""
    return verdict.result, verdict.headline, [vars(v) for v in verdict.violations], verdict.asked, verdict.checks
