"""The reference, by the catalogue itself."""

from __future__ import annotations

from conformance import catalogue
from conformance.bench import Bench
from conformance.contract import Capabilities
from conformance.examination import Examination
from conformance.provider import resolve
from conformance.reference import OpenAIChat
from conformance.verdict import Result


class DeclaresLittle(OpenAIChat):
    """The reference, as it is where nothing but plain questions is declared."""

    capabilities = Capabilities(streaming=False, tools=False)


# For adapters that retry themselves, use an SDK, or can be asked in two ways.
OTHERS = {*(f"RAT-0{n}" for n in range(14, 19)), "LIF-009", "LIF-010", "LAW-009"}


def test_the_reference_passes_the_first_case_of_every_requirement(bench: Bench) -> None:
    """With everything declared, or with nothing, where a requirement is about what is not."""
    specs = ["conformance.reference:OpenAIChat", f"{__name__}:DeclaresLittle"]
    able, plain = (Examination(subject, bench, catalogue.load()) for subject in resolve(specs, {}))
    for examination, lacking in ((able, False), (plain, True)):
        first = {e.requirement.id: e for e in reversed(examination.exams) if bool(e.lacks) is lacking}
        found = {id: examination.verdict(exam) for id, exam in first.items()}
        assert {id: v.headline for id, v in found.items() if v.result is not Result.PASS and id not in OTHERS} == {}


def test_ids_are_unique(bench: Bench) -> None:
    subject = resolve(["conformance.reference:OpenAIChat"], {})[0]
    ids = [e.id for e in Examination(subject, bench, catalogue.load()).exams]
    assert len(ids) == len(set(ids))
