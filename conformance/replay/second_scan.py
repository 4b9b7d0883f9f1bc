"""The second pair of eyes: what is left of secrets in a finished cassette.

It shares no pattern with the scrubber, and looks in other ways: at the file's text and not at the exchange; at names by
their words; at what looks like a key of anybody's; at forms that a reader does not see (escapes, base64, a text spelled
out over several events); and for values that were credentials in the recording (`Known`). What it finds is said by its
kind and place, never by its value.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, unquote, urlsplit

import yaml

from conformance import event_stream
from conformance.cassettes import Interaction
from conformance.replay.encodings import forms
from conformance.replay.places import Leaf, Marked, read
from conformance.replay.secret_names import is_blank, names_account, names_parameter, names_secret
from conformance.replay.secret_shapes import looks_random, shapes
from conformance.replay.views import documents, members, spelled_out, views

_ID = re.compile(r"(?=[^0-9@]*[0-9@])\S{8,}")
LONGEST = 1 << 25  # bytes of a body that are unpacked
LONG = 8  # characters of a value below which it may stand in a text by chance


@dataclass(frozen=True)
class Known:
    """A value that is a credential, or names an account, by where it stood."""

    value: str
    what: str


@dataclass(frozen=True)
class Found:
    kind: str
    where: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.kind} in {self.where} (line {self.line})"


# --- the finished text ---------------------------------------------------------------------


def search(text: str, known: Iterable[Known] = (), allowed: re.Pattern[str] | None = None) -> list[Found]:
    """Everything in a cassette's YAML that must not be there, but for what is `allowed`. Raises ValueError where it is
    no YAML."""
    try:
        marked = read(text)
    except yaml.YAMLError as exc:
        raise ValueError(" ".join(str(exc).split())[:160]) from None
    return search_marked(marked, known, allowed)


def search_marked(marked: Marked, known: Iterable[Known] = (), allowed: re.Pattern[str] | None = None) -> list[Found]:
    wanted = [(each, forms(each.value)) for each in known if len(each.value) >= LONG]
    leaves = marked.leaves if allowed is None else [_without(leaf, allowed) for leaf in marked.leaves]
    found: dict[tuple[str, int], Found] = {}  # one for each line: the same secret looks like several kinds
    for leaf in leaves:
        for each in _leaf(leaf, wanted):
            found.setdefault((each.where, each.line), each)
    return sorted(found.values(), key=lambda each: (each.line, each.column))


def _without(leaf: Leaf, allowed: re.Pattern[str]) -> Leaf:
    """The same, every place where it was."""
    if isinstance(leaf.value, bytes):
        return leaf
    return replace(leaf, value=allowed.sub(lambda match: "·" * len(match[0]), leaf.value))


def _leaf(leaf: Leaf, wanted: Sequence[tuple[Known, Sequence[str]]]) -> Iterator[Found]:
    value = leaf.value if isinstance(leaf.value, str) else _unpacked(leaf.value).decode("latin-1")
    where = _where(leaf)

    def found(kind: str, offset: int = 0, how: str = "") -> Found:
        return Found(f"{kind}, {how}," if how else kind, where, *leaf.at(offset))

    yield from (found(kind) for kind in _by_name(leaf, value))
    bodies = _bodies(leaf, value)
    for name, kind, said in _members(bodies):
        yield found(f"{kind} {name}", max(value.find(said), 0))
    seen: set[str] = set()
    for kind, offset, how in _in_text(value, wanted):
        seen.add(kind)
        yield found(kind, offset, how)
    for whole in spelled_out(bodies).values():
        for kind, _, how in _in_text(whole, wanted):
            if kind not in seen:
                yield found(kind, 0, ", ".join(filter(None, ("spelled out over several events", how))))


def _in_text(text: str, wanted: Sequence[tuple[Known, Sequence[str]]]) -> Iterator[tuple[str, int, str]]:
    """What, where it begins, and how it is wrapped; of what is wrapped the place is not told."""
    for how, view in views(text):
        for kind, offset in shapes(view):
            yield kind, 0 if how else offset, how
        low = view.lower()
        for each, its_forms in wanted:
            for n, form in enumerate(its_forms):
                if (at := (view if n else low).find(form)) >= 0:
                    yield each.what, 0 if how else at, how or ("encoded" if n else "")
                    break


def _unpacked(body: bytes) -> bytes:
    """What recorders leave packed is looked into, as far as anybody sends it."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    try:
        return zlib.decompressobj(wbits=31).decompress(body, LONGEST)
    except zlib.error:
        return body


def _by_name(leaf: Leaf, value: str) -> Iterator[str]:
    """What a header or the address says under a name that only secrets have."""
    if leaf.is_name or not value:
        return
    if header := _header(leaf):
        if names_secret(header, header=True) and not is_blank(value):
            yield "a credential"
        elif names_account(header, header=True) and not is_blank(value):
            yield "the name of an account"
    elif leaf.path[-1] == "uri":
        for name, told in parse_qsl(urlsplit(value).query):
            if names_parameter(name) and not is_blank(told):
                yield f"the parameter {_shown(name)}"


def _header(leaf: Leaf) -> str:
    return next((str(leaf.path[n + 1]) for n, part in enumerate(leaf.path[:-1]) if part == "headers"), "")


def _bodies(leaf: Leaf, value: str) -> list[object]:
    if leaf.is_name or not {"body", "x-events"} & {*leaf.path}:
        return []
    if isinstance(leaf.value, bytes) and leaf.value == value.encode("latin-1"):
        with suppress(ValueError, IndexError):
            lines = [line[line.find("{") :] for line in event_stream.decode(leaf.value) if "{" in line]
            return documents("\n".join(lines))
    return documents(value)


def _members(bodies: Iterable[object]) -> Iterator[tuple[str, str, str]]:
    for body in bodies:
        for _, name, said in members(body):
            if is_blank(said):
                continue
            if (names_secret(name) or names_account(name)) and _ID.fullmatch(said):
                yield _shown(name), "the value of", said


def _shown(name: str) -> str:
    """A name as it may be printed: one could be a secret itself."""
    return name if re.fullmatch(r"[\w.-]{1,60}", name) and not any(shapes(name)) and not looks_random(name) else "…"


def _where(leaf: Leaf) -> str:
    path = leaf.path
    if len(path) < 3 or path[0] != "interactions" or not isinstance(path[1], int):
        return f"{path[0]}" if path else "the file"
    side = "request" if path[2] == "request" else "answer"
    of = f"{side} {path[1] + 1}"
    if header := _header(leaf):
        return f"the name of a header of {of}" if leaf.is_name else f"header {_shown(header)} of {of}"
    return f"the address of {of}" if path[-1] == "uri" else f"the body of {of}" if "body" in path else of


# --- what is known of the recording --------------------------------------------------------


def credentials(interactions: Iterable[Interaction], environment: Mapping[str, str] | None = None) -> list[Known]:
    """The values that must be nowhere in what is written: of credential headers and parameters, cookies and accounts
    of the exchanges as they were, and of the environment's keys."""
    found: dict[str, str] = {}
    for each in interactions:
        for side, headers in (("request", each.request_headers), ("answer", each.headers)):
            for name, value in headers:
                if names_secret(name, header=True) or names_account(name, header=True):
                    for word in _values(name, value):
                        found.setdefault(word, f"the value of the {side}'s header {_shown(name.lower())}")
        parts = urlsplit(each.uri)
        for name, value in parse_qsl(parts.query):
            if names_parameter(name):
                found.setdefault(value, f"the value of the parameter {_shown(name)}")
        if parts.password:
            found.setdefault(unquote(parts.password), "the password of the address")
    for name, value in (environment or {}).items():
        if re.search(r"(KEY|TOKEN|SECRET|PASSWORD)$", name) and looks_random(value):
            found.setdefault(value, f"the value of the environment variable {name}")
    return [Known(value, what) for value, what in found.items() if len(value) >= LONG and not is_blank(value)]


def _values(name: str, value: str) -> list[str]:
    """The words of it; of cookies their values, without what tells when and where they count."""
    if "cookie" in name.lower():
        pairs = value.split(";")[: 1 if name.lower() == "set-cookie" else None]
        return [pair.partition("=")[2].strip() for pair in pairs]
    return [word.strip(",") for word in value.split()] if value.strip() else []
