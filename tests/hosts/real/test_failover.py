"""What the hosts' own code does about the errors of the adapters that they ship."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from tests.hosts.real.judged import check


def there(package: str) -> None:
    """Not imported for that: LiteLLM asks the network when it is, unless the kit says otherwise."""
    if find_spec(package) is None:
        pytest.skip(f"{package} is not installed: pip install -r tests/hosts/real/frameworks.txt")


def test_council_reads_no_status_where_the_sdk_says_none() -> None:
    there("llm_council")
    faults = {
        "FLO-001": "of a page under 401 the text is the page: the host tries a wrong key once more",
        "FLO-002": "of a 429 the text is the provider's: without a word for a limit the host tries once and no more",
        "FLO-003": "of a 402 the text is the provider's: the host asks again for what is not paid",
    }
    check("llm_council.providers.openai:OpenAIProvider", faults, ("FLO-004", "FLO-006", "FLO-007", "FLO-010"))


def test_langchain_waits_before_it_tells() -> None:
    there("langchain_openai")
    faults = {"FLO-009": "max_retries is 2 where nothing is said, and Retry-After is slept"}
    check("langchain_openai:ChatOpenAI", faults, ("FLO-001", "FLO-002", "FLO-006", "FLO-010", "FLO-011"))


def test_litellm_waits_before_it_tells() -> None:
    there("litellm")
    faults = {"FLO-009": "its client tries again twice, and Retry-After is slept"}
    check("litellm:openai/", faults, ("FLO-001", "FLO-002", "FLO-004", "FLO-006", "FLO-007"))
