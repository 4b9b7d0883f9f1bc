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
        return _plain(_told(leaf)) in PARIS

    return _Retold(framing, pieces, part, whole).events(chunks)


def instead(chunks: Pieces, argument: str, framing: Framing) -> Pieces:
    """Other words in place of some that stand alone, wherever they do: `instead@{"get_weather":"weather"}`. White space
    tells no two apart; words that are the JSON of an object stand for the object too."""
    words = json.loads(argument or "null")
    if not isinstance(words, dict) or not all(isinstance(word, str) for word in words.values()):
        raise ValueError(f'it takes an object of texts such as {{"a":"b"}}, not {argument!r}')
    for old, new in words.items():
        chunks = _Retold(framing, [new], lambda *_: False, _is(old)).events(chunks)
    return chunks


def _is(old: str) -> Callable[[Any], bool]:
    return lambda leaf: isinstance(leaf, str | dict) and _plain(_told(leaf)) == _plain(old)


def _told(leaf: Any) -> str:
    return leaf if isinstance(leaf, str) else json.dumps(leaf)


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

    def events(self, chunks: Pieces) -> Pieces:
        made: list[bytes] = []
        number = 0
        olds = [(event, self._payload(event)) for event in self.framing.events(chunks)]
        places = self._places([old for _, old in olds])
        for at, (event, old) in enumerate(olds):
            if old is _NONE:
                made.append(event)
                continue
            for i, told in enumerate(self._retold(old, places.get(at))):
                if isinstance(told, dict) and "sequence_number" in told:
                    told["sequence_number"], number = number, number + 1
                made.append(self.framing.told(event, told, again=i > 0))
        return made

    def _payload(self, event: bytes) -> Any:
        try:
            return self.framing.payload(event)
        except ValueError:
            return _NONE

    def _places(self, olds: list[Any]) -> dict[int, tuple[str, list[str]]]:
        """Where the old pieces stand, each with the new ones that go there: all of them where the first one stood, but
        for the last one, where that event says more than the first: that it is the last."""
        so_far, found = "", {}
        for at, old in enumerate([] if self.framing.name == "json" else olds):
            piece = next((leaf for leaf in _leaves(old) if self.part(so_far, leaf)), None)
            if piece is not None:
                so_far, found[at] = so_far + piece, piece
        if not found:
            return {}
        first, last = min(found), max(found)
        new: dict[int, list[str]] = {at: [] for at in found} | {first: self.pieces}
        if _form(olds[first]) != _form(olds[last]):
            new |= {first: self.pieces[:-1], last: self.pieces[-1:]}
        return {at: (piece, new[at]) for at, piece in found.items()}

    def _retold(self, old: Any, place: tuple[str, list[str]] | None) -> list[Any]:
        if place is None:
            return [_changed(old, self.whole, "".join(self.pieces))]
        piece, new = place
        return [_changed(old, lambda leaf: leaf == piece, one) for one in new]


_NONE = object()  # what is no payload


def _form(value: Any) -> Any:
    """What an event says beside its texts and numbers."""
    if isinstance(value, dict):
        return {k: _form(v) for k, v in value.items()}
    return [_form(v) for v in value] if isinstance(value, list) else value if isinstance(value, bool) else None


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
