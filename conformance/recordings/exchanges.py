"""One exchange of a recording, and how its parts are read whatever wrote them."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from conformance.cassettes import Interaction

UNKNOWN = "unknown"
_FRAMING = {"content-encoding", "content-length", "transfer-encoding"}  # of the body as it was sent, not as it is kept
Headers = tuple[tuple[str, str], ...]


class NotReadable(ValueError):
    """No recording, or an exchange that cannot be read."""


@dataclass(frozen=True)
class Exchanged:
    """One exchange of a cassette; `interaction` is None where it cannot be read, for the reason that is told."""

    number: int
    interaction: Interaction | None = None
    date: str = UNKNOWN  # when it was recorded, if the cassette says so
    reason: str = ""


def each(rows: Sequence[Any], one: Callable[[Any], tuple[Interaction, str]], writer: str) -> Iterator[Exchanged]:
    """Every row by `one`, which may fail."""
    for number, told in enumerate(rows, 1):
        try:
            interaction, date = one(told)
            yield Exchanged(number, interaction, date)
        except NotReadable as exc:
            yield Exchanged(number, reason=str(exc))
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as exc:
            yield Exchanged(number, reason=f"it is not of the form that {writer} writes: {exc!r}")


def headers_of(told: Any) -> Headers:
    """Of a mapping from names to a value, or to values."""
    pairs = []
    for name, values in (told or {}).items():
        for value in values if isinstance(values, list) else [values]:
            pairs.append((str(name).lower(), value.decode("latin-1") if isinstance(value, bytes) else str(value)))
    return tuple(pairs)


def unframed(headers: Headers) -> Headers:
    return tuple((name, value) for name, value in headers if name not in _FRAMING)


def decoded(body: bytes, headers: Headers) -> bytes:
    """Recorders keep what came, compressed or not, and some clients' bodies only after they were decoded."""
    coding = dict(headers).get("content-encoding", "identity").lower()
    try:
        if body.startswith(b"\x1f\x8b"):
            return gzip.decompress(body)
        if coding == "deflate" and body[:1] == b"\x78":
            return zlib.decompress(body)
    except (OSError, EOFError, zlib.error):
        raise NotReadable(f"its body is broken: it says {coding} and is not") from None
    if coding not in ("identity", "gzip", "deflate", "") and not _is_text(body):
        raise NotReadable(f"its body is compressed with {coding}, which cannot be read here")
    return body


def without_password(uri: str) -> str:
    parts = urlsplit(uri)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def day(*said: Any) -> str:
    """The day that the exchange itself names, by the first that does; never today's, never the file's."""
    for text in said:
        for parse in (parsedate_to_datetime, datetime.fromisoformat):
            try:
                when = parse(str(text))
                return (when.astimezone(UTC) if when.tzinfo else when).date().isoformat()
            except ValueError:
                continue
    return UNKNOWN


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True
