"""The tiny model is the same file on every machine."""

from __future__ import annotations

from hashlib import sha256

from tests.live.tiny_model import tiny_model


def test_the_same_bytes_everywhere() -> None:
    digest = sha256(tiny_model()).hexdigest()
    assert digest == "609330c78eb51c35bfcc3223be6596e43ef5d5971082dcb616ad0d7204d80868"
