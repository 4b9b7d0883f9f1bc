"""What examples are made of: texts, their pieces, and JSON, all of it plain data."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

# What has gone wrong somewhere: marks, separators, escapes, and words of the wire itself.
ODDITIES = (
    *("\u2028", "\u2029", "\x85", "\ufeff", "\u200f\u05e9\u05dc\u05d5\u05dd\u200e", "\u2066\u0645\u0631\u062d\u2069"),
    *("👩\u200d🔬", "🏳\ufe0f\u200d🌈", "🦀", "e\u0301", "日本語", "Ω", "\U0010ffff", "\ud7ff\ue000", "\x7f", "\x1b[1m"),
    *("\\", '"', "\\u0041", "\\ud83e", "\n\n", "\r\n", "\r", "\t", "\x0b\x0c\x1c", "</s>", "&amp;", "<b>", "%s {0}"),
    *("data: [DONE]\n\n", "[DONE]", "event: error", '{"error": 1}'),
)

# Letters first: the smallest example is the one that a person can read.
_CHARACTER = (st.integers(0x61, 0x7A) | st.integers(0x01, 0x2FF) | st.integers(0x300, 0x10FFFF)).map(
    lambda code: chr(code if not 0xD800 <= code <= 0xDFFF else code + 0x1000)
)


def text(*, nul: bool = True) -> st.SearchStrategy[str]:
    """Any text that says something: what is only white space some take for nothing. No lone surrogates (UNI-009)."""
    part = st.lists(_CHARACTER, max_size=5).map("".join) | st.sampled_from((*ODDITIES, "\0") if nul else ODDITIES)
    whole = st.lists(part, min_size=1, max_size=6).map("".join)
    return whole.map(lambda said: said if any(c.isalnum() for c in said) else said + "a")


def pieces() -> st.SearchStrategy[list[str]]:
    """A text as it comes in a stream."""
    several = st.lists(text(), min_size=1, max_size=4)
    return several | several.map(lambda told: [told[0], *told])  # models repeat themselves


def arguments() -> st.SearchStrategy[dict[str, Any]]:
    """Of a tool. No number is beyond 2**53 - 1, which JavaScript cannot tell from its neighbour."""
    scalar = text() | st.sampled_from((None, True, False, 0, -1, 2, 2**53 - 1))
    inner = scalar | st.lists(scalar, max_size=2) | st.dictionaries(text(), scalar, max_size=2)
    return st.dictionaries(text(nul=False), inner, min_size=1, max_size=3)


def cut(said: str, every: int) -> list[str]:
    """The text in pieces of that length."""
    return [said[start : start + every] for start in range(0, len(said), every)]
