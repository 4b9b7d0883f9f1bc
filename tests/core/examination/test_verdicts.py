"""The verdicts, one of each kind."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conformance.bench import Bench
from conformance.verdict import Result
from tests.core.examination.adapters import Shouts, Small, TakesNoTimeout
from tests.core.examination.small import ANSWER, CASES, GOOD, QUESTION, RIVERS, examined, one, verdicts


def test_pass(bench: Bench) -> None:
    verdict = one(Small, bench, ANSWER)
    assert verdict.result is Result.PASS
    assert verdict.checks == 1
    assert verdict.headline == ""
    assert not verdict.violations


def test_fail(bench: Bench) -> None:
    verdict = one(Shouts, bench, ANSWER)
    assert verdict.result is Result.FAIL
    assert verdict.headline == "the reply's text is wrong"
    assert verdict.violations[0].expected == f"text={RIVERS!r}"
    assert verdict.violations[0].got == f"text={RIVERS.upper()!r}"
    assert verdict.asked == 'generate: "Name three rivers."'
    assert any(line.startswith("> POST ") for line in verdict.wire)
    assert any("200" in line for line in verdict.wire)
    assert json.loads(json.dumps(verdict.as_data()))["result"] == "fail"


def test_unsupported(bench: Bench) -> None:
    tools = next(c for c in CASES if c["case"] == "tools")
    verdict = one(Small, bench, tools)
    assert (verdict.result, verdict.reason) == (Result.UNSUPPORTED, "it declares tools=False")
    verdict = one(Small, bench, next(c for c in CASES if c["case"] == "stream"), unsupported={"streaming": "not here"})
    assert (verdict.result, verdict.reason) == (Result.UNSUPPORTED, "configured as unsupported: not here")
    timeout = {**QUESTION, "proves": "ERR-025"}
    assert one(TakesNoTimeout, bench, timeout).reason == "its constructor takes no timeout"
    assert one(Small, bench, timeout).result is Result.PASS


def test_a_need_of_the_case_alone(bench: Bench) -> None:
    assert one(Small, bench, {**QUESTION, "needs": ["images"]}).result is Result.UNSUPPORTED


def test_vacuous(bench: Bench) -> None:
    verdict = one(Small, bench, {**QUESTION, "then": {}})
    assert (verdict.result, verdict.headline) == (Result.VACUOUS, "nothing was looked at")


@pytest.mark.parametrize(
    ("wire", "says"),
    [
        ({"cassette": "replies/none"}, "there is no cassette openai-chat/replies/none.yaml"),
        ({**GOOD, "transform": "brotli"}, "there is no transform 'brotli'"),
        ({"error": "network"}, "KeyError: 'network'"),
    ],
)
def test_what_is_missing_in_the_kit_is_not_the_adapters_fault(bench: Bench, wire: dict[str, Any], says: str) -> None:
    verdict = one(Shouts, bench, {**ANSWER, "wire": wire})
    assert verdict.result is Result.KIT_ERROR
    assert says in verdict.reason
    assert verdict.violations == ()


def test_a_kit_error_in_a_prerequisite_neither_blocks_nor_escapes(bench: Bench) -> None:
    found = verdicts(examined(Shouts, bench, {**QUESTION, "wire": {"cassette": "replies/none"}}, ANSWER))
    assert [v.result for v in found.values()] == [Result.KIT_ERROR, Result.FAIL]


def test_what_is_not_declared_is_not_judged_where_it_is(bench: Bench) -> None:
    asked = {"case": "tools", "proves": "REQ-001", "ask": {"tools": [{"name": "now"}]}, "lacks": ["tools"]}
    case = {**asked, "then": {"refused": "tools"}}
    found = one(Small, bench, case)
    assert (found.result, found.headline) == (Result.FAIL, "tools: asked for, not declared, and not refused")
    (able,) = verdicts(examined("conformance.reference:OpenAIChat", bench, case)).values()
    assert (able.result, able.reason) == (Result.UNSUPPORTED, "it declares tools=True")
    told = one(Small, bench, case, unsupported={"tools": "not here"})
    assert (told.result, told.reason) == (Result.UNSUPPORTED, "configured as unsupported: not here")


class HasNoModels(Small):
    list_models: Any = None


class LeavesModelsToOthers(Small):
    async def list_models(self) -> Any:
        raise NotImplementedError


@pytest.mark.parametrize("adapter", [HasNoModels, LeavesModelsToOthers])
def test_a_method_that_is_not_there_refuses(adapter: type, bench: Bench) -> None:
    case = {"case": "models", "proves": "REQ-001", "ask": {"op": "list_models"}, "then": {"refused": "model_listing"}}
    assert one(adapter, bench, case).result is Result.PASS
    assert one(Small, bench, case).headline == "model_listing: asked for, not declared, and not refused"
