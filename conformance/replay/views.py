"""What a text may hold that cannot be read off it: the forms in which the second scan looks at it.

Each is the text with one wrapping taken off: JSON's escapes, a URL's, HTML's, base64; and what a stream spells out over
several events, put together.
"""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

DEPTH = 3  # of wrappings in each other
_RUN = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|([\"'\\/bfnrt]))")
_PLAIN = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
Pairs = Iterator[tuple[str, Any]]


def views(text: str, depth: int = DEPTH) -> Iterator[tuple[str, str]]:
    """How it is wrapped, and what is in it; the text itself first."""
    yield "", text
    if depth:
        for how, inside in _unwrapped(text):
            yield from ((f"{how}, {more}" if more else how, told) for more, told in views(inside, depth - 1))


def _unwrapped(text: str) -> Iterator[tuple[str, str]]:
    if "\\" in text and (plain := _ESCAPE.sub(_unescaped, text)) != text:
        yield "escaped", plain
    if "%" in text and (plain := unquote(text)) != text:
        yield "percent-encoded", plain
    if "&" in text and (plain := html.unescape(text)) != text:
        yield "as HTML", plain
    for match in _RUN.finditer(text):
        if plain := _from_base64(match[0]):
            yield "in base64", plain


def _unescaped(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    return chr(int(code, 16)) if code else _PLAIN.get(match[3], match[3])


def _from_base64(run: str) -> str:
    """The text that it stands for, or nothing where it is a word, a number, an image, a signature."""
    whole = run.rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        plain = base64.b64decode(whole + "=" * (-len(whole) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        return ""
    return plain if plain.isprintable() or not re.search(r"[^\x20-\x7e\s]", plain) else ""


def documents(text: str) -> list[Any]:
    """The JSON of a body: one document, the data of events, or one a line. Nothing where it is none of these."""
    if (whole := _json(text)) is not None:
        return [whole]
    lines = (line.removeprefix("data:").strip() for line in text.splitlines() if line.startswith(("data:", "{")))
    return [found for line in lines if (found := _json(line)) is not None]


def members(document: Any, path: str = "", name: str = "") -> Iterator[tuple[str, str, str]]:
    """Path, name and text of every value in it, also in JSON that is a text in JSON. A number is a text too."""
    if isinstance(document, dict):
        for key, value in document.items():
            yield from members(value, f"{path}.{key}", str(key))
    elif isinstance(document, list):
        for n, value in enumerate(document):
            yield from members(value, f"{path}[{n}]", name)
    elif isinstance(document, str):
        yield path, name, document
        if document[:1] in "{[" and document and (inside := _json(document)) is not None:
            yield from members(inside, path, name)
    elif isinstance(document, int) and not isinstance(document, bool):
        yield path, name, str(document)


def spelled_out(found: list[Any]) -> dict[str, str]:
    """What a stream's events say in turn at the same place, where more than one says something there."""
    pieces: dict[str, list[str]] = {}
    for document in found:
        for path, _, text in members(document):
            pieces.setdefault(path, []).append(text)
    return {path: "".join(told) for path, told in pieces.items() if len(told) > 1 and len(set(told)) > 1}


def _json(text: str) -> Any:
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
