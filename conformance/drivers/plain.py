"""What an adapter returned, as data of Python's own types: an object may lie when it is asked whether it equals
another, and a subclass of str, too. What is no data is an `Odd`, which equals nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from itertools import islice
from typing import Any

from conformance.contract import Health, Reply, ToolCall, Usage

MOST = 100_000  # items of anything: what has more has no end
DEEPEST = 100


@dataclass(frozen=True, eq=False)
class Odd:
    """No data: what it looked like."""

    shown: str

    def __repr__(self) -> str:
        return self.shown


def plain(value: Any, depth: int = 0) -> Any:
    kind = type(value)  # not isinstance: an object may lie about that too
    if value is None or kind in (bool, str, int, float):
        return value
    if issubclass(kind, str):
        return str.__str__(value)
    if issubclass(kind, int):
        return int.__int__(value)
    if issubclass(kind, float):
        return float.__float__(value)
    if depth < DEEPEST and issubclass(kind, dict):
        return {key(k): plain(v, depth + 1) for k, v in dict.items(value)}
    if depth < DEEPEST and issubclass(kind, list | tuple):
        return [plain(v, depth + 1) for v in (list if issubclass(kind, list) else tuple).__iter__(value)]
    return Odd(shown(value))


def key(value: Any) -> Any:
    made = plain(value)
    return repr(made) if type(made) in (dict, list) else made


def shown(value: Any, most: int = 300) -> str:
    """Its repr, if it has one."""
    try:
        return plain_text(repr(value))[:most]
    except Exception as exc:
        return f"<a {type(value).__name__} whose repr raised {type(exc).__name__}>"


def printed(value: Any, name: str, unprintable: list[str]) -> Iterator[str]:
    """Its repr and its str, if that is another; those that it has not are told."""
    has_one_for_both = getattr(type(value), "__str__", None) is object.__str__
    for how in (repr,) if has_one_for_both else (repr, str):
        try:
            yield plain_text(how(value))
        except Exception as exc:
            unprintable.append(f"{how.__name__}() of {name} raised {type(exc).__name__}")
            yield f"<{unprintable[-1]}>"


def plain_text(text: Any) -> str:
    return str.__str__(text) if issubclass(type(text), str) else f"<a {type(text).__name__}>"


def read(value: Any, name: str) -> Any:
    """An attribute, None where there is none or asking for it raises."""
    try:
        return getattr(value, name, None)
    except Exception:
        return None


def reply(given: Any) -> Reply:
    """Whatever has the attributes of a reply. What it lacks is None."""
    made = {f.name: plain(read(given, f.name)) for f in fields(Reply) if f.name not in ("usage", "tool_calls")}
    return Reply(**made, usage=_object(read(given, "usage"), Usage), tool_calls=_calls(read(given, "tool_calls")))


def health(given: Any) -> Health:
    return Health(ok=plain(read(given, "ok")), detail=plain(read(given, "detail") or ""))


def listed(values: Iterable[Any]) -> list[Any]:
    """All of them. Raises ValueError where there is no end of them."""
    found = list(islice(iter(values), MOST + 1))
    if len(found) > MOST:
        raise ValueError(f"more than {MOST} items")
    return found


def _calls(given: Any) -> Any:
    if given is None or issubclass(type(given), str | bytes | dict):
        return plain(given)
    try:
        return [_object(call, ToolCall) for call in listed(given)]
    except Exception:
        return Odd(shown(given))


def _object(given: Any, kind: type[Any]) -> Any:
    """As one of the contract, if it has anything that makes one; a dict is data, and no object."""
    if type(given) in (type(None), str, bytes, int, float, bool, dict, list, tuple):
        return plain(given)
    made = {f.name: read(given, f.name) for f in fields(kind)}
    if all(value is None for value in made.values()):
        return plain(given)
    return kind(**{name: plain(value) for name, value in made.items()})
