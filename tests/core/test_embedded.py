"""Answers with a vector for each text that was sent."""

from __future__ import annotations

import json
import struct
from typing import Any

import pytest

from conformance.embedded import answered, vector_of


def test_a_text_has_one_vector_which_a_float32_holds() -> None:
    told = [vector_of(f"t{n}") for n in range(3000)]
    assert [vector_of(f"t{n}") for n in range(3000)] == told
    assert len({tuple(v) for v in told}) == 3000
    assert [list(struct.unpack("<2f", struct.pack("<2f", *v))) for v in told] == told


@pytest.mark.parametrize(
    ("recorded", "told"),
    [
        (
            {"data": [{"index": 0, "embedding": [0.5]}, {"index": 1, "embedding": [1.0]}], "model": "x"},
            {
                "data": [{"index": n, "embedding": vector_of(t)} for n, t in enumerate(["a", "b", "c"])],
                "model": "x",
            },
        ),
        ({"embeddings": [{"values": [0.5]}]}, {"embeddings": [{"values": vector_of(t)} for t in ["a", "b", "c"]]}),
        ({"embeddings": {"float": [[0.5], [1.0]]}}, {"embeddings": {"float": [vector_of(t) for t in ["a", "b", "c"]]}}),
        ({"embedding": [0.5, 1.0], "texts": ["one"]}, {"embedding": vector_of("a"), "texts": ["one"]}),
    ],
)
def test_rows_are_told_in_any_dialect(recorded: Any, told: Any) -> None:
    assert json.loads(answered(json.dumps(recorded).encode(), ["a", "b", "c"])) == told


def test_no_texts_have_no_rows() -> None:
    assert json.loads(answered(b'{"data": [{"embedding": [0.5]}]}', [])) == {"data": []}
