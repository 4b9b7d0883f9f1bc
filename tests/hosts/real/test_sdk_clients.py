"""The bare clients of the openai and anthropic SDKs: what an adapter on them has to do itself."""

from __future__ import annotations

import pytest

from tests.hosts.real.judged import check, needed, older

needed("openai", "anthropic")

# Some version before 2.11 leaves it behind; 1.17 does not.
REDIRECTED = {"SEC-001": "the key goes along with a redirect"} if older("anthropic", 2) else {}
MET = ("REQ-001", "REQ-002", "REQ-010", "RSP-001", "RSP-004", "ERR-001", "ERR-004", "ERR-022", "STR-001", "STR-019")


@pytest.mark.parametrize(
    ("spec", "faults"),
    [
        ("openai:AsyncOpenAI", {"STR-007": "cut streams end as whole ones", "MAL-005": "answers are not validated"}),
        ("anthropic:AsyncAnthropic", {"AUT-005": "spaces in a key", **REDIRECTED}),
    ],
)
def test_the_client(spec: str, faults: dict[str, str]) -> None:
    check(spec, faults, MET)
