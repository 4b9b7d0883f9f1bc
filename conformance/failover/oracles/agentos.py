"""AgentOS: `isRetryableError` of its generateText, and its `LLMProviderHealthRegistry`. A model, for where the package
is not installed beside the adapter; where it is, the process in Node asks it (drivers/node/hosts/agentos_decides.mjs).

Only statuses and words of the list go to the next provider; 408, 529 and a plain "timed out" are not on it.
"""

from __future__ import annotations

import re

from conformance.trace import Decision, Failure

_STATUSES = (401, 402, 403, 429, 500, 502, 503, 504)
_LEFT_OUT = {402: 300.0, 401: 1800.0, 403: 1800.0}  # seconds, after one failure; others have several
_WORDS = re.compile(
    r"fetch failed|ECONNREFUSED|ETIMEDOUT|ENOTFOUND|insufficient credit|quota|rate.?limit|too many requests|"
    r"content.?policy",
    re.IGNORECASE,
)
BY = "a model of isRetryableError and LLMProviderHealthRegistry"


def decide(exc: BaseException | None, failure: Failure) -> Decision:
    status = failure.status or _in_words(failure.text)
    if status in _LEFT_OUT:
        return Decision("skip", f"status {status}", _LEFT_OUT[status], by=BY)
    if status in _STATUSES:
        return Decision("next", f"status {status}", by=BY)
    if word := _WORDS.search(failure.text):
        return Decision("next", word[0], by=BY)
    return Decision("stop", f"status {status}" if status else "no status and no word of its list", by=BY)


def _in_words(text: str) -> int | None:
    found = re.search(r"\b(401|402|403|429|500|502|503|504)\b", text)
    return int(found[1]) if found else None
