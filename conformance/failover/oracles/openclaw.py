"""OpenClaw as it is shipped: a `FailoverReason` is read out of the error, and decides. A model: it lives in Node.

The host retries itself. Retry-After is the least that it waits; where that is more than a minute it goes to the next
model of `agents.defaults.model.fallbacks`. The reason comes from the kind that the driver found, else from the status.
"""

from __future__ import annotations

import re

from conformance.trace import Decision, Failure

LONGEST = 60.0  # seconds: maxRetryDelayMs
BY = "a model of FailoverReason and of the run's retries"

_OF_STATUS = {
    400: "format",
    401: "auth",
    402: "billing",
    403: "auth_permanent",
    404: "model_not_found",
    408: "timeout",
    410: "session_expired",
    429: "rate_limit",
    499: "timeout",
    503: "overloaded",
    504: "timeout",
    522: "timeout",
    524: "timeout",
    529: "overloaded",
}
_DOES = {
    "auth": "skip",
    "auth_permanent": "skip",
    "billing": "skip",
    "rate_limit": "wait",
    "overloaded": "retry",
    "server_error": "retry",
    "timeout": "retry",
    "format": "stop",
    "context_overflow": "stop",
}


def decide(exc: BaseException | None, failure: Failure) -> Decision:
    reason = failure.kind or _OF_STATUS.get(failure.status or 0)
    reason = reason or ("server_error" if (failure.status or 0) >= 500 else "unclassified")
    does = _DOES.get(reason, "next")
    told = failure.retry_after if failure.retry_after is not None else _said(failure.text)
    if does in ("wait", "retry") and told is not None and told > LONGEST:
        return Decision("next", f"{reason}, and a wait of {told:g} s", by=BY)
    return Decision(does, reason, told if does in ("wait", "retry") else None, by=BY)


def _said(text: str) -> float | None:
    """The wait comes to the host in the text."""
    found = re.search(r"Retry-After: ([\d.]+) seconds?", text)
    return float(found[1]) if found else None
