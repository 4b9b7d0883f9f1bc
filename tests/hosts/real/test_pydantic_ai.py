"""pydantic-ai: its models of OpenAI and Anthropic."""

from __future__ import annotations

from tests.hosts.real.judged import check, needed

needed("pydantic-ai-slim")

MET = ("REQ-001", "REQ-010", "REQ-012", "RSP-001", "RSP-004", "ERR-001", "ERR-004", "ERR-022", "STR-001", "STR-019")


def test_openai() -> None:
    faults = {
        "MAL-005": "an answer with no choices is an IndexError",
        "RSP-003": "a finish reason that is an empty string makes an error of a good answer",
        "STR-007": "a stream that was cut ends with the finish reason 'stop'",
        "USE-001": "token counts that stand in every chunk are added up",
        "USE-002": "token counts that come twice are added up",
        "USE-004": "a count that is null makes an error of a good answer",
    }
    check("pydantic_ai.models.openai:OpenAIChatModel", faults, MET)


def test_anthropic() -> None:
    faults = {
        "ANT-019": "a block of a kind that the SDK does not know is text",
        "MAL-005": "an answer without content is a TypeError",
        "STR-007": "a stream that was cut ends as if it were whole",
        "TOL-013": "an empty result is an empty text, which the API refuses",
        "USE-006": "a count that is null is a TypeError",
    }
    check("pydantic_ai.models.anthropic:AnthropicModel", faults, MET)
