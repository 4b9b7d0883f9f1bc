"""Where a host lets any exception through, a slip of the adapter's is told from one that it raised with a sentence."""

from __future__ import annotations

import pytest

from conformance import dialects
from conformance import profile as profiles
from conformance.case import Case
from conformance.suites import judge
from conformance.suites.evidence import Evidence
from conformance.trace import Exchange, Failure, Outcome, Trace

ASKED = Exchange("POST", "/v1/chat/completions", "", [], b"{}", connection=1, at=1.0, operation="chat")


@pytest.mark.parametrize(
    "then", [{"sound": True}, {"error": {"kind": ["malformed"]}}], ids=lambda then: next(iter(then))
)
@pytest.mark.parametrize("deliberate", [True, False])
def test_only_a_slip_is_a_fault(then: dict[str, object], deliberate: bool) -> None:
    case = Case.model_validate({"case": "made", "proves": "MAL-001", "then": then})
    raised = Failure("TypeError", "the answer must be an object, not a list", typed=False, deliberate=deliberate)
    trace = Trace(Outcome(error=raised), exchanges=[ASKED])
    spoken = dialects.load("openai-chat")
    evidence = Evidence(trace, case, spoken, mount="/v1", added="", key="k", profile=profiles.load("laios"))
    violations, checks = judge(case, evidence)
    assert [v.headline[:17] for v in violations] == ([] if deliberate else ["TypeError escaped"])
    assert checks == 1
