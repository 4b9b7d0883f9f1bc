"""Derived cassettes: what a transform makes of a recording, as a cassette that can be read and reviewed.

conformance derive streams/three-rivers crlf split:7 --dialect openai-chat
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from conformance.case import Wire
from conformance.dialects import Dialect
from conformance.replay.cassette_writer import text
from conformance.replay.transforms import UnknownTransform, headers
from conformance.scene import script


class NotDerivable(ValueError):
    """Why there is nothing to show, in one sentence."""


def derive(name: str, transforms: Sequence[str], dialect: Dialect) -> str:
    """The cassette's text. Raises `NotDerivable`, `BrokenCassette`."""
    parent = dialect.cassette(name)
    try:
        for transform in transforms:
            if reason := dialect.facts.why_unchanged(transform):
                raise NotDerivable(f"{transform} means nothing in {dialect.name}: {reason}")
        made = script(Wire(cassette=name, transform=list(transforms)), dialect)
    except UnknownTransform as exc:
        raise NotDerivable(str(exc)) from None
    recorded = parent.interactions[0]
    others = tuple((k, v) for k, v in recorded.headers if k not in headers(transforms))
    chunks = tuple(chunk for chunk in made.chunks if chunk)
    answer = replace(recorded, chunks=chunks, headers=(*others, *headers(transforms).items()))
    source, changes = f"{dialect.name}/{parent.name}", ", ".join(transforms)
    told = replace(parent.provenance, origin="derived", source=source, transform=changes, note="")
    return text([answer], told, name)
