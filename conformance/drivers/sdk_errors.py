"""Errors of hosts that let the exceptions of vendors' SDKs through, or have classes much like theirs.

What a host's user can go by is the status, and where there is none the name of the class or of one it is made
from: `RateLimitError`, `APITimeoutError`, `ConnectError`. The words are those of the classes of OpenAI's SDK.
"""

from __future__ import annotations

import traceback
from dataclasses import replace
from pathlib import Path

from conformance.drivers.failures import failure
from conformance.trace import Failure

_STATUS = {401: "auth", 403: "permission", 404: "not_found", 408: "timeout", 429: "rate_limit"}
# Looked for in the name of each class, the exception's own first; the first that is found decides.
_NAMES = {
    "timeout": ("timeout", "timedout"),
    "rate_limit": ("ratelimit", "quota"),
    "auth": ("authentication",),
    "permission": ("permissiondenied",),
    "not_found": ("notfound",),
    "network": ("connect", "network", "readerror", "writeerror", "remoteprotocol", "transporterror"),
    "server": ("internalserver", "serviceunavailable", "servererror", "overloaded", "badgateway"),
    "bad_request": ("badrequest", "unprocessable", "contextwindow", "contentpolicy", "contentfilter", "unsupported"),
}

_NO_KEY = (
    "api_key",
    "api key",
    "credential",
    "authentication token",
)  # raised before any request, where there is no status


def classified(exc: BaseException) -> str:
    if word := _of_status(_status(exc)):
        return word
    for cls in type(exc).__mro__:
        name = cls.__name__.lower()
        if word := next((w for w, parts in _NAMES.items() if any(p in name for p in parts)), None):
            return word
    if any(words in str(exc).lower() for words in _NO_KEY):
        return "auth"
    return "unknown"


def sdk_failure(exc: BaseException) -> Failure:
    """A fault of ours (`Refused`) stays what it is; an adapter's own KeyError is told by its type."""
    seen = failure(exc)
    word = "bad_request" if isinstance(exc, NotImplementedError) else classified(exc)
    return replace(seen, typed=True, kind=word, status=_status(exc), where=seen.where or _innermost(exc))


def _status(exc: BaseException) -> int | None:
    found = getattr(exc, "status_code", None)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def _of_status(status: int | None) -> str | None:
    if status is None or status < 400:
        return None
    return _STATUS.get(status, "server" if status >= 500 else "bad_request")


def _innermost(exc: BaseException) -> str:
    frames = traceback.extract_tb(exc.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno} in {frames[-1].name}" if frames else ""
