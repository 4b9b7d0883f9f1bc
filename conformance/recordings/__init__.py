"""Other people's recordings: vcrpy and pytest-recording, ruby-vcr, HAR. What a file is, its content tells.

Bodies are decoded, since nobody can review what is compressed. What cannot be read raises `NotReadable`, one sentence.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml

from conformance.recordings import har, ruby_vcr, vcrpy
from conformance.recordings.exchanges import UNKNOWN, Exchanged, NotReadable
from conformance.recordings.loader import Loader

__all__ = ["UNKNOWN", "Exchanged", "NotReadable", "files", "read"]

ENDINGS = (".yaml", ".yml", ".json", ".har", ".yaml.gz", ".yml.gz", ".json.gz", ".har.gz")
_FORMS: list[Callable[[Any], Iterator[Exchanged] | None]] = [vcrpy.read, ruby_vcr.read, har.read]


def files(path: Path) -> list[Path]:
    """The file, or all in the folder that could be recordings. Raises `NotReadable` where there is nothing."""
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise NotReadable(f"there is no file or folder {path}")
    found = sorted(p for p in path.rglob("*") if p.is_file() and p.name.endswith(ENDINGS))
    if not found:
        raise NotReadable(f"the folder {path} holds no cassettes ({', '.join(ENDINGS)})")
    return found


def read(path: Path) -> Iterator[Exchanged]:
    """The exchanges of a recording, in order. Raises `NotReadable`."""
    data = _data(path)
    for form in _FORMS:
        try:
            found = form(data)
        except NotReadable as exc:
            raise NotReadable(f"{path} {exc}") from None
        if found is not None:
            return found
    raise NotReadable(
        f"{path} is no recording that is known here: vcrpy's and pytest-recording's have a list of interactions, "
        "ruby-vcr's of http_interactions, and a HAR has log.entries"
    )


def _data(path: Path) -> Any:
    try:
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if raw.startswith(b"\x1f\x8b") else raw).decode("utf-8-sig")
        if {".json", ".har"} & {*path.suffixes}:
            return json.loads(text)
        if text.lstrip()[:1] in ("{", "["):  # JSON under another name
            with suppress(ValueError):
                return json.loads(text)
        return yaml.load(text, Loader=Loader)
    except (
        OSError,
        EOFError,
        zlib.error,
        ValueError,
        LookupError,
        AttributeError,
        yaml.YAMLError,
        RecursionError,
    ) as exc:
        said = " ".join(str(exc).split())[:120]  # some of these are PyYAML's, of `!!int ''` and its like
        raise NotReadable(f"{path} cannot be read: {said}") from None
