"""Reports as a run would write them, without the run."""

from __future__ import annotations

from collections import Counter
from typing import Any

from conformance.report.footer import footer
from conformance.report.model import (
    CaseRow,
    MarkRow,
    ProviderRow,
    Report,
    RequirementRow,
    ViolationRow,
    requirement_verdict,
)

AREAS = {"REQ": "requests", "STR": "streaming", "RAT": "rate-limits"}
LEVELS = {"STR-012": "SHOULD"}
USUAL = {
    "REQ-001": {"plain": "pass"},
    "REQ-006": {"zero": "fail", "one": "fail"},
    "RAT-001": {"seconds": "pass"},
    "RAT-003": {"fraction": "blocked"},
    "STR-007": {"after-text": "pass", "in-turn": "pass"},
    "STR-012": {"comments": "advice"},
    "STR-020": {"never": "unsupported"},
}


def case(name: str, verdict: str, text: str = "", id: str = "REQ-006") -> CaseRow:
    """A failure says all that one can say; `text` is what an adapter might have a hand in."""
    told: dict[str, Any] = {"id": f"{id}[Acme/{name}]", "case": name, "verdict": verdict, "seconds": 0.1, "checks": 1}
    if verdict in ("unsupported", "blocked", "kit error", "vacuous"):
        told["reason"] = text or "there is a reason"
    if verdict in ("fail", "advice"):
        told["violations"] = [ViolationRow(headline=text or f"{name} is wrong", expected=text or "1", got=text or "2")]
        told["asked"], told["example"] = text or "stream: hello", text
        told["timeline"] = [
            MarkRow(who=">", text=text or "POST /v1/chat/completions"),
            MarkRow(who=">", text=text or '{"model":"kit-model"}', at=0, to=21),
            MarkRow(who="<", text=text or "200 text/event-stream"),
            MarkRow(who="<", text=text or 'data: {"choices":[]}', at=0, to=60),
            MarkRow(who="<", text=text or "data: cut", at=60, to=100),
            MarkRow(who="!", text=text or "connection closed by the server after 100 of 300 bytes", at=100, to=300),
        ]
        told["wire"] = [text or "> POST /v1/chat/completions"]
        told["rerun"] = f"pytest --provider={text or 'acme:Acme'} 'conformance/requests::{id}[Acme/{name}]'"
    return CaseRow(**told)


def provider(verdicts: dict[str, dict[str, str]], label: str = "Acme", text: str = "", **more: Any) -> ProviderRow:
    """`text` stands wherever a text of the adapter's, or of its configuration's, could stand."""
    rules = []
    for id, cases in verdicts.items():
        rows = [case(name, verdict, text, id) for name, verdict in cases.items()]
        verdict = requirement_verdict([row.verdict for row in rows])
        level = LEVELS.get(id, "MUST")
        told = {"id": id, "area": AREAS[id[:3]], "level": level, "text": f"The rule {id}.", "verdict": verdict}
        rules.append(RequirementRow(**told, cases=rows, left_out=0 if rows else 1))
    counts = Counter(rule.verdict for rule in rules)
    bad = counts["fail"] + counts["blocked"] + counts["vacuous"] + counts["kit error"] + counts["not run"]
    told = {
        "label": label,
        "spec": text or f"acme:{label}",
        "name": text or "acme",
        "package": text or "acme-llm",
        "version": text or "1.2.0",
        "source": f"{text or 'acme/llm.py'}:12",
        "host": "native",
        "host_why": text or "has async generate",
        "dialect": "openai-chat",
        "dialect_why": text or "sent POST /chat/completions",
        "base_url_ends_with": "/v1",
        "capabilities": {"streaming": True, text or "tools": False},
        "vendors": [text or "groq"],
        "conformant": not bad,
        "complete": not counts["not run"],
        "counts": dict(counts),
        "requirements": rules,
    }
    return ProviderRow(**{**told, **more})


def report(*providers: ProviderRow, time: str = "2026-01-02T03:04:05+00:00", **more: Any) -> Report:
    rows = list(providers) or [provider(USUAL)]
    made = footer(rows).model_copy(update={"time": time})
    return Report(python="3.11.7", exit_code=1, providers=rows, footer=made, **more)


def changed(id: str, **cases: str) -> dict[str, dict[str, str]]:
    """The usual verdicts, but for those cases of one requirement."""
    return {**USUAL, id: {**USUAL[id], **{name.replace("_", "-"): word for name, word in cases.items()}}}
