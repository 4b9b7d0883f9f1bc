"""Types of fields, by the JSON Schemas under `fixtures/schemas/manifests/`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError
from jsonschema.validators import validator_for

from conformance.manifests.finding import Place, table
from conformance.paths import FIXTURES

FOLDER = FIXTURES / "schemas" / "manifests"


@cache
def load(name: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads((FOLDER / f"{name}.json").read_text("utf-8")))


def fields(name: str) -> list[str]:
    """At its top, all that are documented."""
    told: Any = load(name).schema
    return list(told["properties"])


def wrong(name: str, data: Mapping[str, Any]) -> Iterator[tuple[Place, str, str]]:
    """Where something of another type stands, what does, and what is wanted."""
    for error in sorted(load(name).iter_errors(data), key=lambda e: [str(step) for step in e.absolute_path]):
        yield tuple(error.absolute_path), _said(error), _wanted(error)


def no_schema(schema: Any) -> str | None:
    """Why it is no JSON Schema."""
    made = validator_for(schema, default=Draft202012Validator)
    try:
        made.check_schema(schema)
    except SchemaError as exc:
        return f"at {'.'.join(map(str, exc.absolute_path)) or 'its top'}: {exc.message}"
    return None


def _said(error: ValidationError) -> str:
    if error.validator == "required":
        return f"there is no {' and no '.join(_missing(error))}"
    return f"{_short(error.instance)} stands there"


def _wanted(error: ValidationError) -> str:
    told = error.schema.get("description") if isinstance(error.schema, Mapping) else None
    if error.validator == "required":
        return ", ".join(_missing(error))
    value: Any = error.validator_value
    if error.validator == "enum":
        return "one of " + ", ".join(map(str, value))
    if told:
        return str(told)
    names = {"string": "a text", "object": "an object", "array": "a list", "integer": "a whole number"}
    wanted = value if error.validator == "type" else []
    kinds = [wanted] if isinstance(wanted, str) else list(wanted)
    return " or ".join(names.get(kind, f"a {kind}") for kind in kinds) or error.message


def _missing(error: ValidationError) -> list[str]:
    wanted: Any = error.validator_value
    return [name for name in wanted if name not in table(error.instance)]


def _short(value: Any) -> str:
    said = json.dumps(value, ensure_ascii=False, default=str)
    return said if len(said) < 60 else said[:57] + "…"
