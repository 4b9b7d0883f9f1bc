"""What a case looks at, and does with an adapter, that not every adapter or host can show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.case import Case
from conformance.then import Then


def demands(case: Case) -> Iterator[str]:
    yield from looked_at(case.then)
    yield from _ways(case)


def looked_at(then: Then) -> Iterator[str]:
    """What can be seen only where the adapter runs."""
    yield from (*then.secret_not_in, *then.prompt_not_in, *then.untouched)
    yield from (name for name in ("waits_at_most", "unchanged") if getattr(then, name) is not None)
    yield from ["repr"] * bool(then.printable)
    for alternative in then.either:
        yield from looked_at(alternative)


def is_exact(case: Case) -> bool:
    """Whether it tells numbers apart that are one and the same double."""
    alternatives = [case.then, *case.then.either]
    wanted = [call for then in alternatives if then.reply for call in then.reply.tool_calls]
    asked = [call.arguments for message in case.ask.messages for call in message.tool_calls]
    numbers = _numbers([asked, [call.arguments for call in wanted]])
    return any(call.exact for call in wanted) or any(isinstance(n, int) and abs(n) >= 2**53 for n in numbers)


def _numbers(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _numbers(part)
    else:
        yield value


def _ways(case: Case) -> Iterator[str]:
    """What a case does with an adapter beyond asking it once, and waiting."""
    ways = {
        "exact": is_exact(case),
        "several": case.several is not None or case.law == "at-once",
        "meanwhile": case.several is not None and case.several.how == "while_open",
        "cancel": case.ask.cancel is not None,
        "drop": case.ask.leave == "drop",
        "pause": case.ask.pause > 0,
        "imports": case.then.imports is not None,
        "names_model": case.ask.op == "embed" and case.ask.model not in (None, case.adapter.model),
    }
    return (way for way, taken in ways.items() if taken)
