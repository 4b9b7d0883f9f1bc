"""The reference adapter on the official SDK meets every requirement; without the SDK it says what to install."""

from __future__ import annotations

import subprocess
import sys

import pytest

from conformance.verdict import Result
from tests.hosts.judging import failed, results, verdicts

# What the SDK does on its own, and what it costs to undo it.
ADVICE = {
    "CFG-008": "the SDK puts the route behind the query of a base URL",
    "CON-008": "the SDK's client belongs to the first event loop in which it was used",
    "SEC-002": "the SDK's client follows redirects to anywhere, without the key, but with the prompt",
    "TIM-005": "the SDK's timeout is for one read",
    "TIM-006": "the SDK's timeout is for one read",
    "VEN-022": "the SDK swallows [DONE]: without a finish reason nothing tells that a stream is whole",
}

# As if the SDK were not installed.
WITHOUT = "import sys; sys.modules['openai'] = None; "


@pytest.mark.proof
def test_it_meets_every_requirement() -> None:
    pytest.importorskip(
        "openai", reason="the openai SDK is not installed: pip install 'provider-conformance[openai-sdk]'"
    )
    judged = verdicts("conformance.reference:OpenAIChatSDK")
    assert failed(judged, "MUST") == set()
    assert failed(judged, "SHOULD", "MAY") == set(ADVICE)
    assert results(judged) <= {Result.PASS, Result.FAIL, Result.UNSUPPORTED}


def python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", WITHOUT + code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_the_others_do_not_need_the_sdk() -> None:
    assert python("from conformance.reference import OpenAIChat; print(OpenAIChat.name)") == "openai-chat"


def test_without_the_sdk_one_sentence_says_what_to_install() -> None:
    said = python(
        "from conformance.provider import resolve\nfrom conformance.refusal import BadProvider\n"
        "try: resolve(['conformance.reference:OpenAIChatSDK'], {})\n"
        "except BadProvider as exc: print(exc)"
    )
    assert said.startswith("conformance.reference:OpenAIChatSDK cannot be used: ")
    assert said.endswith("get it with: pip install 'provider-conformance[openai-sdk]'")
    assert "\n" not in said
