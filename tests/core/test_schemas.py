"""The data is what its published schemas say, and the schemas are what the models say."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from conformance.paths import FIXTURES
from conformance.schemas import FOLDER, schemas, text

DATA = [p for folder in ("requirements", "cases", "profiles") for p in sorted((FIXTURES / folder).rglob("*.yaml"))]


@pytest.mark.parametrize("name", schemas())
def test_the_schema_is_current(name: str) -> None:
    assert (FOLDER / name).read_text("utf-8") == text(schemas()[name]), "run python -m conformance.schemas"


@pytest.mark.parametrize("path", DATA, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_the_data_is_valid(path: Path) -> None:
    schema = json.loads((FOLDER / f"{path.parent.name}.json").read_text("utf-8"))
    rows = yaml.safe_load(path.read_text("utf-8"))
    assert rows
    jsonschema.Draft202012Validator(schema).validate(rows)


@pytest.mark.parametrize("name", ["chat", "embeddings"])
def test_the_dialect_schemas_are_schemas(name: str) -> None:
    schema = json.loads((FOLDER / "openai-chat" / f"{name}.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({}, schema)
