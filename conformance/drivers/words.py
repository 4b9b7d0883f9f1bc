"""What the Python hosts have in common: OpenAI's words for why an answer ended and what it cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.contract import FinishReason, Usage

_FINISH: dict[str, FinishReason] = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
}


def finish_reason(word: Any) -> FinishReason:
    """None is not told, and a vendor's own word is nothing that a host knows."""
    return _FINISH.get(word, "unknown") if isinstance(word, str) else "unknown"


def usage(counts: Any) -> Usage | None:
    if not isinstance(counts, Mapping):
        return None
    return Usage(counts.get("prompt_tokens"), counts.get("completion_tokens"), counts.get("total_tokens"))
