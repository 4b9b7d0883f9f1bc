"""The kit's own proofs, as far as they go in seconds: the commands that are named here do the whole."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from conformance import catalogue
from conformance.bench import Bench
from conformance.case import Case
from conformance.examination import Examination
from conformance.provider import resolve
from conformance.suites.evidence import Evidence
from conformance.suites.vacuity import idle, wishes, without
from conformance.then import Then
from conformance.trace import Outcome, Trace
from conformance.verdict import Result
from tests.mutants import Mutant, everything
from tests.mutants.removal import chosen, remove
from tests.random_order import PROVIDERS, difference, report

ONE_OF_EACH = list(chosen(everything()))
REFERENCES = ("OpenAIChat", "AnthropicMessages", "BedrockConverse", "CohereChat", "Gemini", "Ollama", "OpenAIResponses")


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with Bench() as made:
        yield made


@pytest.mark.proof
@pytest.mark.parametrize("mutant", ONE_OF_EACH, ids=[m.kills for m in ONE_OF_EACH])
def test_without_the_check_of_its_requirement_a_mutant_survives(mutant: Mutant, bench: Bench) -> None:
    """`pytest -m proof`; of all mutants: `python -m tests.mutants.removal --all`"""
    removal = remove(mutant, bench)
    assert removal.survives, removal


@pytest.mark.proof
def test_every_wish_of_every_case_looks_at_something(bench: Bench) -> None:
    """On an adapter that passes it, whichever; wishes that no adapter ever shows anything to prove nothing."""
    wanted, looked = set(), set()
    for name in REFERENCES:
        examination = Watched(resolve([f"conformance.reference:{name}"], {})[0], bench, catalogue.load())
        for exam in examination.exams:
            # Cases that only wait are looked at by the run itself, and would wait one after the other here.
            if exam.case.waits:
                continue
            result = examination.verdict(exam).result
            assert result is not Result.VACUOUS, exam.id
            if result is Result.PASS:
                mine = {(exam.requirement.id, exam.case.case, wish) for wish in wishes(exam.case.then)}
                wanted |= mine
                looked |= {row for row in mine if row[2] not in idle(exam.case.then, examination.seen)}
    assert sorted(wanted - looked) == []


class Watched(Examination):
    """Keeps what the latest verdict was made of."""

    seen: Evidence

    def _evidence(self, case: Case, trace: Trace) -> Evidence:
        self.seen = super()._evidence(case, trace)
        return self.seen


@pytest.mark.parametrize(
    ("then", "found"),
    [
        ({"reply": {"text": "x", "id": "y"}}, ["reply.text", "reply.id"]),
        ({"reply": {"id": None}}, ["reply.id"]),
        ({"reply": {}}, ["reply"]),
        ({"sent": {}}, []),
        ({"sent": {"legal": True, "requests": 0}}, ["sent.requests", "sent.legal"]),
        ({"error": {"kind": ["auth"]}}, ["error.kind"]),
        ({"vectors": [[1.0]], "unchanged": True}, ["vectors", "unchanged"]),
        ({"either": [{"reply": {"text": "x"}}]}, []),
    ],
)
def test_wishes(then: dict[str, object], found: list[str]) -> None:
    made = Then.model_validate(then)
    assert wishes(made) == found
    for wish in found:
        assert wish not in wishes(without(made, wish))


def test_what_looks_at_requests_is_idle_without_any() -> None:
    from conformance import dialects  # noqa: PLC0415

    then = {"sent": {"legal": True, "at_most": 3}, "secret_not_in": ["url"], "unchanged": True}
    case = Case.model_validate({"case": "x", "proves": "REQ-001", "ask": {"op": "health"}, "then": then})
    evidence = Evidence(Trace(Outcome()), case, dialects.load("openai-chat"), "/v1", "", "key")
    assert idle(case.then, evidence) == ["sent.legal", "unchanged", "secret_not_in"]


@pytest.mark.proof
def test_random_order_changes_no_verdict() -> None:
    """`python -m tests.random_order --runs 50`"""
    some = ("-k", "REQ or STR-014 or STR-001 or TOL-002 or TOL-001 or RSP or ERR-00 or CFG")
    expected = report(None, *some, providers=PROVIDERS)
    assert len({row[1] for row in expected}) > 2
    for seed, options in ((1, ()), (2, ("-n", "2"))):
        assert difference(expected, report(seed, *some, *options, providers=PROVIDERS)) == []
