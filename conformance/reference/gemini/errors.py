"""What went wrong, as Google's servers say it: a status in words, and details of several types."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, ClassVar

from conformance.contract import ErrorKind, ProviderError
from conformance.reference.wire.errors import MapsErrors

TOO_LONG = re.compile(r"input token count|exceeds the maximum number of tokens|context (length|window)", re.I)
BAD_KEY = re.compile(r"api key (not valid|expired|not found)", re.I)
DELAY = re.compile(r"(\d+(?:\.\d+)?)s")


class MapsGeminiErrors(MapsErrors):
    by_code: ClassVar[Mapping[str, ErrorKind]] = {
        "API_KEY_INVALID": "auth",
        "BILLING_DISABLED": "billing",
        "QUOTA_PER_DAY": "billing",
        "UNAUTHENTICATED": "auth",
        "PERMISSION_DENIED": "permission",
        "RESOURCE_EXHAUSTED": "rate_limit",
        "NOT_FOUND": "not_found",
        "UNAVAILABLE": "overloaded",
        "INTERNAL": "server",
        "DEADLINE_EXCEEDED": "timeout",
    }

    def error(self, status: int | None, headers: Mapping[str, str], body: bytes) -> ProviderError:
        """The wait is told in the body, where it is told at all."""
        made = super().error(status, headers, body)
        if made.retry_after is None:
            made.retry_after = self.delay(self.failure(body))
        return made

    def describe(self, body: bytes) -> tuple[str, list[str]]:
        """The reason in the details is the nearest to the truth, then the status in words, then the number."""
        text, codes = super().describe(body)
        failure = self.failure(body)
        reasons = [str(d["reason"]) for d in self.details(failure) if d.get("reason")]
        if "PerDay" in json.dumps(self.details(failure)):
            reasons.append("QUOTA_PER_DAY")
        status = [failure["status"]] if isinstance(failure.get("status"), str) else []
        return text, [*reasons, *status, *codes]

    def kind(self, status: int | None, codes: list[str], text: str) -> ErrorKind:
        if status in (400, None) and BAD_KEY.search(text):
            return "auth"
        if status in (400, 413, None) and TOO_LONG.search(text):
            return "context_length"
        return super().kind(status, codes, text)

    def failure(self, body: bytes) -> dict[str, Any]:
        """The error object, alone or as the only element of a list; empty where there is none."""
        try:
            data = json.loads(body.decode())
        except ValueError:
            return {}
        if isinstance(data, list) and data:
            data = data[0]
        found = data.get("error") if isinstance(data, dict) else None
        return found if isinstance(found, dict) else {}

    def details(self, failure: dict[str, Any]) -> list[dict[str, Any]]:
        details = failure.get("details")
        return [d for d in details if isinstance(d, dict)] if isinstance(details, list) else []

    def delay(self, failure: dict[str, Any]) -> float | None:
        """Of google.rpc.RetryInfo: "37s"."""
        for detail in self.details(failure):
            if found := DELAY.fullmatch(str(detail.get("retryDelay"))):
                return float(found[1])
        return None
