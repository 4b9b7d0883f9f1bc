"""What the readings of recorded answers share. They read with nothing but `json`: an opinion that owes no adapter
anything."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from conformance.contract import ERROR_KINDS
from conformance.dialects import Said

PLAUSIBLE: dict[int, set[str]] = {
    400: {"invalid_request", "context_length", "content_filter", "auth", "not_found", "billing"},
    401: {"auth"},
    402: {"billing"},
    403: {"permission", "auth"},
    404: {"not_found"},
    408: {"timeout"},
    413: {"invalid_request", "context_length"},
    422: {"invalid_request"},
    429: {"rate_limit", "billing"},
    500: {"server"},
    501: {"server"},
    503: {"overloaded", "server"},
    504: {"timeout", "server"},
    529: {"overloaded"},
}
ANY_OF_THE_PROVIDER = set[str]().union(*PLAUSIBLE.values()) - {"timeout"}
CUT = {"network", "malformed"}  # an answer that is not whole


def failure(status: int, plausible: Mapping[int, set[str]] = PLAUSIBLE) -> Said | None:
    """What a status tells; None where the answer is in the body. Raises ValueError where there is no telling."""
    if status >= 400:
        return Said(kinds=plausible.get(status, {"server"} if status >= 500 else set(ERROR_KINDS)))
    if status != 200:
        raise ValueError(f"the status is {status}")
    return None


@contextmanager
def shape() -> Iterator[None]:
    """What is not as it should be raises ValueError: there is no telling."""
    try:
        yield
    except (KeyError, IndexError, TypeError, AttributeError, struct.error) as exc:
        raise ValueError(f"it is not of a shape that is known: {exc!r}") from None


def events(body: str) -> Iterator[str]:
    """The data of server-sent events. What a recording broke off in the middle of is none."""
    *lines, last = body.replace("\r\n", "\n").split("\n")
    for line in [*lines, last] if is_whole(last) else lines:
        if line.startswith("data:"):
            yield line.removeprefix("data:").strip()


def is_whole(line: str) -> bool:
    data = line.removeprefix("data:").strip()
    return data == "[DONE]" or is_json(data)


def is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def with_calls(answer: Said, calls: Iterable[tuple[str, Any]]) -> Said:
    """Arguments are an object, or the JSON text of one."""
    for name, arguments in calls:
        try:
            parsed = json.loads(arguments or "{}") if isinstance(arguments, str) else arguments or {}
        except ValueError:
            parsed = None
        if not isinstance(parsed, dict):
            answer.kinds = {"malformed"}
        answer.calls.append((name, parsed))
    return answer


def embedded(vectors: list[list[float]], **more: Any) -> Said:
    """Of one length each, and of numbers that are some."""
    right = len({*map(len, vectors)}) < 2 and all(math.isfinite(x) for vector in vectors for x in vector)
    return Said(vectors=vectors, kinds=set() if right else {"malformed"}, **more)
