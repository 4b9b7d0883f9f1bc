"""The sample of LAIOS' own guide, judged: what the kit finds is true, and it finds nothing else."""

from __future__ import annotations

import pytest

from conformance.verdict import Result, Verdict
from tests.hosts import laios_stand_in
from tests.hosts.judging import failed, results, standing_in, verdicts

SAMPLE = "tests.hosts.laios_sample"

TRUE_FAULTS = {
    "ERR-020": "an error object under status 200 ends in KeyError: 'choices', and its message is lost",
    "MAL-010": "a chunk of a wrong type ends in a TypeError or an AttributeError",
    "REQ-016": "a slash at the end of the base URL gives //chat/completions",
    "RSP-001": "prompt_tokens_details, which OpenAI and llama.cpp send, is no Dict[str, int]: the whole answer is lost",
    "SEC-005": "the client's own exception is let through, and has the whole URL in its text",
    "STR-006": "`data:` without the space is skipped: the stream is empty, and ends well",
    "STR-007": "a stream that was cut ends as if it were whole",
    "STR-009": "a delta that is null is asked for its content: TypeError",
    "STR-010": "the trailing usage chunk has no choices: IndexError, after the whole text",
    "STR-012": "an error inside a stream is a KeyError: 'choices', and its message is lost",
    "STR-021": "events of foreign names are read as chunks",
    "STR-023": "iter_lines also ends lines at U+2028 and U+0085, in the middle of the JSON",
    "STR-024": "a chunk without choices after the finish reason: IndexError",
    "STR-025": "a stream without any event is an empty answer",
    "STR-026": "a page in place of a stream is an empty answer",
    "STR-028": "a refusal is an empty answer",
}
ADVICE = {
    "CFG-008": "the route is joined to the end of the base URL, where the query stands",
    "SEC-015": "the client's own exception is let through, and its request goes along with it",
    "STR-022": "data over several lines is parsed line by line",
    "VEN-028": "max_tokens is sent to every model",
    "TIM-005": "the client's timeout is for one read",
    "TIM-006": "the same",
    "TIM-018": "[DONE] is skipped, and the body read to its end",
}


@pytest.fixture(scope="module")
def judged() -> list[tuple[str, str, Verdict]]:
    with standing_in("laios.llm.client", laios_stand_in, SAMPLE):
        return verdicts(f"{SAMPLE}:MyProviderClient")


def test_its_true_faults_are_found_and_nothing_else(judged: list[tuple[str, str, Verdict]]) -> None:
    assert failed(judged, "MUST") == set(TRUE_FAULTS)
    assert failed(judged, "SHOULD", "MAY") == set(ADVICE)
    assert results(judged) == {Result.PASS, Result.FAIL, Result.BLOCKED, Result.UNSUPPORTED}


def test_what_it_does_right_is_said_too(judged: list[tuple[str, str, Verdict]]) -> None:
    """A raw exception of the client is an exception, which is all that the router wants."""
    passed = {id for id, _, v in judged if v.result is Result.PASS} - {
        id for id, _, v in judged if v.result not in (Result.PASS, Result.UNSUPPORTED)
    }
    assert passed >= {"REQ-001", "REQ-004", "REQ-006", "REQ-008", "ERR-001", "ERR-004", "ERR-022", "ERR-026"}
    assert passed >= {"STR-001", "STR-015", "STR-016", "AUT-001", "AUT-009", "RAT-010"}
