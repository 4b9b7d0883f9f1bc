"""`conformance import`: a user's own cassettes, one exchange a file, without secrets, and with their origin."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from conformance import dialects
from conformance.cassettes import Interaction, Provenance
from conformance.dialects import Dialect
from conformance.replay.cassette_writer import save
from conformance.replay.scrub import SCRUBBED, LeakedSecret, scrub
from conformance.vcr import UNKNOWN, Exchanged, NotReadable, files, read

KEPT = ("accept", "content-type")  # of a request's headers: nothing else of it is ever played
_CREDENTIAL = re.compile(r"authorization|cookie|key|secret|token", re.IGNORECASE)  # in the name of a header
_SHORT = 8  # characters of a value below which it may well stand in an answer by chance


@dataclass(frozen=True)
class Line:
    """What became of one exchange, or of a file: `target` is where it was written, else `reason` says why not."""

    source: str
    target: Path | None = None
    reason: str = ""
    leaked: bool = False

    def __str__(self) -> str:
        return f"imported  {self.source} -> {self.target}" if self.target else f"skipped   {self.source}: {self.reason}"


def run(paths: Sequence[Path], dialect: str, to: Path) -> Iterator[Line]:
    """Imports; a line for each exchange. Raises `NotReadable` for a path or a file that cannot be what was meant."""
    known = dialects.load(dialect)
    for path in paths:
        for file in files(path):
            try:
                yield from _file(file, known, to)
            except NotReadable as exc:
                if file == path:
                    raise
                yield Line(str(file), reason=str(exc).removeprefix(f"{file} "))


def _file(file: Path, dialect: Dialect, to: Path) -> Iterator[Line]:
    exchanges = list(read(file))
    for exchange in exchanges:
        source = f"{file.name}#{exchange.number}" if len(exchanges) > 1 else file.name
        name = _slug(file) + (f"-{exchange.number}" if len(exchanges) > 1 else "")
        target = to / dialect.name / f"{name}.yaml"
        try:
            _one(exchange, source, dialect, target)
            yield Line(source, target)
        except LeakedSecret as exc:
            yield Line(source, reason=str(exc), leaked=True)
        except ValueError as exc:
            yield Line(source, reason=str(exc))


def _one(exchange: Exchanged, source: str, dialect: Dialect, target: Path) -> None:
    """Writes it. Raises ValueError with the reason why it is not written."""
    interaction = exchange.interaction
    if interaction is None:
        raise ValueError(exchange.reason)
    operation = operation_of(interaction, dialect)
    if operation is None:
        where = f"{interaction.method} {urlsplit(interaction.uri).path}"
        raise ValueError(f"{where} is no route of {dialect.name}")
    body = b"".join(interaction.chunks)
    dialect.said(operation, interaction.status, body, is_stream(interaction))
    if target.exists():
        raise ValueError(f"{target} is there already: remove it, or name another folder")
    kept = tuple((name, value) for name, value in interaction.request_headers if name in KEPT)
    provenance = Provenance(origin="recorded", source=f"the user's cassette {source}", date=exchange.date)
    clean = scrub(replace(interaction, request_headers=kept))
    if name := _quoted(interaction, clean):
        raise LeakedSecret(f"it is not written, for it repeats the value of its own header {name}")
    save(target, [clean], provenance)


def operation_of(interaction: Interaction, dialect: Dialect) -> str | None:
    path = urlsplit(interaction.uri).path
    return next((op for op, m, end in dialect.facts.patterns if m == interaction.method and end.search(path)), None)


def is_stream(interaction: Interaction) -> bool:
    return dict(interaction.headers).get("content-type", "").startswith("text/event-stream")


def _quoted(interaction: Interaction, clean: Interaction) -> str | None:
    """The header of a credential whose value is still there: a key that no pattern knows is known by its place."""
    headers = "\n".join(value for _, value in clean.headers)
    left = "\n".join([clean.uri, headers, *(b.decode("latin-1") for b in (clean.request_body, *clean.chunks))])
    for name, value in (*interaction.request_headers, *interaction.headers):
        words = [word for word in value.split() if len(word) >= _SHORT and word != SCRUBBED]
        if _CREDENTIAL.search(name) and "ratelimit" not in name and any(word in left for word in words):
            return name
    return None


def _slug(file: Path) -> str:
    """A name of small letters, digits and hyphens; of a test's cassette `test_x[y]`, that of the test."""
    stem = re.sub(r"(\.(yaml|yml|json|gz))+$", "", file.name)
    return re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-") or "cassette"


__all__ = ["UNKNOWN", "Line", "NotReadable", "run"]
