"""What went wrong, as providers of this dialect say it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar

from conformance.contract import ErrorKind
from conformance.reference.wire.errors import MapsErrors

TOO_LONG = re.compile(
    r"context (length|size|window|limit)|maximum context|too many (prompt )?tokens"
    r"|prompt (is )?too long|total length of all messages",
    re.I,
)


class MapsChatErrors(MapsErrors):
    by_code: ClassVar[Mapping[str, ErrorKind]] = {
        "authentication_error": "auth",
        "invalid_api_key": "auth",
        "billing_not_active": "billing",
        "insufficient_quota": "billing",
        "content_filter": "content_filter",
        "content_policy_violation": "content_filter",
        "context_length_exceeded": "context_length",
        "exceed_context_size_error": "context_length",
        "model_not_found": "not_found",
        "overloaded_error": "overloaded",
        "permission_error": "permission",
        "rate_limit_error": "rate_limit",
        "rate_limit_exceeded": "rate_limit",
        "server_error": "server",
    }

    def kind(self, status: int | None, codes: list[str], text: str) -> ErrorKind:
        named = any(code in self.by_code for code in codes)
        if not named and status in (400, 413, 422, None) and TOO_LONG.search(text):
            return "context_length"
        return super().kind(status, codes, text)
