"""litellm: model strings of three vendors."""

from __future__ import annotations

from tests.hosts.real.judged import check, needed

needed("litellm")

MET = ("REQ-001", "RSP-001", "ERR-001", "ERR-004", "STR-001")


def test_openai() -> None:
    faults = {
        "RSP-003": "a finish reason that it does not know is 'stop'",
        "SEC-005": "a password in the base URL is in the exception",
        "STR-007": "a stream that was cut ends with the finish reason 'stop'",
        "STR-026": "a page in place of a stream is an empty answer",
        "CFG-006": "to count the tokens of a stream itself it asks huggingface.co",
        "LAW-009": "an error under 200 has its kind and its text where it is awaited, and neither where it is not",
    }
    check("litellm:openai/", faults, MET)


def test_anthropic() -> None:
    faults = {
        "REQ-016": "a slash at the end of the base URL is doubled",
        "STR-007": "a stream that was cut ends with the finish reason 'stop'",
        "STR-019": "pieces of calls that come by turns are mixed up",
        "STR-023": "a line separator inside a text ends it",
    }
    check("litellm:anthropic/", faults, (*MET, "LAW-009"))


def test_gemini() -> None:
    faults = {
        "GEM-010": "a key that is not valid is a bad request",
        "MUL-004": "it fetches an image by itself",
        "REQ-016": "a slash at the end of the base URL is doubled",
        "STR-007": "a stream that was cut ends with the finish reason 'stop'",
        "STR-008": "comments in a stream lose the text",
        "STR-023": "a line separator inside a text ends it",
    }
    check("litellm:gemini/gemini-2.5-flash", faults, tuple(set(MET) - {"RSP-001"}))


def test_a_custom_handler() -> None:
    faults = {"ERR-001": "the status is not looked at"}
    check("tests.hosts.real.custom_llm:Careless", faults, ("REQ-001", "RSP-001"))
