"""Every rule of the schema has its illegal request, and what is legal is not accused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.core.openai_chat.bodies import DIALECT, SCHEMA, body, exchange, said
from tests.core.openai_chat.illegal_messages import MESSAGES
from tests.core.openai_chat.illegal_options import OPTIONS
from tests.core.openai_chat.legal import LEGAL

ILLEGAL = MESSAGES | OPTIONS


@pytest.mark.parametrize(("request_body", "complaint"), ILLEGAL.values(), ids=ILLEGAL)
def test_what_the_api_rejects_is_named_with_its_path(request_body: dict[str, Any], complaint: str) -> None:
    problems = said(request_body)
    assert any(p.startswith(complaint) for p in problems), problems
    assert all("\n" not in p and len(p) < 300 for p in problems)


@pytest.mark.parametrize("request_body", LEGAL.values(), ids=LEGAL)
def test_what_the_api_takes_is_not_accused(request_body: dict[str, Any]) -> None:
    assert said(request_body) == []


# Options that only have a type: named with a value of another one.
WRONG_TYPES = {
    "string": 1.5,
    "array": "x",
    "object": "x",
    "number": "x",
    "integer": 1.5,
    "boolean": "x",
}


def options() -> Iterator[tuple[str, dict[str, Any]]]:
    yield from ((name, rule) for name, rule in SCHEMA["properties"].items() if name not in ("model", "messages"))


@pytest.mark.parametrize("name", [name for name, rule in options() if "type" in rule])
def test_an_option_of_a_wrong_type_is_named(name: str) -> None:
    wrong = WRONG_TYPES[SCHEMA["properties"][name]["type"][0]]
    assert any(p.startswith(f"$.{name}: ") for p in said(body(**{name: wrong})))


@pytest.mark.parametrize("name", [name for name, rule in options() if "extension" in rule.get("description", "")])
def test_an_extension_of_a_vendor_is_its_own_affair(name: str) -> None:
    for value in (1, "x", [], {}, None, True):
        assert said(body(**{name: value})) == []
    assert DIALECT.unknown(exchange(body(**{name: 1}))) == []


def test_no_rule_of_the_schema_is_without_an_illegal_request() -> None:
    wrong = [body(**{name: WRONG_TYPES[rule["type"][0]]}) for name, rule in options() if "type" in rule]
    bodies: list[Any] = [illegal for illegal, _ in ILLEGAL.values()] + wrong
    fired = {(id(e.schema), e.validator) for b in bodies for e in DIALECT._validator("chat").iter_errors(b)}
    silent = [path for path, node, keyword in rules(SCHEMA, "$") if (id(node), keyword) not in fired]
    assert silent == ["$/type"]  # the judge has seen that it is an object


def rules(node: Any, path: str) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Every keyword that can complain, and where it stands."""
    if isinstance(node, list):
        for i, entry in enumerate(node):
            yield from rules(entry, f"{path}/{i}")
    for keyword, value in node.items() if isinstance(node, dict) else ():
        if keyword in ("properties", "$defs"):
            for name, rule in value.items():
                yield from rules(rule, f"{path}/{name}")
        elif keyword in ("allOf", "items", "then", "else", "additionalProperties"):
            yield from rules(value, f"{path}/{keyword}")
        elif keyword not in ("if", "$ref", "$schema", "$comment", "title", "description"):
            yield f"{path}/{keyword}", node, keyword
