"""JSON5, which OpenClaw reads its manifests and its configuration as: JSON with comments, trailing commas, names
without quotes and texts in single ones."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

_TOKEN = re.compile(
    r"""(?P<space>(?:\s|\ufeff|//[^\n]*|/\*.*?\*/)+)
      | (?P<mark>[{}\[\]:,])
      | (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      | (?P<word>[^\s{}\[\]:,"'/]+)""",
    re.DOTALL | re.VERBOSE,
)
_WORDS = {"true": True, "false": False, "null": None, "Infinity": float("inf"), "NaN": float("nan")}
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|\r\n|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": "", "\r\n": ""}


class NotJSON5(ValueError):
    """The text names the line."""


def loads(text: str) -> Any:
    """What it says. Raises `NotJSON5`."""
    try:
        return json.loads(text, object_pairs_hook=_object)
    except json.JSONDecodeError:
        reader = _Reader(text)
        value = reader.value()
        if reader.kind:
            raise reader.error("something follows after its end") from None
        return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A name that stands twice hides what stood there first: nobody means that."""
    made: dict[str, Any] = {}
    for name, value in pairs:
        if name in made:
            raise NotJSON5(f"{name!r} stands twice in one object")
        made[name] = value
    return made


class _Reader:
    def __init__(self, text: str) -> None:
        self.line = 1
        self.tokens = self._tokens(text)
        self._next()

    def value(self) -> Any:
        if self.kind == "text":
            return _unquoted(self._take())
        if self.kind == "word":
            return self._word(self._take())
        if self.token == "{":
            return _object(list(self._members("}", named=True)))
        if self.token == "[":
            return [value for _, value in self._members("]", named=False)]
        raise self.error(f"a value is wanted before {self.token!r}" if self.kind else "it ends too early")

    def error(self, said: str) -> NotJSON5:
        return NotJSON5(f"line {self.line}: {said}")

    def _members(self, end: str, *, named: bool) -> Iterator[tuple[str, Any]]:
        self._take()
        while self.token != end:
            name = ""
            if named:
                if self.kind not in ("text", "word"):
                    raise self.error(f"a name is wanted before {self.token!r}" if self.kind else "it ends too early")
                name = _unquoted(self._take())
                self._expect(":")
            yield name, self.value()
            if self.token != end:
                self._expect(",")
        self._take()

    def _word(self, word: str) -> Any:
        if word in _WORDS:
            return _WORDS[word]
        try:
            return int(word, 16) if word.lower().startswith("0x") else json.loads(re.sub(r"^\+", "", word))
        except ValueError:
            try:
                return float(word)  # .5 and 5.
            except ValueError:
                raise self.error(f"{word!r} is no value; texts want quotes") from None

    def _expect(self, mark: str) -> None:
        if self.token != mark:
            raise self.error(f"{mark!r} is wanted before {self.token!r}" if self.kind else "it ends too early")
        self._take()

    def _take(self) -> str:
        token = self.token
        self._next()
        return token

    def _next(self) -> None:
        self.kind, self.token = next(self.tokens, ("", ""))

    def _tokens(self, text: str) -> Iterator[tuple[str, str]]:
        place = 0
        while place < len(text):
            found = _TOKEN.match(text, place)
            if found is None:
                raise self.error(f"{text[place]!r} cannot be read")
            place = found.end()
            if found.lastgroup != "space":
                yield str(found.lastgroup), found.group()
            self.line += found.group().count("\n")


def _unquoted(token: str) -> str:
    if token[0] not in "\"'":
        return token
    return _ESCAPE.sub(_meant, token[1:-1])


def _meant(found: re.Match[str]) -> str:
    said = found[1]
    if len(said) > 1 and said[0] in "ux":
        return chr(int(said[1:], 16))
    return _ESCAPED.get(said, said)
