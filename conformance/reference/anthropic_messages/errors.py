"""What went wrong, as Anthropic says it: a type, and for some things only words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar

from conformance.contract import ErrorKind
from conformance.reference.wire.errors import MapsErrors

BY_TEXT: list[tuple[re.Pattern[str], ErrorKind]] = [
    (re.compile(r"prompt is too long|exceeds? (the )?(available )?context|maximum context", re.I), "context_length"),
    (re.compile(r"credit balance is too low", re.I), "billing"),
    (re.compile(r"content filtering policy", re.I), "content_filter"),
]


class MapsMessageErrors(MapsErrors):
    by_code: ClassVar[Mapping[str, ErrorKind]] = {
        "api_error": "server",
        "authentication_error": "auth",
        "billing_error": "billing",
        "not_found_error": "not_found",
        "overloaded_error": "overloaded",
        "permission_error": "permission",
        "rate_limit_error": "rate_limit",
        "request_too_large": "invalid_request",
        "timeout_error": "timeout",
    }

    def kind(self, status: int | None, codes: list[str], text: str) -> ErrorKind:
        """invalid_request_error is the type of everything that has none of its own: words and status tell more."""
        if any(code in self.by_code for code in codes):
            return super().kind(status, codes, text)
        told = next((kind for pattern, kind in BY_TEXT if pattern.search(text)), None)
        if told is not None and status in (400, 413, 422, None):
            return told
        return "invalid_request" if status is None and "invalid_request_error" in codes else self.kind_of_status(status)
