"""Vectors that are told by their texts: however many texts are sent, in however many requests, each has one of its own.

vector_of("t7")                     # [0.84…, 0.11…]
answered(recorded, ["t7", "t8"])    # the recorded answer, with a row for each text
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from typing import Any

Vector = list[float]


def vector_of(text: str) -> Vector:
    """Two numbers that a float32 holds as they are."""
    code = zlib.crc32(text.encode("utf-8", "replace"))
    return [(code >> 16) / 2**16, (code & 0xFFFF) / 2**16]


def answered(body: bytes, texts: Sequence[str]) -> bytes:
    """The answer with these vectors in place of its own."""
    return json.dumps(_told(json.loads(body), [vector_of(text) for text in texts])).encode()


def _told(value: Any, vectors: Sequence[Vector]) -> Any:
    """Rows are a list of which each holds a vector; where there is one text, its vector may stand alone."""
    if _is_vector(value):
        return vectors[0] if vectors else []
    if isinstance(value, list) and value and all(map(_holds_one, value)):
        return [_row(value[0], vector, n) for n, vector in enumerate(vectors)]
    if isinstance(value, dict):
        return {name: _told(part, vectors) for name, part in value.items()}
    return value


def _row(like: Any, vector: Vector, n: int) -> Any:
    if _is_vector(like):
        return vector
    return {k: n if k == "index" else vector if _is_vector(v) else v for k, v in like.items()}


def _holds_one(row: Any) -> bool:
    return _is_vector(row) or (isinstance(row, dict) and any(map(_is_vector, row.values())))


def _is_vector(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(x, float) for x in value)
