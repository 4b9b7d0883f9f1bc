"""What LLM Council makes of an error: it reads the words of `str(exc)`, and nothing else.

The words are those of its `classify_error` (llm_council/providers/base.py). The first that is found decides,
in this order; status codes are words too.
"""

from __future__ import annotations

_WORDS: dict[str, tuple[str, ...]] = {
    "empty_response": ("empty_response:",),
    "billing": (
        "billing",
        "payment",
        "insufficient_quota",
        "exceeded your current quota",
        "insufficient credits",
        "requires more credits",
        "credit balance is too low",
        "account has been suspended",
        "plan does not include",
        "upgrade your plan",
    ),
    "rate_limit": ("429", "rate limit", "rate_limit", "too many requests", "throttl"),
    "auth": (
        "401",
        "unauthorized",
        "authentication",
        "invalid api key",
        "invalid_api_key",
        "api key not found",
        "not logged in",
    ),
    "model_unavailable": (
        "model not found",
        "model_not_found",
        "does not exist",
        "unsupported model",
        "not supported when using codex with a chatgpt account",
        "publisher model",
        "project does not have access to it",
    ),
    "timeout": ("timeout", "timed out", "deadline exceeded", "deadline_exceeded", "deadline expired"),
    "network": (
        "connection",
        "network",
        "dns",
        "socket",
        "ssl",
        "econnrefused",
        "econnreset",
        "etimedout",
        "did not complete",
        # the provider's own failures, which the host tries again like those of the network
        "500",
        "502",
        "503",
        "504",
        "internal server error",
        "bad gateway",
        "service unavailable",
        "selected model is at capacity",
        "server error",
        "overloaded",
        "api_error",
    ),
}


def classified(text: str) -> str:
    """The host's kind of an error with this text."""
    said = text.lower()
    return next((kind for kind, words in _WORDS.items() if any(word in said for word in words)), "unknown")
