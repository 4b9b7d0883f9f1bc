"""A badge as SVG. It says "conformant" only where no MUST went untested."""

from __future__ import annotations

from conformance.report.level import judged, known, met, untested
from conformance.report.markup import Markup, tag
from conformance.report.model import ProviderRow

# Dark enough for white text: 4.5 to 1 at least.
GREEN, RED, GREY, DARK = "#1a7f37", "#c1272d", "#6b5b00", "#444c56"
WIDE = 6.6  # of one character, about


def message(row: ProviderRow) -> tuple[str, str]:
    """What it says, and in which colour."""
    left, count = untested(row), f"{met(row)}/{judged(row)}"
    rest = f", {len(left)} MUST untested" if left else ""
    if row.but_for and not left and row.complete:
        return f"conformant but for {known(len(row.but_for))}", GREY
    if judged(row) > met(row) and not row.conformant:
        return f"not conformant {count}{rest}", RED
    if left or not row.complete:
        return f"incomplete {count}{rest or ', not all was run'}", GREY
    return f"conformant {count}", GREEN


def svg(row: ProviderRow) -> str:
    said, colour = message(row)
    name = f"{row.label} {row.version}".strip()
    left, right = (_width(name), _width(said))
    parts = [
        tag("title", f"{name}: {said}"),
        tag("rect", width=left + right, height=20, rx=3, fill=DARK),
        tag("rect", x=left, width=right, height=20, rx=3, fill=colour),
        tag("rect", x=left, width=4, height=20, fill=colour),
        _text(name, left, 0),
        _text(said, right, left),
    ]
    return tag(
        "svg",
        parts,
        xmlns="http://www.w3.org/2000/svg",
        width=left + right,
        height=20,
        role="img",
        aria_label=f"{name}: {said}",
    )


def _width(text: str) -> int:
    return round(len(text) * WIDE) + 12


def _text(text: str, width: int, at: int) -> Markup:
    return tag(
        "text",
        text,
        x=at + width // 2,
        y=14,
        fill="#fff",
        text_anchor="middle",
        font_family="Verdana,DejaVu Sans,sans-serif",
        font_size=11,
        textLength=width - 10,
    )
