"""`conformance import`: a user's own recordings, one exchange a file, without secrets, and with their origin."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from conformance import dialects
from conformance.cassettes import Interaction, Provenance
from conformance.recording import Line, is_stream, operation_of, spoken_by
from conformance.recordings import Exchanged, NotReadable, files, read
from conformance.replay.cassette_writer import save
from conformance.replay.scrub import LeakedSecret, clean

KEPT = ("accept", "content-type")  # of a request's headers: nothing else of it is ever played


@dataclass(frozen=True)
class Import:
    to: Path
    dialect: str | None = None  # None: each exchange is of the dialect that it is a route of
    allowed: re.Pattern[str] | None = None
    environment: Mapping[str, str] | None = None

    def run(self, paths: Sequence[Path]) -> Iterator[Line]:
        """A line for each exchange. Raises `NotReadable` for a path or a file that cannot be what was meant."""
        for path in paths:
            for file in files(path):
                try:
                    yield from self._file(file, file.parent.relative_to(path) if path.is_dir() else Path())
                except NotReadable as exc:
                    if file == path:
                        raise
                    yield Line(str(file), reason=str(exc).removeprefix(f"{file} "))

    def _file(self, file: Path, below: Path) -> Iterator[Line]:
        """The folders stay, since pytest-recording has one for each module of tests."""
        exchanges = list(read(file))
        folder = Path(*(_slug(part) for part in below.parts if part != "cassettes"))
        session = {each.number: each.interaction for each in exchanges if each.interaction}
        told = [self.dialect] * len(session) if self.dialect else spoken_by([*session.values()])
        spoken = dict(zip(session, told, strict=True))
        for exchange in exchanges:
            source = f"{file.name}#{exchange.number}" if len(exchanges) > 1 else file.name
            name = _slug(_stem(file)) + (f"-{exchange.number}" if len(exchanges) > 1 else "")
            dialect = spoken.get(exchange.number)
            try:
                yield Line(source, self._one(exchange, source, dialect, folder / name, [*session.values()]))
            except LeakedSecret as exc:
                yield Line(source, reason=str(exc), leaked=True)
            except ValueError as exc:
                yield Line(source, reason=str(exc))

    def _one(
        self, exchange: Exchanged, source: str, dialect: str | None, name: Path, session: Sequence[Interaction]
    ) -> Path:
        """Writes it. Raises ValueError with the reason why it is not written."""
        interaction = exchange.interaction
        if interaction is None:
            raise ValueError(exchange.reason)
        known = dialects.load(dialect) if dialect else None
        operation = operation_of(interaction, known) if known else None
        if known is None or operation is None:
            where = f"{interaction.method} {clean(urlsplit(interaction.uri).path)}"
            raise ValueError(f"{where} is no route of {dialect or 'a protocol that is known'}")
        body = b"".join(interaction.chunks)
        known.said(operation, interaction.status, body, is_stream(interaction, known))
        target = self.to / known.name / name.with_name(f"{name.name}.yaml")
        if target.exists():
            raise ValueError(f"{target} is there already: remove it, or name another folder")
        kept = tuple((name, value) for name, value in interaction.request_headers if name in KEPT)
        provenance = Provenance(origin="recorded", source=f"the user's cassette {source}", date=exchange.date)
        save(
            target,
            [replace(interaction, request_headers=kept)],
            provenance,
            session=session,
            environment=self.environment,
            allowed=self.allowed,
        )
        return target


def _stem(file: Path) -> str:
    return re.sub(r"(\.(yaml|yml|json|har|gz))+$", "", file.name)


def _slug(name: str) -> str:
    """A name of small letters, digits and hyphens; of a test's cassette `test_x[y]`, that of the test."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "cassette"
