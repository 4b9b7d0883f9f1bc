"""What went wrong, in the contract's kinds. Codes speak before the status."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from time import time
from typing import Any, ClassVar

from conformance.contract import ErrorKind, ProviderError

BY_STATUS: dict[int, ErrorKind] = {
    400: "invalid_request",
    401: "auth",
    402: "billing",
    403: "permission",
    404: "not_found",
    408: "timeout",
    413: "invalid_request",
    422: "invalid_request",
    429: "rate_limit",
    503: "overloaded",
    504: "timeout",
    529: "overloaded",
}
LONGEST_TEXT = 500  # a proxy's HTML page is not an error message


class MapsErrors:
    name: str
    api_key: str | None
    timeout: float
    by_code: ClassVar[Mapping[str, ErrorKind]] = {}  # the provider's own words for the kinds

    def error(self, status: int | None, headers: Mapping[str, str], body: bytes) -> ProviderError:
        """The error that an HTTP answer, or an error object inside a 200, stands for."""
        text, codes = self.describe(body)
        if status is None or status < 400:
            status = next((int(c) for c in codes if c.isdigit() and 400 <= int(c) < 600), status)
        return ProviderError(
            self.clean(f"{self.name}: {status or 'error'}: {text}"),
            kind=self.kind(status, codes, text),
            status=status,
            code=next(iter(codes), None),
            retry_after=self.retry_after(headers),
            provider=self.name,
        )

    def describe(self, body: bytes) -> tuple[str, list[str]]:
        """The provider's own words and codes, from any of the shapes in which they come."""
        text = body.decode("utf-8", "replace").strip()
        try:
            data: Any = json.loads(text)
        except ValueError:
            return text[:LONGEST_TEXT] or "no details", []
        if isinstance(data, list):
            data = data[0] if data else {}
        if isinstance(data, dict) and data.get("error"):
            outer, data = data, data["error"]
            if isinstance(data, str):
                data = {**outer, "message": outer.get("message") or data}
        if not isinstance(data, dict):
            return text[:LONGEST_TEXT] or "no details", []
        message = data.get("message") or data.get("detail") or text
        codes = [str(data[k]) for k in ("code", "type") if isinstance(data.get(k), str | int)]
        return str(message)[:LONGEST_TEXT], codes

    def kind(self, status: int | None, codes: list[str], text: str) -> ErrorKind:
        return next((self.by_code[c] for c in codes if c in self.by_code), self.kind_of_status(status))

    def kind_of_status(self, status: int | None) -> ErrorKind:
        if status in BY_STATUS:
            return BY_STATUS[status]
        return "invalid_request" if status and 400 <= status < 500 else "server"

    def retry_after(self, headers: Mapping[str, str]) -> float | None:
        """Seconds to wait, from `retry-after-ms` or either form of `Retry-After` (RFC 9110, 10.2.3)."""
        for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
            value = headers.get(name, "")
            try:
                seconds = float(value) * unit
            except ValueError:
                seconds = self.until(value)
            if math.isfinite(seconds) and seconds >= 0:
                return seconds
        return None

    def until(self, date: str) -> float:
        """From any of the three forms of a date (RFC 9110, 5.6.7), of which one does not name its zone."""
        try:
            at = parsedate_to_datetime(date)
        except (ValueError, OverflowError):
            return math.nan
        return max(0.0, at.replace(tzinfo=at.tzinfo or UTC).timestamp() - time())

    def malformed(self, what: str) -> ProviderError:
        return ProviderError(self.clean(f"{self.name}: {what}"), kind="malformed", provider=self.name)

    def clean(self, text: str) -> str:
        """Providers quote the key in their messages; it goes no further."""
        return text.replace(self.api_key, "***") if self.api_key else text
