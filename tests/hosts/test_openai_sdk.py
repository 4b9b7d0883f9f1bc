"""The kit tried on the official SDK: what it finds is true, and it finds nothing else."""

from __future__ import annotations

import pytest

from conformance import catalogue
from conformance.bench import Bench
from conformance.examination import Examination
from conformance.provider import resolve
from conformance.verdict import Result
from tests.hosts.judging import careless

pytest.importorskip("openai", reason="the openai SDK is not installed")

TRUE_FAULTS = {
    "HLT-001": "says that it is healthy without asking anybody",
    "ERR-020": "takes an answer with an error object beside empty choices for an answer",
    "MAL-007": "hands a content that is a number on to the host, as the SDK does",
    "MAL-008": "takes a JSON list for the arguments of a call",
    "MAL-011": "hands a vector that is null on to the host, as the SDK does",
    "MAL-012": "says that there are no models where the answer has no list, as the SDK does",
    "RAT-002": "does not read Retry-After as a date",
    "STR-028": "forgets the refusal of a stream",
    "TIM-004": "lets the client's own error out, as the SDK does where it reads the body of an error of a stream",
}
ADVICE = {
    "CFG-008": "the SDK joins the route to the end of the base URL, where the query stands",
    "CON-008": "the SDK's client belongs to the first event loop in which it was used",
    "SEC-002": "the SDK follows redirects to other origins, with the prompt",
    "SEC-006": "the SDK's errors have the client's error as their cause, with the whole URL",
    "AUT-010": "hands a quoted key on",
    "ERR-015": "the SDK's text leaves a message out that is a bare string under `error`",
    "EMB-003": "fails where vectors have no index: None cannot be sorted",
    "EMB-006": "hands vectors of unequal length on, as the SDK does",
    "EMB-009": "puts all texts into one request",
    "ERR-032": "knows a prompt that is too long by OpenAI's code alone",
    "RAT-004": "does not read retry-after-ms",
    "RSP-007": "leaves a call without an id without one",
    "RSP-008": "does not read content as a list of parts",
    "RSP-018": "does not tell the reasoning",
    "RSP-023": "knows OpenAI's finish reasons alone",
    "TIM-005": "the SDK's timeout is for one read",
    "TIM-006": "the same",
    "STR-013": "gives every error inside a stream the kind server",
    "STR-030": "joins the pieces of two calls that have no index",
    "TOL-001": "joins the arguments of calls that all have index 0",
    "TOL-003": "joins an id that every piece repeats",
    "TOL-004": "joins a name that every piece repeats",
    "TOL-005": "reads arguments only as text",
    "VEN-002": "Azure: a choice without a message, which the filter stopped, is a malformed answer",
    "VEN-004": "OpenRouter: overlooks the error inside a choice, and returns half an answer",
    "VEN-009": "Mistral: does not read content as a list of parts",
    "VEN-012": "xAI: the SDK's text leaves a message out that is a bare string under `error`",
    "VEN-014": "Perplexity: does not know the type of a prompt that is too long",
    "VEN-019": "DashScope: joins an id that every piece repeats",
    "VEN-020": "Cloudflare: hands a content that is an object on to the host, as the SDK does",
    "VEN-021": "Databricks: does not read content as a list of parts",
    "VEN-022": "Snowflake: takes a stream without a finish reason for a cut one, as the SDK hides [DONE]",
    "VEN-026": "Ollama: joins the arguments of calls that all have index 0",
}

BLOCKED = {  # behind ERR-020 and HLT-001
    "ERR-021",
    "HLT-002",
    "HLT-003",
    "HLT-004",
    "HLT-005",
    "HLT-006",
    "RAT-020",  # behind RAT-002
    "FLO-002",
    "HLT-007",
    "HLT-008",
    "HLT-009",
    # behind RSP-018 and STR-028
    "RSN-001",
    "RSN-002",
    "SCH-009",
    "VEN-002",
}


@pytest.mark.proof
def test_the_kit_finds_its_true_faults_and_accuses_it_of_nothing_else() -> None:
    with careless(), Bench() as bench:
        examination = Examination(resolve(["tests.hosts.openai_sdk:OnTheSDK"], {})[0], bench, catalogue.load())
        examination.expect(examination.exams)
        verdicts = [(e.requirement, examination.verdict(e).result) for e in examination.exams]
    failed = {rule.id: rule.level for rule, result in verdicts if result is Result.FAIL}
    assert {id for id, level in failed.items() if level == "MUST"} == set(TRUE_FAULTS)
    assert {id for id, level in failed.items() if level != "MUST"} == set(ADVICE)
    assert {rule.id for rule, result in verdicts if result is Result.BLOCKED} == BLOCKED
    unsupported = {rule.id for rule, result in verdicts if result is Result.UNSUPPORTED}
    unsupported = {id for id in unsupported if not id.startswith("CAP")}  # it declares all that there is
    own_retries = {f"RAT-0{n}" for n in range(14, 19)}  # of adapters that retry themselves
    unsupported -= {"CFG-007", "LIF-005", "LIF-006", *own_retries}  # it has no close
    unsupported -= {"LAW-009"}  # its host asks in one way
    unsupported -= {"RSN-012", "RSN-013"}  # and keeps nothing that is opaque
    assert unsupported == {"CFG-003", "CFG-004", "CFG-013"}  # its constructor demands a key
    assert Result.KIT_ERROR not in {result for _, result in verdicts}
    assert Result.VACUOUS not in {result for _, result in verdicts}
