"""Evidence in a few words, and what the clauses make of it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from conformance import dialects
from conformance.case import Case
from conformance.contract import Reply, ToolCall, Usage
from conformance.suites import judge
from conformance.suites.evidence import Evidence
from conformance.trace import Exchange, Failure, Outcome, StreamEvent, Trace
from conformance.verdict import Violation

KEY = "sk-canaryXYZ"
BODY: dict[str, Any] = {"model": "kit-model", "messages": [{"role": "user", "content": "Name three rivers."}]}
HEADERS = [("authorization", f"Bearer {KEY}"), ("content-type", "application/json")]
STREAM = {"ask": {"op": "stream"}}
EMBED = {"ask": {"op": "embed"}}
HUNG = Failure(type="hung", text="no result within 3 seconds: the call was given up", typed=False)


def request(
    body: Any = BODY, path: str = "/v1/chat/completions", operation: str | None = "chat", **more: Any
) -> Exchange:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    facts: dict[str, Any] = {"method": "POST", "query": "", "headers": [*HEADERS], "connection": 1, "at": 1.0} | more
    return Exchange(path=path, body=sent, operation=operation, ended="complete", **facts)


def models_request() -> Exchange:
    return request(b"", "/v1/models", "models", method="GET")


def error(kind: str | None = "server", **more: Any) -> Failure:
    return Failure(type="acme.ProviderError", text="acme: 500: out", typed=kind is not None, kind=kind, **more)


def replace_exchange(**facts: Any) -> Exchange:
    return replace(request(), **facts)


def events(*kinds: str) -> list[StreamEvent]:
    """`done`, `reasoning: x`, or a text."""
    found = []
    for i, said in enumerate(kinds):
        kind, colon, text = said.partition(": ")
        found.append(
            StreamEvent(said if said in ("done", "other") else kind if colon else "text", text or said, float(i))
        )
    return found


WHOLE = Reply(
    text="Hi",
    finish_reason="stop",
    tool_calls=[ToolCall("call_1", "now", {"zone": "CET"})],
    refusal="No.",
    reasoning="Hm.",
    usage=Usage(1, 2, 3),
    model="m-2",
    id="gen-1",
)
EMBEDDED = [request({"model": "m", "input": ["one", "two"]}, "/v1/embeddings", "embeddings")]


def judged(
    then: dict[str, Any],
    outcome: Outcome | None = None,
    exchanges: list[Exchange] | None = None,
    case: dict[str, Any] | None = None,
    **trace: Any,
) -> tuple[list[Violation], int]:
    made = Case.model_validate({"case": "made", "proves": "REQ-001", "then": then, **(case or {})})
    sent = [request()] if exchanges is None else exchanges
    seen = Trace(outcome or Outcome(reply=Reply("Hi", "stop")), exchanges=sent, **trace)
    return judge(made, Evidence(seen, made, dialects.load("openai-chat"), mount="/v1", added="", key=KEY))


def passes(then: dict[str, Any], *args: Any, **more: Any) -> None:
    violations, checks = judged(then, *args, **more)
    assert violations == []
    assert checks > 0


def fails(then: dict[str, Any], headline: str, expected: str, got: str, *args: Any, **more: Any) -> None:
    violations, checks = judged(then, *args, **more)
    assert [(v.headline, v.expected, v.got) for v in violations] == [(headline, expected, got)]
    assert checks > 0


def headlines(then: dict[str, Any], *args: Any, **more: Any) -> list[str]:
    return [v.headline for v in judged(then, *args, **more)[0]]


def asking(**ask: Any) -> dict[str, Any]:
    return {"ask": ask}
