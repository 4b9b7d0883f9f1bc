"""The clauses, both ways: evidence that is right gives nothing, evidence that is wrong is named."""

import pytest

pytest.register_assert_rewrite(f"{__name__}.evidence")
