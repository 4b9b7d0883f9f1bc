"""The page tells what is so."""

from __future__ import annotations

import pytest

from tests.corpus.exchanges import ABSENT, present
from tests.corpus.table import PAGE, page


@pytest.mark.skipif(not present(), reason=ABSENT)
def test_the_page_is_current() -> None:
    assert PAGE.read_text("utf-8") == page(), "run python -m tests.corpus.table"
