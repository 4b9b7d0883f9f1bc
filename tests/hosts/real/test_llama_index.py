"""llama-index-llms-openai: the model of OpenAI that it ships."""

from __future__ import annotations

from tests.hosts.real.judged import check, needed

needed("llama-index-llms-openai")


def test_openai() -> None:
    faults = {
        "MAL-005": "an answer without choices is a TypeError",
        "AUT-009": "the key is in its repr",
        "STR-007": "cut streams end as whole ones",
    }
    check(
        "llama_index.llms.openai:OpenAI",
        faults,
        ("REQ-001", "ERR-001", "ERR-004", "STR-001", "LAW-009"),
        kwargs={"model": "gpt-4o"},
    )
