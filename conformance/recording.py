"""What a session of the recorder leaves: a cassette for each exchange, named after what was asked, without secrets.

The dialect is told by the routes, or by the caller. What cannot be kept is told, a line each.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel

from conformance import dialects
from conformance.cassettes import Interaction, Provenance
from conformance.dialects import Dialect
from conformance.replay.cassette_writer import Recorded, save
from conformance.replay.script import STREAMS
from conformance.replay.scrub import LeakedSecret, scrub, scrubbed, values_of
from conformance.trace import Exchange


@dataclass(frozen=True)
class Line:
    """What became of one exchange, or of a file: `target` is where it was written, else `reason` says why not."""

    source: str
    target: Path | None = None
    reason: str = ""
    leaked: bool = False
    done: str = "imported"
    scrubbed: tuple[str, ...] = ()  # the places where something was taken out

    def __str__(self) -> str:
        if self.target:
            return f"{self.done:<8}  {self.source} -> {self.target}"
        return f"skipped   {self.source}: {self.reason}"


class Exchanged(BaseModel):
    """One exchange, as a program is told of it."""

    asked: str
    cassette: str | None  # None: it was not written, for this reason
    reason: str | None
    secret: bool  # that is the reason
    scrubbed: list[str]
    judged: bool  # it is a case of OWN-001


class Recordings(BaseModel):
    """What `conformance record --json` prints."""

    ok: bool
    client: int | None  # the exit code of the command, where there was one
    recorded: int
    skipped: int
    exchanges: list[Exchanged]


@dataclass(frozen=True)
class Session:
    """Where and how what was recorded is kept."""

    folder: Path
    source: str  # the server
    dialect: str | None = None  # None: it is recognised
    name: str | None = None  # None: what was asked
    allowed: re.Pattern[str] | None = None
    environment: Mapping[str, str] | None = None

    def keep(self, recorded: Sequence[Recorded]) -> Iterator[Line]:
        """Writes them, as far as they can be written."""
        spoken = [self.dialect] * len(recorded) if self.dialect else spoken_by(recorded)
        values = values_of(recorded)
        for each, dialect in zip(recorded, spoken, strict=True):
            clean = scrub(each, values)
            asked = f"{each.method} {urlsplit(clean.uri).path}"
            try:
                places = tuple(scrubbed(each, clean))
                yield Line(asked, self._keep(each, dialect, recorded), done="recorded", scrubbed=places)
            except LeakedSecret as exc:
                yield Line(asked, reason=str(exc), leaked=True)
            except ValueError as exc:
                yield Line(asked, reason=str(exc))

    def _keep(self, each: Recorded, dialect: str | None, all_of_it: Sequence[Recorded]) -> Path:
        if not each.status:
            raise ValueError(f"it was never answered: {each.broken}")
        if dialect is None:
            raise ValueError("it is no route of a protocol that is known here")
        known = dialects.load(dialect) if dialect in dialects.names() else None
        operation = operation_of(each, known) if known else "exchange"  # of a protocol of the project's own
        if operation is None:
            raise ValueError(f"it is no route of {dialect}")
        target = _free(self.folder / dialect, self.name or _called(operation, each, known))
        today = datetime.now(UTC).date().isoformat()
        provenance = Provenance(origin="recorded", source=self.source, date=today)
        save(target, [each], provenance, session=all_of_it, environment=self.environment, allowed=self.allowed)
        return target


def operation_of(interaction: Interaction, dialect: Dialect) -> str | None:
    path = urlsplit(interaction.uri).path
    return next((op for op, m, end in dialect.facts.patterns if m == interaction.method and end.search(path)), None)


def is_stream(interaction: Interaction, dialect: Dialect | None) -> bool:
    """Whether it was answered with a stream: it says so, or is the array that was asked for."""
    kind = next((value for name, value in interaction.headers if name.lower() == "content-type"), "")
    return kind.startswith(STREAMS) or (
        dialect is not None and dialect.framing(request_of(interaction)) == "json-array"
    )


def request_of(interaction: Interaction) -> Exchange:
    """The request, as a server sees it."""
    parts = urlsplit(interaction.uri)
    headers = [(name.lower(), value) for name, value in interaction.request_headers]
    return Exchange(
        interaction.method, parts.path, parts.query, headers, interaction.request_body, connection=0, at=0.0
    )


def spoken_by(session: Sequence[Interaction]) -> list[str | None]:
    """The dialect of each, None where it is a route of none. Protocols share routes (models, embeddings): such an
    exchange is of the one that is spoken elsewhere in the session."""
    rows = [(each, _recognised(each)) for each in session]
    sure = Counter(d.name for each, d in rows if d and operation_of(each, d) == "chat")
    main = dialects.load(sure.most_common(1)[0][0]) if sure else None
    spoken = [main if main and (not d or d.name not in sure) and operation_of(e, main) else d for e, d in rows]
    return [d.name if d else None for d in spoken]


def _recognised(each: Interaction) -> Dialect | None:
    found = dialects.recognise(request_of(each))
    return found[0] if found else None


def _called(operation: str, each: Recorded, dialect: Dialect | None) -> str:
    """chat, chat-stream, chat-429, models."""
    if each.status >= 400:
        return f"{operation}-{each.status}"
    wanted = dialect is not None and operation == "chat" and dialect.streams(request_of(each))
    return f"{operation}-stream" if wanted or is_stream(each, dialect) else operation


def _free(folder: Path, name: str) -> Path:
    """`name.yaml`, or with the first number that is free: nothing is overwritten."""
    target, number = folder / f"{name}.yaml", 1
    while target.exists():
        number += 1
        target = folder / f"{name}-{number}.yaml"
    return target
