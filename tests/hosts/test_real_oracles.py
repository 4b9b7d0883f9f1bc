"""The hosts' own code, where it is installed: the models say the same, and the packages are asked."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from typing import Any

import pytest

from conformance.drivers.council_errors import _WORDS
from conformance.failover import oracles
from conformance.failover.oracles import llm_council
from conformance.trace import Failure

TEXTS = [*(word for words in _WORDS.values() for word in words), "", "Slow down, please.", "400: Unknown parameter"]


def test_the_model_of_council_says_what_the_package_says() -> None:
    pytest.importorskip("llm_council.engine.degradation")
    for text in TEXTS:
        own, model = llm_council._asked(text), llm_council._modelled(text)
        assert (own.does, own.reason, own.wait) == (model.does, model.reason, model.wait), text


def test_langchain_goes_on_after_any_exception() -> None:
    pytest.importorskip("langchain_core.runnables")
    oracle: Any = oracles.of("langchain")
    given = [ValueError("x"), TimeoutError(), SystemExit()]
    told = [oracle(exc, Failure(type(exc).__name__, "", typed=False)) for exc in given]
    assert [d.does for d in told] == ["next", "next", "stop"]
    assert {d.by for d in told} == {"langchain_core.runnables.with_fallbacks"}


_LITELLM = """
import os
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
import httpx, litellm
from conformance.failover import oracles
from conformance.trace import Failure
told = dict(llm_provider="openai", model="m")
def limited(seconds):
    request = httpx.Request("POST", "http://127.0.0.1/v1")
    response = httpx.Response(429, headers={"retry-after": seconds}, request=request)
    return litellm.RateLimitError("slow down", response=response, **told)
raised = [
    litellm.AuthenticationError("no", **told),
    limited("7"),
    litellm.InternalServerError("oops", **told),
    litellm.APIConnectionError("refused", **told),
    litellm.Timeout("late", **told),
    litellm.BadRequestError("wrong", **told),
]
for exc in raised:
    got = oracles.of("litellm")(exc, Failure(type(exc).__name__, str(exc), typed=True))
    print(got.does, (got.wait or 0) >= 7)
"""


def test_the_router_of_litellm_is_asked() -> None:
    """In a process of its own: the package does much when it is imported."""
    if find_spec("litellm") is None:
        pytest.skip("litellm is not installed")
    shown = subprocess.run([sys.executable, "-c", _LITELLM], capture_output=True, text=True, check=True)
    does = shown.stdout.split("\n")[:-1]
    assert does == ["skip False", "wait True", "retry False", "retry False", "retry False", "next False"]
