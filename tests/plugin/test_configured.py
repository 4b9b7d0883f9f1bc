"""docs/configuration.md: every key is told, every example is valid, and adapters made of it alone are conformant."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from conformance import catalogue
from conformance.config import Config, ProviderConfig
from tests.plugin.runs import run

PAGE = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text("utf-8")
EXAMPLES = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
DECLARES_IT_ALL = {f"CAP-00{n}" for n in range(1, 8)}  # what is not declared is not asked of it
WITH_A_MODEL_OF_THE_KIT = DECLARES_IT_ALL | {"CFG-006", "HLT-001", "HLT-008"}  # here it is given
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
    result = run(pytester, "-q", "--provider=ollama", "--provider=vllm")
    assert result.ret == 0
    known = catalogue.load()
    met = len({c.proves for c in known.cases if c.dialect in (None, "openai-chat")}) - len(WITH_A_MODEL_OF_THE_KIT)
    told = f"conformant: {met} of {met} requirements met, *{len(WITH_A_MODEL_OF_THE_KIT)} unsupported"
    result.stdout.fnmatch_lines([f"ollama: {told}", f"vllm: {told}"])


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
