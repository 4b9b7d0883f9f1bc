"""What is not declared is refused, and what is declared is not."""

from __future__ import annotations

from conformance.trace import Outcome
from tests.core.suites.evidence import HUNG, error, fails, headlines, passes

REFUSAL = Outcome(error=error("unsupported"))


def test_what_is_not_declared_is_refused_before_anything_is_sent() -> None:
    want, expected = {"refused": "tools"}, "an error of kind unsupported, before anything is sent"
    passes(want, REFUSAL, [])
    passes(want, Outcome(error=error("invalid_request")), [])
    fails(
        want,
        "tools: asked for, not declared, and not refused",
        expected,
        "reply text='Hi' finish_reason='stop', no error",
    )
    assert headlines(want, Outcome(), []) == ["tools: asked for, not declared, and not refused"]
    assert headlines(want, REFUSAL) == ["tools: refused after a request, which is paid for"]
    assert headlines(want, Outcome(error=error(None)), []) == ["ProviderError escaped in place of a provider error"]
    assert headlines(want, Outcome(error=error("network")), []) == [
        "the error is of kind network, not unsupported or invalid_request"
    ]
    assert headlines(want, Outcome(error=HUNG), []) == ["the call hung"]
    passes({"either": [want, {"vectors": [[0.5]]}]}, Outcome(vectors=[[0.5]]), [])


def test_what_is_declared_is_not_refused() -> None:
    want = {"taken": "tools"}
    passes(want)
    passes(want, Outcome(error=error("server")))
    assert headlines(want, REFUSAL, []) == ["tools: declared, and refused"]
