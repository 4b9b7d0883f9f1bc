"""The reference adapters on the official SDKs, by the first case of every requirement. All cases are a proof: each
SDK's own test asks for them."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from conformance.verdict import Result
from tests.hosts.judging import KNOWN, first_cases

ON = {
    "OpenAIChatSDK": "openai",
    "OpenAIResponsesSDK": "openai",
    "AnthropicMessagesSDK": "anthropic",
    "GeminiSDK": "google.genai",
    "OllamaSDK": "ollama",
    "CohereChatSDK": "cohere",
    "BedrockConverseSDK": "boto3",
}
OFTEN = ("OpenAIChatSDK", "AnthropicMessagesSDK", "GeminiSDK")  # the others are a proof
GIVEN = {"BedrockConverseSDK": {"secret_key": "not-a-secret"}}


@pytest.mark.filterwarnings("ignore")  # the SDKs' own
@pytest.mark.parametrize(
    "reference", [name if name in OFTEN else pytest.param(name, marks=pytest.mark.proof) for name in ON]
)
def test_it_fails_in_no_way_that_is_not_known(reference: str) -> None:
    if find_spec(ON[reference].partition(".")[0]) is None:
        pytest.skip(f"the SDK {ON[reference]} is not installed: pip install -e '.[test]'")
    judged = first_cases(reference, **GIVEN.get(reference, {}))
    known = Result.KNOWN in {v.result for _, v in judged.values()}
    assert {v.result for _, v in judged.values()} >= {Result.PASS, Result.UNSUPPORTED}
    assert known == (KNOWN / f"{reference}.toml").is_file()
    assert {id: v.headline for id, (level, v) in judged.items() if v.result is Result.FAIL and level == "MUST"} == {}
    assert {id for id, (_, v) in judged.items() if v.result is Result.BLOCKED and not v.known} == set()
    assert {v.result for _, v in judged.values()}.isdisjoint({Result.KIT_ERROR, Result.VACUOUS})
