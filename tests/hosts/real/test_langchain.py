"""langchain-openai and langchain-anthropic."""

from __future__ import annotations

from tests.hosts.real.judged import check, needed, older

needed("langchain-openai", "langchain-anthropic")

MET = (
    "REQ-001",
    "REQ-002",
    "REQ-010",
    "RSP-001",
    "RSP-004",
    "ERR-001",
    "ERR-004",
    "ERR-022",
    "STR-001",
    "STR-019",
    "LAW-009",
)


def test_chat_openai() -> None:
    faults = {
        "MAL-005": "an answer with no choices is an IndexError",
        "MAL-015": "arguments that were cut are completed, and the call handed on as a good one",
        "STR-007": "a stream that was cut ends as if it were whole",
        "STR-024": "a finish reason that comes twice is 'stopstop'",
        "USE-001": "token counts that stand in every chunk are added up",
        "USE-002": "token counts that come twice are added up",
    }
    check("langchain_openai:ChatOpenAI", faults, MET)


def test_chat_anthropic() -> None:
    faults = {
        "MAL-001": "a page under 200 is an AttributeError",
        "MAL-015": "arguments that were cut are completed, and the call handed on as a good one",
        "STR-007": "a stream that was cut ends as if it were whole",
        "STR-011": "the input tokens of message_start are left out",
    }
    if older("anthropic", 2):
        faults["SEC-001"] = "the SDK takes the key along to another origin"
    check("langchain_anthropic:ChatAnthropic", faults, MET)
