"""HTML and SVG that cannot be broken out of: every text is escaped unless `tag` itself made it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from typing import TypeAlias

_VOID = {"br", "input", "meta", "rect"}  # written in XML's way, which HTML reads too

# Not fit for XML, or able to show a text as another: controls, half pairs, marks that turn the direction of writing.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)

Child: TypeAlias = "Markup | str | int | Iterable[Child] | None"


class Markup(str):
    """Written by `tag`, or by the kit's own files."""

    __slots__ = ()


def visible(text: str) -> str:
    """What cannot be seen, as its escape."""
    return _INVISIBLE.sub(lambda m: m[0].encode("unicode_escape").decode(), text)


def safe(child: Child) -> Markup:
    if isinstance(child, Markup):
        return child
    if child is None:
        return Markup("")
    if isinstance(child, (str, int)):
        return Markup(escape(visible(str(child)), quote=True))
    return Markup("".join(map(safe, child)))


def tag(name: str, /, *children: Child, **attributes: str | int | bool | None) -> Markup:
    """`class_` is class, `data_x` is data-x; what is None or False is left out."""
    told = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{safe("" if value is True else value)}"'
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    if name in _VOID:
        return Markup(f"<{name}{told}/>")
    return Markup(f"<{name}{told}>{safe(children)}</{name}>")
