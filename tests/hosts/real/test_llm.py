"""llm: the model of OpenAI that it ships."""

from __future__ import annotations

from tests.hosts.real.judged import check, needed

needed("llm")


def test_openai() -> None:
    faults = {"STR-009": "a delta that is null is an AttributeError", "STR-007": "cut streams end as whole ones"}
    check("llm.default_plugins.openai_models:AsyncChat", faults, ("REQ-001", "ERR-001", "ERR-004", "STR-001"))
