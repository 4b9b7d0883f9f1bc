"""The user's environment: proxies and keys of theirs are not seen, and come back."""

from __future__ import annotations

import os

import pytest

from conformance.bench import Bench
from conformance.verdict import Result
from tests.core.examination.adapters import Small, UsesAnyKeyThereIs
from tests.core.examination.small import ANSWER, QUESTION, one


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"])
def test_proxies_are_ignored(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, "http://127.0.0.1:9")
    with Bench() as bench:
        assert variable not in os.environ
        assert one(Small, bench, ANSWER).result is Result.PASS
    assert os.environ[variable] == "http://127.0.0.1:9"


def test_the_users_keys_are_not_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    before = {"OPENAI_API_KEY": "sk-users-own", "OPENAI_BASE_URL": "http://x", "ACME_API_TOKEN": "t"}
    for name, value in before.items():
        monkeypatch.setenv(name, value)
    case = {**QUESTION, "then": {"sent": {"header": {"authorization": "Bearer none"}}}}
    given = {**case, "adapter": {"env": {"OPENAI_API_KEY": "sk-of-the-case"}}}
    with Bench() as bench:
        assert not before.keys() & os.environ.keys()
        assert one(UsesAnyKeyThereIs, bench, case).result is Result.PASS
        sent = one(UsesAnyKeyThereIs, bench, given).violations[0].got
        assert sent == "authorization: Bearer sk-of-the-case"
        assert one(UsesAnyKeyThereIs, bench, case).result is Result.PASS  # it is gone again
    assert {name: os.environ[name] for name in before} == before


def test_the_environment_of_the_configuration(bench: Bench) -> None:
    case = {**QUESTION, "then": {"sent": {"header": {"authorization": "Bearer {key}"}}}}
    assert one(UsesAnyKeyThereIs, bench, case, env={"OPENAI_API_KEY": "{key}"}).result is Result.PASS
    assert "OPENAI_API_KEY" not in os.environ
