"""Transforms that tell the same answer in other JSON: unknown fields, another order, deltas that are empty, counts that
come early, late or twice."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from random import Random
from typing import Any

from conformance.replay.framing import Framing, compact
from conformance.replay.seeds import seeded

Pieces = Sequence[bytes]
Telling = Callable[[Any], Iterable[Any]]  # what is told in place of one event

# What vendors have put there, and what a reader that looks for words in the text of an event stumbles over.
NAMES = ("x_vendor", "service_tier", "obfuscation", "", "0", "_", "схема", "x-y.z", "__proto__")
VALUES: tuple[Any, ...] = (
    None, True, 0, -1.5, "", "a\nb", "data: x", "[DONE]", '"error"', [], {}, [None], {"error": {"message": "no"}},
    {"content": "no"}, [{"text": "no"}], 2**60, "\u2028",
)  # fmt: skip


def unknown_fields(chunks: Pieces, argument: str, framing: Framing) -> Pieces:
    """Fields that nobody knows: by a seed, or `[[3, "name", value], …]`: in the fourth object of the body."""
    events = [_or_none(e, framing) for e in framing.events(chunks)]
    homes = [home for told in events for home in _objects(told, framing)]
    for at, name, value in _added(argument, len(homes)) if homes else ():
        homes[at % len(homes)].setdefault(name, value)
    return [
        e if told is None else framing.told(e, told) for e, told in zip(framing.events(chunks), events, strict=True)
    ]


def _added(argument: str, count: int) -> list[tuple[int, str, Any]]:
    if argument.startswith("["):
        return [(int(at), str(name), value) for at, name, value in json.loads(argument)]
    chosen = seeded(argument)
    return [(chosen.randrange(count), chosen.choice(NAMES), chosen.choice(VALUES)) for _ in range(4)]


def reordered_keys(chunks: Pieces, argument: str, framing: Framing) -> Pieces:
    """The fields of every object in another order, by a seed; without one, backwards."""
    chosen = seeded(argument) if argument else None
    return _each(chunks, framing, lambda told: [_reordered(told, chosen)])


def _reordered(value: Any, chosen: Random | None) -> Any:
    if isinstance(value, list):
        return [_reordered(v, chosen) for v in value]
    if not isinstance(value, dict):
        return value
    names = list(value)[::-1]
    if chosen:
        chosen.shuffle(names)
    return {name: _reordered(value[name], chosen) for name in names}


def empty_deltas(chunks: Pieces, _: str, framing: Framing) -> Pieces:
    """Before each piece of text an empty one."""
    return _each(chunks, framing, lambda told: [*_blank(told, framing, ""), told])


def null_deltas(chunks: Pieces, _: str, framing: Framing) -> Pieces:
    """Before each piece of text one that is null."""
    return _each(chunks, framing, lambda told: [*_blank(told, framing, None), told])


def finish_twice(chunks: Pieces, _: str, framing: Framing) -> Pieces:
    """The event with the finish reason again, without its text."""

    def twice(told: Any) -> Iterator[Any]:
        yield told
        if _at(told, framing.places["finish"]):
            again = copy.deepcopy(told)
            again["choices"][0]["delta"] = {}
            yield again

    return _each(chunks, framing, twice)


def usage_early(chunks: Pieces, _: str, framing: Framing) -> Pieces:
    """The token counts with the first event, and nowhere else."""
    counts, first = _counts(chunks, framing), True

    def early(told: Any) -> Iterator[Any]:
        nonlocal first
        given, first = {"usage": counts} if first else {}, False
        yield {k: v for k, v in told.items() if k != "usage"} | given

    return _each(chunks, framing, early)


def usage_late(chunks: Pieces, _: str, framing: Framing) -> Pieces:
    """The token counts in an event of their own, after the finish reason."""
    counts = _counts(chunks, framing)

    def late(told: Any) -> Iterator[Any]:
        kept = {k: v for k, v in told.items() if k != "usage"}
        if kept.get("choices"):
            yield kept
        if _at(told, framing.places["finish"]):
            yield {**kept, "choices": [], "usage": counts}

    return _each(chunks, framing, late)


def usage_twice(chunks: Pieces, _: str, framing: Framing) -> Pieces:
    """The token counts again, in an event of their own."""
    return _each(chunks, framing, lambda told: [told, {**told, "choices": []}] if told.get("usage") else [told])


def usage_null(chunks: Pieces, _: str, framing: Framing) -> Pieces:
    """Token counts that are null in every event but the one that has them."""
    return _each(chunks, framing, lambda told: [told if told.get("usage") else {**told, "usage": None}])


def drop_done(chunks: Pieces, _: str, framing: Framing) -> Pieces:
    """The end without `[DONE]`, which many servers do not send."""
    return [e for e in framing.events(chunks) if b"[DONE]" not in e]


# --- places in JSON -------------------------------------------------------------------------------


def _each(chunks: Pieces, framing: Framing, telling: Telling) -> Pieces:
    """Other events in place of each that is a JSON object."""
    made: list[bytes] = []
    for event in framing.events(chunks):
        told = _or_none(event, framing)
        if isinstance(told, dict):
            made += [framing.told(event, t, again=i > 0) for i, t in enumerate(telling(told))]
        else:
            made.append(event)
    return made


def _or_none(event: bytes, framing: Framing) -> Any:
    try:
        return framing.payload(event)
    except ValueError:
        return None


def _counts(chunks: Pieces, framing: Framing) -> Any:
    told = (_or_none(e, framing) for e in framing.events(chunks))
    return next((t["usage"] for t in reversed(list(told)) if isinstance(t, dict) and t.get("usage")), None)


def _objects(value: Any, framing: Framing) -> Iterator[dict[str, Any]]:
    """Those to which a field may be added: not what is a person's own, such as arguments of a tool."""
    if isinstance(value, dict):
        yield value
    for name, inner in (
        value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ())
    ):
        if name not in framing.closed:
            yield from _objects(inner, framing)


def _blank(told: Any, framing: Framing, blank: str | None) -> list[Any]:
    """The event with that text blank, and nothing beside it; none where there is no text, or the answer ends."""
    path = framing.places["text"]
    if not _at(told, path) or any(mark in compact(told) for mark in framing.complete):
        return []
    *way, last = path.split(".")
    made = copy.deepcopy(told)
    holder = made
    for name in way:
        if isinstance(holder, list):
            holder[:] = [holder[int(name)]]
            name = "0"  # noqa: PLW2901
        holder = holder[int(name) if isinstance(holder, list) else name]
    if way:  # what else a piece may hold, such as a call, would come twice
        for other in set(holder) - {last, "type", "role"}:
            del holder[other]
    holder[last] = blank
    return [made]


def _at(told: Any, path: str) -> Any:
    """What is there; None for nothing."""
    *way, last = path.split(".")
    try:
        return _holder(told, way).get(last)
    except (KeyError, IndexError, TypeError, AttributeError):
        return None


def _holder(value: Any, way: Sequence[str]) -> Any:
    for name in way:
        value = value[int(name) if name.isdigit() else name]
    return value
