"""haystack-ai: the model of OpenAI that it ships."""

from __future__ import annotations

from tests.hosts.real.judged import check, needed

needed("haystack-ai")


def test_openai() -> None:
    faults = {"MAL-005": "an answer without choices is a TypeError", "STR-007": "cut streams end as whole ones"}
    met = ("REQ-001", "ERR-001", "ERR-004", "STR-001", "LAW-009")
    check("haystack.components.generators.chat:OpenAIChatGenerator", faults, met)
