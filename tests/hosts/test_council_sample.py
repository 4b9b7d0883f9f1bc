"""The sample of LLM Council's own guide, judged: what the kit finds is true, and it finds nothing else."""

from __future__ import annotations

from conformance.verdict import Result, Verdict
from tests.hosts import council_stand_in
from tests.hosts.judging import failed, results, standing_in, verdicts

SAMPLE = "tests.hosts.council_sample"
MENDED = "tests.hosts.council_sample_mended"

TRUE_FAULTS = {
    "ERR-005": "no error body is read: a spent quota says 429, and the host waits and tries again",
    "ERR-007": "no error body is read: an unknown model has none of the words for it",
    "ERR-020": "an error object under status 200 ends in KeyError: 'choices'",
    "ERR-023": "a lost connection is raised with a text, or none, in which the host finds no word for it",
    "MAL-004": "JSON that is no object ends in a TypeError",
    "MAL-005": "an answer without choices ends in a KeyError, an IndexError or a TypeError",
    "MAL-006": "a choice without a message ends in a KeyError or an AttributeError",
    "LAW-008": "whatever else is not where it should be ends in a KeyError or a TypeError too",
    "REQ-007": "top_p of the request is dropped",
    "REQ-009": "stop of the request is dropped",
    "REQ-010": "it declares tool_use, and sends no tools",
    "REQ-011": "it declares tool_use, and sends no tool_choice",
    "REQ-015": "it declares streaming, and never asks for a stream",
    "REQ-016": "a slash at the end of the base URL gives //chat/completions",
    "RSP-004": "it declares tool_use, and drops the calls: the reply is empty, its content null",
    "RSP-009": "a refusal, whose content is null, is an empty answer",
    "SCH-001": "it declares structured_output, and sends no schema",
    "SEC-005": "the client's own exception is let through, and has the whole URL in its text",
    "STR-001": "it declares streaming, and reads a stream as one JSON document",
}
ADVICE = {
    "CFG-008": "the route is joined to the end of the base URL, where the query stands",
    "CFG-011": "an empty base URL is taken for the vendor's own",
    "ERR-015": "no error body is read: the provider's own message is lost",
    "ERR-025": "timeout_seconds of the request is ignored",
    "TIM-002": "timeout_seconds of the request is ignored",
    "TIM-004": "timeout_seconds of the request is ignored",
    "TIM-005": "timeout_seconds of the request is ignored",
    "HLT-005": "doctor looks at the status alone: a page is healthy",
    "ERR-026": "timeout_seconds of the request is ignored",
    "RSP-008": "content as a list of parts does not fit into the response's text",
    "RSP-010": "the usage is dropped",
    "RSN-009": "reasoning of the request is dropped",
    "SEC-015": "the client's own exception is let through, and its request goes along with it",
    "USE-008": "it declares streaming, and never asks for a stream's usage",
    "VEN-004": "an error inside a choice is overlooked, and half an answer returned",
    "VEN-009": "content as a list of parts does not fit into the response's text",
    "VEN-020": "content that is an object does not fit into the response's text",
    "VEN-021": "content as a list of parts does not fit into the response's text",
    "VEN-028": "max_tokens is sent to every model",
}


def judged(spec: str) -> list[tuple[str, str, Verdict]]:
    with standing_in("llm_council.providers.base", council_stand_in, SAMPLE, MENDED):
        return verdicts(spec)


def test_as_printed_it_cannot_make_one_call() -> None:
    found = judged(f"{SAMPLE}:MyProvider")
    assert failed(found, "MUST", "SHOULD", "MAY") == {"REQ-001"}
    got = next(v.violations[0].got for id, _, v in found if id == "REQ-001")
    assert "has no attribute '_get_client'" in got


def test_with_the_missing_method_its_true_faults_are_found_and_nothing_else() -> None:
    found = judged(f"{MENDED}:WithAClient")
    assert failed(found, "MUST") == set(TRUE_FAULTS)
    assert failed(found, "SHOULD", "MAY") == set(ADVICE)
    assert results(found) == {Result.PASS, Result.FAIL, Result.BLOCKED, Result.UNSUPPORTED}
