"""docs/configuration.md: every key is told, every example is valid, and adapters made of it alone are conformant."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from conformance.config import Config, ProviderConfig
from tests.plugin.runs import counts, run

PAGE = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text("utf-8")
EXAMPLES = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
OF_A_MODEL_THAT_IS_GIVEN = {"CFG-006", "HLT-001", "HLT-008", "VEN-028"}  # none other can be tried
OF_ANY_SUCH = re.compile(r"^it (declares \w+=True|uses no provider's SDK|is not configured to retry itself)$")
SERVERS = next(example for example in EXAMPLES if "ollama" in example)


def configured(example: str) -> dict[str, ProviderConfig]:
    return Config.model_validate(tomllib.loads(example)["tool"]["conformance"]).providers


def test_every_key_is_told_and_no_other() -> None:
    assert set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)) == set(ProviderConfig.model_fields)


def test_every_key_has_an_example() -> None:
    used = {key for example in EXAMPLES for given in configured(example).values() for key in given.model_fields_set}
    assert used == set(ProviderConfig.model_fields)


def test_servers_are_judged_by_configuration_alone(pytester: pytest.Pytester) -> None:
    pytester.makepyprojecttoml(SERVERS)
    areas = "requests or auth or models or health or configuration"
    result = run(pytester, "-q", "--provider=ollama", "--provider=vllm", "-k", areas)
    assert result.ret == 0
    assert counts(result)["passed"] > 200


@pytest.mark.proof
@pytest.mark.parametrize("name", ["ollama", "vllm"])
def test_servers_are_conformant_by_configuration_alone(name: str, pytester: pytest.Pytester) -> None:
    pytester.makepyprojecttoml(SERVERS)
    result = run(pytester, "-q", f"--provider={name}", "--conformance-report=report.json")
    assert result.ret == 0
    result.stdout.fnmatch_lines([f"{name}: conformant: *"])
    rules = json.loads((pytester.path / "report.json").read_text("utf-8"))["providers"][0]["requirements"]
    reasons = {rule["id"]: rule["cases"][0]["reason"] for rule in rules if rule["verdict"] == "unsupported"}
    assert {id for id, reason in reasons.items() if reason.startswith("its model is ")} == OF_A_MODEL_THAT_IS_GIVEN
    assert all(OF_ANY_SUCH.search(reason) for id, reason in reasons.items() if id not in OF_A_MODEL_THAT_IS_GIVEN)


def test_with_a_model_that_is_given_no_other_is_tried(pytester: pytest.Pytester) -> None:
    pytester.makepyprojecttoml(SERVERS)
    result = run(pytester, "--provider=vllm", "--conformance-report=report.json", "-k", "CFG-006 or REQ-005")
    assert result.ret == 0
    rules = json.loads((pytester.path / "report.json").read_text("utf-8"))["providers"][0]["requirements"]
    cases = {c["case"]: c for rule in rules if rule["id"] in ("CFG-006", "REQ-005") for c in rule["cases"]}
    assert cases["model-of-the-adapter"]["verdict"] == "pass"
    assert cases["with-a-tag"]["reason"] == "its model is 'meta-llama/Llama-3.2-8B-Instruct', says pyproject.toml"


@pytest.mark.parametrize("name", ["base_url", "api_key"])
def test_what_the_kit_has_to_give_cannot_be_given(name: str, pytester: pytest.Pytester) -> None:
    pytester.makepyprojecttoml(
        f'[tool.conformance.providers.mine]\nprovider = "conformance.reference:OpenAIChat"\nkwargs = {{ {name} = "x" }}'
    )
    result = run(pytester, "--provider=mine")
    assert result.ret == 4
    result.stderr.fnmatch_lines([f"ERROR: mine cannot be judged with a {name} of its own: take it out of*"])
