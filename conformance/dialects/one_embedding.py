"""Of an answer with several embeddings the one that a request for a single text gets."""

from __future__ import annotations

import json
from dataclasses import replace

from conformance.replay.script import Script


def told(made: Script, turn: int) -> Script:
    """The one of a batch whose turn it is; a body that has none stays as it is."""
    try:
        batch = json.loads(made.body)["embeddings"]
    except (ValueError, KeyError, TypeError):
        return made
    one = {"embedding": batch[turn]} if turn < len(batch) else {}
    return replace(made, chunks=(json.dumps(one).encode(),))
