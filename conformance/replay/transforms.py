"""Named changes of a recorded body, each one thing that a server, a proxy or a network may do to it.

A transform takes the body's pieces and gives new ones; a piece is one HTTP chunk, so one read.
`apply(["crlf", "bytewise"], chunks)` runs them in turn. Arguments follow an `@` or a colon: `cut@event:3`, `split:7`;
where a number is a seed, the same number makes the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from conformance.replay import breaking, reframing, retelling, rewriting
from conformance.replay.framing import Framing

Pieces = Sequence[bytes]
Transform = Callable[[Pieces, str, Framing], Pieces]

SSE = Framing()

_SPEC = re.compile(r"([a-z-]*)(?:([@:])(.*))?", re.S)


class UnknownTransform(ValueError):
    """No such transform, or an argument that it does not take."""


def apply(names: str | Iterable[str], chunks: Pieces, framing: Framing = SSE) -> Pieces:
    """The pieces after all the transforms. Raises `UnknownTransform`."""
    for spec in listed(names):
        name, argument = parsed(spec)
        if name not in UNSAYABLE.get(framing.name, ()):
            try:
                chunks = TRANSFORMS[name](chunks, argument, framing)
            except ValueError as exc:
                raise UnknownTransform(str(exc)) from None
    return chunks


def parsed(spec: str) -> tuple[str, str]:
    """The name and the argument. Raises `UnknownTransform`."""
    found = _SPEC.fullmatch(spec)
    name, argument = (found[1], found[3] or "") if found else (spec, "")
    if name not in TRANSFORMS:
        raise UnknownTransform(f"there is no transform {name!r}; there are {', '.join(sorted(TRANSFORMS))}")
    if argument and name not in TAKE_AN_ARGUMENT:
        raise UnknownTransform(f"{name} takes no argument, not {argument!r}")
    return name, argument


def headers(names: str | Iterable[str]) -> Mapping[str, str]:
    """What the transforms change beside the body."""
    return {k: v for spec in listed(names) for k, v in HEADERS.get(parsed(spec)[0], {}).items()}


def listed(names: str | Iterable[str]) -> Iterable[str]:
    return [names] if isinstance(names, str) else names


TRANSFORMS: dict[str, Transform] = {
    transform.__name__.replace("_", "-"): transform
    for transform in (
        # The same events, framed or cut into reads in another way.
        reframing.bytewise,
        reframing.small_reads,
        reframing.at_once,
        reframing.by_event,
        reframing.split,
        reframing.crlf,
        reframing.cr,
        reframing.lf,
        reframing.mixed,
        reframing.no_space,
        reframing.comments,
        reframing.fields,
        reframing.foreign_events,
        reframing.multiline,
        reframing.padding,
        reframing.swollen,
        reframing.gzip,
        # The same answer in other JSON.
        rewriting.unknown_fields,
        rewriting.reordered_keys,
        rewriting.empty_deltas,
        rewriting.null_deltas,
        rewriting.finish_twice,
        rewriting.usage_early,
        rewriting.usage_late,
        rewriting.usage_twice,
        rewriting.usage_null,
        rewriting.drop_done,
        # Another answer, told alike.
        retelling.text,
        retelling.arguments,
        retelling.instead,
        # No answer any more.
        breaking.cut,
        breaking.corrupt,
        breaking.spoil,
        breaking.html,
        breaking.error,
    )
}

TAKE_AN_ARGUMENT = {
    "cut",
    "split",
    "mixed",
    "unknown-fields",
    "reordered-keys",
    "text",
    "arguments",
    "instead",
    "corrupt",
    "spoil",
    "swollen",
}
HEADERS = {"gzip": {"content-encoding": "gzip"}, "html": {"content-type": "text/html"}}

# What only server-sent events can be told as.
SSE_ONLY = {"crlf", "cr", "lf", "mixed", "no-space", "comments", "fields", "foreign-events", "multiline", "drop-done"}

# Left out where an adapter asks for an array of JSON, in a dialect that also has server-sent events.
UNSAYABLE = {"json-array": SSE_ONLY - {"crlf", "cr", "lf", "mixed"}}
ALSO = {"ndjson": {"crlf"}}  # of those, what another framing can be told as too

# Each changes what one of the dialect's places holds: without that place there is nothing to change.
NEEDS_A_PLACE = {
    "empty-deltas": "text",
    "null-deltas": "null",
    "finish-twice": "finish",
    **dict.fromkeys(("usage-early", "usage-late", "usage-twice", "usage-null"), "usage"),
}
