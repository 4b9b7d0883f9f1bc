"""What became of one case, and what is said about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Literal


class Result(StrEnum):
    PASS = "pass"
    FAIL = "fail"
    KNOWN = "known failure"  # it fails as an entry of the project's known-failures file says
    UNSUPPORTED = "unsupported"  # the adapter declares that it cannot: nothing was judged
    BLOCKED = "blocked"  # a requirement that this one builds on is broken
    VACUOUS = "vacuous"  # nothing was looked at: no pass
    KIT_ERROR = "kit error"  # the kit failed, not the adapter


@dataclass(frozen=True)
class Violation:
    """One thing that is wrong: `headline` in the field's words, then what was expected and what came."""

    headline: str
    expected: str = ""
    got: str = ""
    after: str = ""  # the requirement that this builds on, whatever is being proved


@dataclass(frozen=True)
class Mark:
    """One thing on the wire: what the adapter sent, what the server sent, or what happened; its bytes in the body."""

    who: Literal[">", "<", "!"]
    text: str
    at: int | None = None
    to: int | None = None  # the byte after it


@dataclass(frozen=True)
class Verdict:
    """`checks` counts what was looked at; `reason` says why a case was not judged."""

    result: Result
    violations: Sequence[Violation] = ()
    checks: int = 0
    reason: str = ""
    asked: str = ""
    wire: Sequence[str] = field(default=())
    timeline: Sequence[Mark] = ()  # the wire once more, with its bytes
    example: str = ""  # of a law: the smallest that breaks it
    known: str = ""  # what the known-failures file says of it; of what is blocked: that only known failures block it
    seconds: float = 0.0

    @property
    def headline(self) -> str:
        """One line, enough to act on."""
        if self.violations:
            more = len(self.violations) - 1
            return self.violations[0].headline + (f" (and {more} more)" if more else "")
        return self.reason

    def as_data(self) -> dict[str, Any]:
        """Plain data, fit for JSON and for the way between processes."""
        return {
            "result": str(self.result),
            "violations": [{k: getattr(v, k) for k in ("headline", "expected", "got")} for v in self.violations],
            "checks": self.checks,
            "reason": self.reason,
            "asked": self.asked,
            "wire": list(self.wire),
            "timeline": [asdict(mark) for mark in self.timeline],
            "example": self.example,
            "known": self.known,
            "seconds": round(self.seconds, 6),
        }
