"""One bench for the tests of a file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from conformance.bench import Bench


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with Bench() as made:
        yield made
