"""A trace with what is needed to read it: the dialect, the question, the key, and short ways of saying things."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from conformance import profile as profiles
from conformance.case import Case
from conformance.dialects import OPERATION, Dialect, Read
from conformance.profile import Profile
from conformance.then import Then
from conformance.trace import Exchange, Failure, Trace

BEFORE_THE_WIRE = ("refuse", "connect_timeout", "bad_tls")


@dataclass(frozen=True)
class Evidence:
    trace: Trace
    case: Case
    dialect: Dialect
    mount: str
    added: str  # what the adapter itself puts between its base URL and the route
    key: str  # the canary
    profile: Profile = field(default_factory=lambda: profiles.load("native"))
    secrets: Sequence[str] = ()  # to sign with, as the adapter is configured

    @property
    def error(self) -> Failure | None:
        return self.trace.outcome.error

    @property
    def untold(self) -> Collection[str]:
        """Fields of a reply that the host's types do not have, or the wire has no word for."""
        host, wire = self.profile.untold, self.dialect.facts.untold
        return {*(host.stream if self.case.ask.op == "stream" else host.reply), *wire.reply}

    @property
    def unasked(self) -> Collection[str]:
        """Fields of a request that the host's types do not have, or the wire has no word for."""
        return {*self.profile.untold.ask, *self.dialect.facts.untold.ask}

    def may_lack(self, field: str, value: Any) -> bool:
        """Whether this value means that an optional field is not told, where another requirement asks for it."""
        if field not in self.profile.optional or self.case.proves in self.profile.levels:
            return False
        counts = ("input_tokens", "output_tokens", "total_tokens")
        return value in (None, "unknown") or (field == "usage" and all(getattr(value, c, None) is None for c in counts))

    def can_be_told(self, then: Then) -> bool:
        """Whether the host's types have any field of the reply that is wanted."""
        wanted = then.reply.model_fields_set if then.reply else set()
        return not wanted or bool(wanted - set(self.untold))

    @property
    def hung(self) -> bool:
        """The call was given up: what it would have done is not known."""
        return self.error is not None and self.error.type == "hung"

    @cached_property
    def asked(self) -> Sequence[Exchange]:
        """The requests that the call itself made, not those on the way to it."""
        wanted = OPERATION.get(self.case.ask.op)
        return [e for e in self.trace.exchanges if wanted in (None, e.operation) or e.operation is None]

    @cached_property
    def origin(self) -> str:
        """Host and port of the base URL, or the fixed address."""
        fixed = self.trace.exchanges[0].header("host") if self.trace.answered and self.trace.exchanges else None
        return fixed or urlsplit(self.trace.base_url.strip()).netloc.rpartition("@")[2].lower()

    @cached_property
    def elsewhere(self) -> Sequence[Exchange]:
        """Requests to another origin: a redirect was followed. A host that lacks its port is no other one."""
        here = {self.origin, self.origin.rpartition(":")[0]}
        return [e for e in self.trace.exchanges if (e.header("host") or self.origin).lower() not in here]

    @cached_property
    def read(self) -> Read | None:
        """The first such request as the dialect understands it; None where it cannot."""
        for exchange in self.asked:
            if exchange.operation is not None:
                try:
                    return self.dialect.read(exchange)
                except (ValueError, KeyError, TypeError, AttributeError):
                    return None
        return None

    @property
    def inputs(self) -> Sequence[str]:
        """Of all requests for embeddings: where a request takes one text, there is one for each."""
        if self.read is None or len(self.asked) == 1:
            return self.read.inputs if self.read else ()
        return [text for exchange in self.asked for text in self.dialect.read(exchange).inputs]

    def nothing_was_asked(self, case: Case) -> bool:
        """An answer without a request is invented. An error may come before any, where the case allows it."""
        expects_one = case.answers[0].fault not in BEFORE_THE_WIRE and not self.asked
        return expects_one and not any(map(_asks_for_silence, (case.then, *case.then.either)))

    def result(self) -> str:
        """What the call gave the host, in one line."""
        out = self.trace.outcome
        said = "".join(e.text for e in out.events if e.kind == "text")
        said = said if len(said) <= 300 else f"{said[:300]}…"
        before = f"after text {said!r}, " if said and out.error else ""
        if out.error is not None:
            return before + _failure(out.error)
        if out.nonsense:
            return out.nonsense
        if out.reply is not None:
            return describe(out.reply)
        if out.vectors is not None:
            return f"{len(out.vectors)} vectors"
        if out.models is not None:
            return f"models {out.models}"
        if out.health is not None:
            return f"health ok={getattr(out.health, 'ok', None)} {getattr(out.health, 'detail', '')!r}"
        return f"a stream that ended without a final event, text {said!r}" if out.events else "nothing"


def _asks_for_silence(then: Then) -> bool:
    """Whether a call that sends nothing may be right."""
    return bool(then.rejected or then.refused or then.taken or (then.sent and then.sent.requests == 0))


def describe(reply: Any) -> str:
    """A reply in one line, without what it does not have."""
    fields = ("text", "finish_reason", "tool_calls", "refusal", "reasoning", "usage", "model", "id")
    shown = {f: getattr(reply, f, None) for f in fields}
    kept = [f"{k}={v!r}" for k, v in shown.items() if v not in (None, (), []) or k in ("text", "finish_reason")]
    return "reply " + " ".join(kept) + ", no error"


def _failure(error: Failure) -> str:
    facts = {"kind": error.kind, "status": error.status, "code": error.code, "retry_after": error.retry_after}
    told = " ".join(f"{k}={v}" for k, v in facts.items() if v is not None)
    place = f" (at {error.where})" if error.where and not error.typed else ""
    text = error.text if len(error.text) <= 300 else f"{error.text[:300]}… ({len(error.text)} characters)"
    return f"{error.type.rpartition('.')[2]}({text!r}){f' {told}' if told else ''}{place}"
