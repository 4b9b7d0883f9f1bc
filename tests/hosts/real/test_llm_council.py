"""the-llm-council 0.8: what it ships is judged as LLM Council's own."""

from __future__ import annotations

import pytest

from tests.hosts.real.judged import check, needed, older

needed("the-llm-council")

MET = ("REQ-001", "RSP-001", "ERR-001", "STR-001", "AUT-001")

OPENROUTER = {
    "ERR-005": "the body of an error is never read: a spent quota is a rate limit, and is tried again",
    "ERR-007": "the body of an error is never read: a model that is unknown is no word",
    "ERR-020": "an error under 200 is an empty answer",
    "MAL-004": "null in place of an answer is an AttributeError",
    "MAL-005": "an answer without choices is an empty answer",
    "MAL-009": "a piece of a stream that cannot be read is left out",
    "REQ-016": "a slash at the end of the base URL is doubled",
}
OPENAI = {
    "MAL-001": "a page under 200 is an AttributeError",
    "MAL-005": "an answer without choices is an IndexError or a TypeError",
    "STR-007": "a stream that was cut ends as if it were whole",
    "STR-019": "tool calls of a stream are lost, though declared",
    "STR-011": "token counts of a stream are lost",
    "STR-003": "the finish reason of a stream is lost",
}
GEMINI = {
    "REQ-010": "tools are never sent, though declared",
    "RSP-004": "calls of tools are lost, though declared",
    "REQ-004": "a system prompt is sent as the model's own words",
    "ERR-020": "an error under 200 is an empty answer",
    "MAL-005": "an answer without candidates is an empty answer",
    "STR-007": "a stream that was cut ends as if it were whole",
    "STR-008": "the SDK does not read comments in a stream",
}
ANTHROPIC = {
    "REQ-007": "top_p is dropped",
    "ERR-007": "a model that is unknown is no word",
    "MAL-001": "a page under 200 is an AttributeError",
    "HLT-007": "doctor repeats the key that the vendor quoted",
}

if not older("anthropic", 1):
    ANTHROPIC["REQ-006"] = "temperature is no argument of the SDK's any more: no request is made"


@pytest.mark.parametrize(
    ("adapter", "faults"),
    [
        ("openrouter:OpenRouterProvider", OPENROUTER),
        ("openai:OpenAIProvider", OPENAI),
        ("anthropic:AnthropicProvider", ANTHROPIC),
        ("gemini:GeminiProvider", GEMINI),
    ],
)
def test_the_known_faults_are_found_and_nothing_else_of_these(adapter: str, faults: dict[str, str]) -> None:
    check(f"llm_council.providers.{adapter}", faults, tuple(set(MET) - set(faults)))
