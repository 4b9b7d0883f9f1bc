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


EMBEDDED = ("EMB-001", "EMB-002", "EMB-007", "EMB-008", "REQ-002", "ERR-029", "AUT-002", "SEC-013", "TIM-004")


def test_openai_embeddings() -> None:
    """No chat model: what it is asked for is vectors alone. It counts tokens itself unless it is told not to."""
    faults = {"RSP-020": "rows are taken as they come, whatever their index"}
    kwargs = {"check_embedding_ctx_length": False}
    check("langchain_openai:OpenAIEmbeddings", faults, EMBEDDED, kwargs=kwargs)


def test_openai_embeddings_fetch_a_tokenizer() -> None:
    faults = {"SEC-013": "tiktoken is asked for, which fetches its table from the network"}
    check("langchain_openai:OpenAIEmbeddings", faults, ())
