"""What the hosts' own code does about the errors of the adapters that they ship."""

from __future__ import annotations

import pytest

from tests.hosts.real.judged import check


def test_council_reads_no_status_where_the_sdk_says_none() -> None:
    pytest.importorskip("llm_council")
    faults = {
        "FLO-001": "of a page under 401 the text is the page: the host tries a wrong key once more",
        "FLO-002": "of a 429 the text is the provider's: without a word for a limit the host tries once and no more",
        "FLO-003": "of a 402 the text is the provider's: the host asks again for what is not paid",
    }
    check("llm_council.providers.openai:OpenAIProvider", faults, ("FLO-004", "FLO-006", "FLO-007", "FLO-010"))


def test_langchain_waits_before_it_tells() -> None:
    pytest.importorskip("langchain_openai")
    faults = {"FLO-009": "max_retries is 2 where nothing is said, and Retry-After is slept"}
    check("langchain_openai:ChatOpenAI", faults, ("FLO-001", "FLO-002", "FLO-006", "FLO-010", "FLO-011"))


def test_litellm_waits_before_it_tells() -> None:
    pytest.importorskip("litellm")
    faults = {
        "FLO-008": "a stream without an event is an empty answer, with the finish reason 'stop'",
        "FLO-009": "its client tries again twice, and Retry-After is slept",
    }
    check("litellm:openai/", faults, ("FLO-001", "FLO-002", "FLO-004", "FLO-006", "FLO-007"))
