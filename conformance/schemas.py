"""The JSON Schemas of the kit's own data, made from the models that read it.

python -m conformance.schemas       writes them to fixtures/schemas/ (from a checkout)
"""

from __future__ import annotations

import json
from typing import Any

from pydantic import TypeAdapter

from conformance.case import Case
from conformance.cassette_file import CassetteFile
from conformance.command_line import ProgramCase
from conformance.dialects.facts import Facts
from conformance.drivers.protocol import FromKit, FromProcess
from conformance.manifests.telling import Lint
from conformance.packaging.telling import Checklist
from conformance.paths import FIXTURES
from conformance.profile import Profile
from conformance.recording import Recordings
from conformance.report.model import Report
from conformance.requirement import Requirement
from conformance.verification import Verified

FOLDER = FIXTURES / "schemas"
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schemas() -> dict[str, dict[str, Any]]:
    """By file name: requirements and cases (lists), a host's profile, a dialect's facts, the JSON reports; and what is
    said between the kit and an adapter in a process of its own."""
    models: dict[str, Any] = {
        "requirements": list[Requirement],
        "cases": list[Case],
        "profiles": Profile,
        "dialects": Facts,
        "report": Report,
        "lint": Lint,
        "cassette": CassetteFile,
        "verify": Verified,
        "record": Recordings,
        "checklist": Checklist,
        "process-from-kit": FromKit,
        "process-to-kit": FromProcess,
        "command-line-cases": list[ProgramCase],
    }
    return {f"{name}.json": {"$schema": DIALECT, **TypeAdapter(m).json_schema()} for name, m in models.items()}


def text(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for name, schema in schemas().items():
        (FOLDER / name).write_text(text(schema), encoding="utf-8")
        print(name)
