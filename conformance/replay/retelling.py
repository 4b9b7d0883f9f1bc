"""Transforms that put other words into the kit's own answers, in whatever form a dialect tells them.

The answers that name three rivers, and those that call a tool for Paris, say the same in every dialect: where their
words stand is found by the words. `text@["a","b"]` is the answer "ab", in a stream in two pieces.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from conformance.replay.framing import Framing

Pieces = Sequence[bytes]

RIVERS = "The Nile, the Amazon and the Yangtze."
PARIS = ('{"city":"Paris"}', '{"city":"Paris","days":2}')


def text(chunks: Pieces, argument: str, framing: Framing) -> Pieces:
    """Another text in place of the three rivers: its pieces, as a JSON list."""
    pieces = _listed(argument)

    def part(so_far: str, leaf: Any) -> bool:
        return isinstance(leaf, str) and leaf != "" and RIVERS.startswith(so_far + leaf)

    return _Retold(framing, pieces, part, lambda leaf: leaf == RIVERS).events(chunks)


def arguments(chunks: Pieces, argument: str, framing: Framing) -> Pieces:
    """Other arguments in place of the ones for Paris: the pieces of their JSON, as a JSON list."""
    pieces = _listed(argument)
    json.loads("".join(pieces))

    def part(so_far: str, leaf: Any) -> bool:
        said = _plain(so_far + leaf) if isinstance(leaf, str) else ""
        return said != "" and any(known.startswith(said) for known in PARIS)

    def whole(leaf: Any) -> bool:
        return (_plain(leaf) if isinstance(leaf, str) else _plain(json.dumps(leaf))) in PARIS

    return _Retold(framing, pieces, part, whole).events(chunks)


def _plain(said: str) -> str:
    return "".join(said.split())


def _listed(argument: str) -> list[str]:
    pieces = json.loads(argument or "null")
    if not isinstance(pieces, list) or not pieces or not all(isinstance(p, str) for p in pieces):
        raise ValueError(f'it takes a list of texts such as ["a","b"], not {argument!r}')
    return pieces


class _Retold:
    """Events with pieces of what was said become events with pieces of what is said now."""

    def __init__(
        self, framing: Framing, pieces: list[str], part: Callable[[str, Any], bool], whole: Callable[[Any], bool]
    ) -> None:
        self.framing, self.pieces, self.part, self.whole = framing, pieces, part, whole
        self.so_far = ""  # of the old pieces

    def events(self, chunks: Pieces) -> Pieces:
        made: list[bytes] = []
        number = 0
        for event in self.framing.events(chunks):
            try:
                old = self.framing.payload(event)
            except ValueError:
                made.append(event)
                continue
            for i, told in enumerate(self.retold(old)):
                if isinstance(told, dict) and "sequence_number" in told:
                    told["sequence_number"], number = number, number + 1
                made.append(self.framing.told(event, told, again=i > 0))
        return made

    def retold(self, old: Any) -> list[Any]:
        """All new pieces stand where the first old one stood; the others go."""
        before = self.so_far
        piece = None if self.framing.name == "json" else next(filter(self.continues, _leaves(old)), None)
        if piece is None:
            return [_changed(old, self.whole, "".join(self.pieces))]
        self.so_far += piece
        return [] if before else [_changed(old, lambda leaf: leaf == piece, new) for new in self.pieces]

    def continues(self, leaf: Any) -> bool:
        return self.part(self.so_far, leaf)


def _leaves(value: Any) -> Iterator[Any]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    if inner is None:
        yield value
    else:
        for one in inner:
            yield from _leaves(one)


def _changed(value: Any, is_it: Callable[[Any], bool], new: str) -> Any:
    """A copy with the new text in those places; where an object stood, the object that the text tells."""
    if is_it(value):
        return new if isinstance(value, str) else json.loads(new)
    if isinstance(value, dict):
        return {k: _changed(v, is_it, new) for k, v in value.items()}
    return [_changed(v, is_it, new) for v in value] if isinstance(value, list) else value
