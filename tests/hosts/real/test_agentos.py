"""@framers/agentos: the providers that it ships, in Node, each by the class that its manager builds.

It is fetched with npm, without what it can do without, into a folder of the test's own.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hosts.real.judged import check
from tests.hosts.real.npm import OPT_IN, install

VERSION = "0.9.164"
MODULE = "export {{ {0} as default }} from '@framers/agentos/core/llm/providers/implementations/{0}';\n"
ONE_ATTEMPT = {"maxRetries": 1}  # its pauses are real, and it takes the last one too

OPENAI = {
    "EMB-008": "embeddings without a usage: TypeError",
    "ERR-020": "an error object under 200 is an answer without a choice",
    "ERR-026": "the timeout ends with the headers",
    "FLO-001": "the breaker does not see the status of a wrong key, which is asked with again",
    "FLO-006": "what fails on the network is 'unable to reach', which is on no list",
    "HLT-007": "the health check repeats the provider's message, with the key in it",
    "MAL-004": "null: TypeError; a list or a number is an answer without a choice",
    "MAL-005": "no choices are an answer without a choice",
    "MAL-006": "a choice without a message: TypeError",
    "MAL-007": "a content that is a number is handed on",
    "MAL-009": "an event that is not JSON is left out",
    "MAL-010": "an event that is no object is left out",
    "MAL-011": "fewer vectors than texts are handed on",
    "REQ-016": "a base URL that ends with a slash gets two",
    "SEC-005": "a base URL with a password stands in the error",
    "STR-002": "the finish reason and the usage are each a final chunk",
    "STR-005": "nothing of a stream with CRLF is read, and it ends without an error",
    "STR-006": "nor of one without the space after data:",
    "STR-007": "a stream that was cut ends without a final chunk and without an error",
    "STR-012": "an error in the stream is left out",
    "STR-014": "a stream without a finish reason has no final chunk",
    "STR-016": "a stream that is left goes on: reader.closed is a promise, so it is never cancelled",
    "STR-018": "a stream that stalls is waited for without end",
    "STR-025": "a stream with nothing in it ends without a chunk and without an error",
    "STR-026": "so does a page",
    "STR-028": "a refusal is not read",
    "TIM-009": "abortSignal is looked at when the next chunk comes",
    "TIM-010": "and what is cancelled goes on upstream",
}
ANTHROPIC = {
    "ANT-002": "an empty answer goes into the history as it is, which the API refuses",
    "ANT-009": "the input tokens of message_delta are not read",
    "FLO-001": "the breaker does not see the status of a wrong key, which is asked with again",
    "FLO-003": "nor that of a bill that is not paid",
    "FLO-004": "529 is on no list, though it is Anthropic's own",
    "HLT-005": "any body under 200 is healthy",
    "HLT-007": "the health check repeats the provider's message, with the key in it",
    "MAL-009": "an event that is not JSON is left out",
    "MAL-010": "an event that is no object is left out",
    "REQ-011": "a tool choice of none is sent as auto",
    "REQ-016": "a base URL that ends with a slash gets two",
    "RSP-003": "a stop reason that is null is stop",
    "SEC-001": "a redirect to another origin takes x-api-key along",
    "SEC-005": "a base URL with a password stands in the error",
    "STR-006": "nothing of a stream without the space after data: is read, and it ends without an error",
    "STR-007": "a stream that was cut ends without a final chunk and without an error",
    "STR-012": "an error after the final chunk makes a second one",
    "STR-014": "a stop reason that is null is stop",
    "STR-024": "a stop reason that comes twice is two final chunks",
    "STR-025": "a stream with nothing in it ends without a chunk and without an error",
    "STR-026": "so does a page",
    "TIM-004": "the timeout ends with the headers of an error",
    "TIM-009": "abortSignal is looked at when the next chunk comes",
    "TIM-010": "and what is cancelled goes on upstream",
}
GEMINI = {
    "ERR-002": "API_KEY_INVALID comes as 400, and is no wrong key then",
    "ERR-020": "an error object under 200 is an empty answer with stop",
    "ERR-026": "the timeout ends with the headers",
    "GEM-001": "a prompt that was blocked is an empty answer with stop",
    "GEM-010": "API_KEY_INVALID comes as 400, and is no wrong key then",
    "HLT-005": "any body under 200 is healthy",
    "HLT-007": "the health check repeats the provider's message, with the key in it",
    "MAL-004": "null: TypeError; a list or a number is an empty answer with stop",
    "MAL-005": "no candidates are an empty answer with stop",
    "MAL-011": "fewer vectors than texts are handed on",
    "REQ-002": "the results of several calls are several turns, and all of a tool that is called unknown",
    "REQ-011": "the tool choice is not sent",
    "REQ-012": "a result is of a tool that is called unknown",
    "REQ-013": "an image is not sent",
    "REQ-016": "a base URL that ends with a slash gets two",
    "RSP-003": "a finish reason that is missing is stop",
    "RSP-011": "a count that is not told is 0",
    "RSP-017": "thoughts are text of the answer",
    "SEC-005": "a base URL with a password stands in the error",
    "STR-001": "nothing of a stream with CRLF, as Google sends it, is read: an empty answer with stop",
    "USE-004": "a count that is null is 0",
}
OLLAMA = {
    "FLO-001": "the breaker does not see the status of a wrong key, which is asked with again",
    "HLT-001": "the health check asks /api/, which is 404",
    "MAL-001": "a page under 200 is an answer without a choice",
    "MAL-002": "so is nothing at all",
    "MAL-003": "and half of an answer",
    "MAL-004": "a list or a number is an answer without a choice",
    "MAL-005": "so is an object without a message",
    "MAL-006": "and a message that is null",
    "MAL-007": "a content that is a number is handed on",
    "MAL-009": "a line that is not JSON is left out",
    "MAL-010": "a line that is no object is left out",
    "OLL-011": "calls of several lines have one id",
    "REQ-013": "an image alone is sent as JSON in the text, too",
    "REQ-016": "a base URL that ends with a slash gets two",
    "RSP-002": "done_reason is not read: length is stop",
    "RSP-003": "a done_reason that it does not know is stop",
    "RSP-011": "a count that is not told is 0",
    "STR-003": "done_reason is not read: length is stop",
    "STR-004": "a line or a character in two reads is lost",
    "STR-007": "a stream that was cut ends without a final chunk and without an error",
    "STR-025": "so does a stream with nothing in it",
    "STR-026": "and a page",
    "UNI-003": "a line or a character in two reads is lost",
    "USE-009": "a count that is not told is 0",
}
OPENROUTER = {
    "AUT-007": "details.underlyingError is the AxiosError, with the key in its headers",
    "EMB-008": "embeddings without a usage: TypeError",
    "ERR-020": "an error object under 200: TypeError",
    "HLT-005": "any body under 200 is healthy",
    "HLT-007": "the health check repeats the provider's message, with the key in it",
    "MAL-001": "a page under 200: TypeError",
    "MAL-002": "so is nothing at all",
    "MAL-003": "and half of an answer",
    "MAL-004": "and a list or a number",
    "MAL-005": "and an object without choices",
    "MAL-006": "and a choice without a message",
    "MAL-007": "a content that is a number is handed on",
    "MAL-009": "an event that is not JSON is left out",
    "MAL-010": "an event that is no object is left out",
    "MAL-011": "fewer vectors than texts are handed on",
    "REQ-014": "max_tokens is set unasked",
    "SEC-005": "a base URL with a password stands in the error",
    "STR-002": "the finish reason and the usage are each a final chunk",
    "STR-004": "a character in two reads is lost",
    "STR-006": "nothing of a stream without the space after data: is read, and it ends without an error",
    "STR-007": "a stream that was cut ends without a final chunk and without an error",
    "STR-010": "a chunk without a choice is a final error",
    "STR-014": "a stream without a finish reason has no final chunk",
    "STR-025": "a stream with nothing in it ends without a chunk and without an error",
    "STR-026": "so does a page",
    "STR-028": "a refusal is not read",
    "TIM-009": "abortSignal is looked at when the next chunk comes",
    "TIM-010": "and what is cancelled goes on upstream",
}
MET = ("REQ-001", "REQ-004", "REQ-007", "RSP-001", "RSP-010", "ERR-001", "ERR-004", "AUT-001", "TIM-001")

pytestmark = OPT_IN


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install(f"@framers/agentos@{VERSION}", tmp_path_factory.mktemp("agentos"), "--omit=optional")


def adapter(name: str, installed: Path) -> str:
    module = installed / f"{name}.mjs"
    module.write_text(MODULE.format(name), "utf-8")
    return str(module)


@pytest.mark.parametrize(
    ("name", "faults"),
    [
        ("OpenAIProvider", OPENAI),
        ("AnthropicProvider", ANTHROPIC),
        ("GeminiProvider", GEMINI),
        ("OllamaProvider", OLLAMA),
        ("OpenRouterProvider", OPENROUTER),
    ],
)
def test_the_known_faults_are_found_and_nothing_else_of_these(
    name: str, faults: dict[str, str], installed: Path
) -> None:
    met = tuple(set(MET) - set(faults))
    check(adapter(name, installed), faults, met, kwargs=ONE_ATTEMPT)


def test_it_asks_again_at_once_where_the_wait_is_a_date(installed: Path) -> None:
    faults = {
        "RAT-013": "a spent quota is asked for three times",
        "RAT-015": "Retry-After is read as a number, which a date is not; that of an overloaded server is not read",
    }
    check(adapter("OpenAIProvider", installed), faults, ("RAT-014",), retries="own")
