"""docs/configuration.md: every key is told, every example is valid, and adapters made of it alone are conformant."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from conformance import catalogue
from conformance.config import Config, ProviderConfig
from tests.plugin.runs import run

PAGE = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text("utf-8")
EXAMPLES = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
WITH_A_MODEL_OF_THE_KIT = {"CFG-006", "HLT-001", "HLT-008"}  # here it is given
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
    demanded = len(catalogue.load().requirements) - 1  # CFG-006 tries models, and this one is given
    result.stdout.fnmatch_lines(
        [f"ollama: conformant: {demanded} of {demanded} requirements met*", "vllm: conformant: *"]
    )


def test_the_model_that_is_given_is_the_one_that_is_sent(pytester: pytest.Pytester) -> None:
    pytester.makepyprojecttoml(SERVERS)
    result = run(pytester, "-rs", "--provider=vllm", "-k", "CFG-006 or REQ-005")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*its model is 'meta-llama/Llama-3.2-8B-Instruct', says pyproject.toml*"])


@pytest.mark.parametrize("name", ["base_url", "api_key"])
def test_what_the_kit_has_to_give_cannot_be_given(name: str, pytester: pytest.Pytester) -> None:
    pytester.makepyprojecttoml(
        f'[tool.conformance.providers.mine]\nprovider = "conformance.reference:OpenAIChat"\nkwargs = {{ {name} = "x" }}'
    )
    result = run(pytester, "--provider=mine")
    assert result.ret == 4
    result.stderr.fnmatch_lines([f"ERROR: mine cannot be judged with a {name} of its own: take it out of*"])
