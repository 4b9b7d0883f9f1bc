"""Cassettes: HTTP exchanges of one dialect in the VCR v1 format, with their origin.

A file is what vcrpy loads, plus two things of ours that it leaves alone:

    provenance: {origin: recorded, source: "llama.cpp server …", date: 2026-11-21}
    interactions:
    - request: {method: POST, uri: …, headers: {…}, body: …}
      response:
        status: {code: 200, message: OK}
        headers: {Content-Type: [text/event-stream]}
        body: {string: "data: …"}
        x-chunks: [182, 145]        # bytes of each read, where the recording kept them
        x-events: [messageStart {…}]    # what a binary body says: the loader holds it against the body

`origin` is `recorded` (a server sent these bytes), `derived` (from another cassette, by a named
transform), or `authored` (written from the documentation that `source` names).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

from conformance import event_stream
from conformance.paths import CASSETTES

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # libyaml is optional
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]

Origin = Literal["recorded", "derived", "authored"]


class BrokenCassette(ValueError):
    """A cassette that cannot be read; the text names the file and what is wrong with it."""


@dataclass(frozen=True)
class Provenance:
    origin: Origin
    source: str  # the server and its version, the parent cassette, or the documentation
    date: str
    note: str = ""
    transform: str = ""  # of a derived cassette


@dataclass(frozen=True)
class Interaction:
    """One recorded request and its answer. `chunks` are the body's pieces as they arrived."""

    method: str
    uri: str
    request_headers: tuple[tuple[str, str], ...]
    request_body: bytes
    status: int
    headers: tuple[tuple[str, str], ...]
    chunks: tuple[bytes, ...]


@dataclass(frozen=True)
class Cassette:
    name: str
    provenance: Provenance
    interactions: tuple[Interaction, ...] = field(default=())


@cache
def load(dialect: str, name: str, folder: Path = CASSETTES) -> Cassette:
    """The cassette `folder/<dialect>/<name>.yaml`. Raises `BrokenCassette`."""
    path = folder / dialect / f"{name}.yaml"
    if not path.is_file():
        raise BrokenCassette(f"there is no cassette {dialect}/{name}.yaml")
    try:
        return read(yaml.load(path.read_text("utf-8"), Loader=_Loader), name)
    except (yaml.YAMLError, KeyError, TypeError, AttributeError, ValueError) as exc:
        raise BrokenCassette(f"cassette {dialect}/{name}.yaml is broken: {exc!r}") from exc


def read(data: Any, name: str) -> Cassette:
    """What a file's YAML says. Raises what it is broken by."""
    return Cassette(
        name=name,
        provenance=Provenance(**{k: str(v) for k, v in data["provenance"].items()}),  # type: ignore[arg-type]
        interactions=tuple(_interaction(i) for i in data["interactions"]),
    )


def names(dialect: str, folder: Path = CASSETTES) -> list[str]:
    """All cassettes of a dialect, in order."""
    root = folder / dialect
    return sorted(p.relative_to(root).with_suffix("").as_posix() for p in root.rglob("*.yaml"))


def _interaction(data: dict[str, Any]) -> Interaction:
    request, response = data["request"], data["response"]
    body = _bytes(response["body"]["string"])
    if "x-events" in response and event_stream.encode(map(_bytes, response["x-events"])) != body:
        raise ValueError("x-events tell something else than the body")
    return Interaction(
        method=request["method"].upper(),
        uri=request["uri"],
        request_headers=_headers(request.get("headers")),
        request_body=_bytes(request.get("body") or b""),
        status=int(response["status"]["code"]),
        headers=_headers(response.get("headers")),
        chunks=_cut(body, response.get("x-chunks")),
    )


def _headers(data: dict[str, list[str] | str] | None) -> tuple[tuple[str, str], ...]:
    pairs = []
    for name, values in (data or {}).items():
        pairs += [(name.lower(), str(v)) for v in ([values] if isinstance(values, str) else values)]
    return tuple(pairs)


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def _cut(body: bytes, sizes: list[int] | None) -> tuple[bytes, ...]:
    if not sizes:
        return (body,)
    if sum(sizes) != len(body):
        raise ValueError(f"x-chunks add up to {sum(sizes)}, the body has {len(body)} bytes")
    pieces, at = [], 0
    for size in sizes:
        pieces.append(body[at : at + size])
        at += size
    return tuple(pieces)
