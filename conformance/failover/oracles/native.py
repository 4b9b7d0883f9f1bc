"""The native contract: the kind of the error is all that a host needs, and `retry_after` for how long it waits."""

from __future__ import annotations

from conformance.trace import Decision, Failure

_DOES = {
    "auth": "skip",
    "permission": "skip",
    "billing": "skip",
    "rate_limit": "wait",
    "overloaded": "next",
    "not_found": "next",
    "server": "next",
    "network": "next",
    "timeout": "next",
    "malformed": "next",
    "unsupported": "next",
    "context_length": "stop",  # of this provider and any other of its size
    "content_filter": "stop",
    "invalid_request": "stop",
}


def decide(exc: BaseException | None, failure: Failure) -> Decision:
    kind = failure.kind or ""
    if kind not in _DOES:
        return Decision("stop", "no error of the contract", by="docs/native-contract.md")
    wait = failure.retry_after if _DOES[kind] == "wait" else None
    return Decision(_DOES[kind], kind, wait, by="docs/native-contract.md")
