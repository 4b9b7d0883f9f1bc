"""Reads other people's cassettes: those of vcrpy and pytest-recording (v1, YAML or JSON), in every form they have had.

Bodies are decoded, since nobody can review what is compressed. What cannot be read raises `NotReadable`, one sentence.
"""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import yaml

from conformance.cassettes import Interaction

try:
    from yaml import CSafeLoader as _SafeLoader
except ImportError:  # libyaml is optional
    from yaml import SafeLoader as _SafeLoader  # type: ignore[assignment]

ENDINGS = (".yaml", ".yml", ".json", ".yaml.gz", ".yml.gz", ".json.gz")
UNKNOWN = "unknown"
_FRAMING = {"content-encoding", "content-length", "transfer-encoding"}  # of the body as it was sent, not as it is kept


class NotReadable(ValueError):
    """No cassette, or an exchange that cannot be read."""


@dataclass(frozen=True)
class Exchanged:
    """One exchange of a cassette; `interaction` is None where it cannot be read, for the reason that is told."""

    number: int
    interaction: Interaction | None = None
    date: str = UNKNOWN  # when it was recorded, if the cassette says so
    reason: str = ""


class _Loader(_SafeLoader):
    """Texts as Python 2 wrote them are texts; no other tag of Python's is obeyed."""


for _tag in ("python/unicode", "python/str"):
    _Loader.add_constructor(f"tag:yaml.org,2002:{_tag}", lambda loader, node: str(node.value))


def files(path: Path) -> list[Path]:
    """The file, or all in the folder that could be cassettes. Raises `NotReadable` where there is nothing."""
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise NotReadable(f"there is no file or folder {path}")
    found = sorted(p for p in path.rglob("*") if p.is_file() and p.name.endswith(ENDINGS))
    if not found:
        raise NotReadable(f"the folder {path} holds no cassettes ({', '.join(ENDINGS)})")
    return found


def read(path: Path) -> Iterator[Exchanged]:
    """The exchanges of a cassette, in order. Raises `NotReadable`."""
    for number, told in enumerate(_interactions(path), 1):
        try:
            yield Exchanged(number, _interaction(told), _date(told))
        except NotReadable as exc:
            yield Exchanged(number, reason=str(exc))
        except (KeyError, TypeError, ValueError, AttributeError) as exc:
            yield Exchanged(number, reason=f"it is not of the form that vcrpy writes: {exc!r}")


def _interactions(path: Path) -> list[Any]:
    try:
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if raw.startswith(b"\x1f\x8b") else raw).decode()
        data = json.loads(text) if ".json" in path.suffixes else yaml.load(text, Loader=_Loader)
    except (OSError, EOFError, zlib.error, ValueError, yaml.YAMLError) as exc:
        said = " ".join(str(exc).split())[:120]
        raise NotReadable(f"{path} cannot be read: {said}") from None
    if not isinstance(data, dict) or not isinstance(data.get("interactions"), list):
        raise NotReadable(f"{path} is no cassette of vcrpy: it has no list of interactions")
    if data.get("version", 1) != 1:
        raise NotReadable(f"{path} is a cassette of version {data['version']}; version 1 is known")
    return list(data["interactions"])


def _interaction(told: dict[str, Any]) -> Interaction:
    request, response = told["request"], told["response"]
    headers = _headers(response.get("headers"))
    status = response["status"]["code"] if "status" in response else response["status_code"]  # httpx, by older vcrpy
    body = _decoded(_bytes(response.get("body", response.get("content"))), headers)
    return Interaction(
        method=str(request["method"]).upper(),
        uri=_without_password(str(request["uri"])),
        request_headers=_headers(request.get("headers")),
        request_body=_decoded(_bytes(request.get("body")), _headers(request.get("headers"))),
        status=int(status),
        headers=tuple((name, value) for name, value in headers if name not in _FRAMING),
        chunks=_cut(body, response.get("x-chunks")),
    )


def _headers(told: Any) -> tuple[tuple[str, str], ...]:
    pairs = []
    for name, values in (told or {}).items():
        for value in values if isinstance(values, list) else [values]:
            pairs.append((str(name).lower(), value.decode("latin-1") if isinstance(value, bytes) else str(value)))
    return tuple(pairs)


def _bytes(told: Any) -> bytes:
    """A text, bytes, or an object with one of these, or base64, or (pydantic-ai and others) the JSON itself."""
    if told is None:
        return b""
    if isinstance(told, bytes):
        return told
    if isinstance(told, str):
        return told.encode()
    if isinstance(told, dict) and "base64_string" in told:
        return base64.b64decode(told["base64_string"])
    if isinstance(told, dict) and "string" in told:
        return _bytes(told["string"])
    raise NotReadable(f"a body that is a {type(told).__name__} without `string` or `base64_string`")


def _decoded(body: bytes, headers: tuple[tuple[str, str], ...]) -> bytes:
    """vcrpy keeps what came, compressed or not, and some clients' bodies only after they were decoded."""
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


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _cut(body: bytes, sizes: Any) -> tuple[bytes, ...]:
    """By the sizes of its reads, where a cassette of ours comes back."""
    if not isinstance(sizes, list) or sum(sizes) != len(body):
        return (body,)
    ends = [sum(sizes[: i + 1]) for i in range(len(sizes))]
    return tuple(body[end - size : end] for end, size in zip(ends, sizes, strict=True))


def _without_password(uri: str) -> str:
    parts = urlsplit(uri)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _date(told: dict[str, Any]) -> str:
    """The day that the exchange itself names (`recorded_at`, or its answer's Date); never today's, never the file's."""
    said = told.get("recorded_at") or dict(_headers(told["response"].get("headers"))).get("date", "")
    for parse in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            when = parse(str(said))
            return (when.astimezone(UTC) if when.tzinfo else when).date().isoformat()
        except ValueError:
            continue
    return UNKNOWN
