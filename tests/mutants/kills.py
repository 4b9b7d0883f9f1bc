"""`python -m tests.mutants.kills` writes `fixtures/kills.json`: by it an installed kit knows what breaks a requirement.

The mutants are no part of the package. What it says is proved where they are run: tests/test_mutants.py.
"""

from __future__ import annotations

import json
from collections import defaultdict

from conformance.explained import KILLS
from tests.mutants import everything
from tests.mutants.manifests import broken
from tests.mutants.repositories import repositories


def made() -> str:
    rows = defaultdict(list)
    for mutant in sorted((*everything(), *broken(), *repositories()), key=lambda m: (m.kills, m.name)):
        rows[mutant.kills].append({"name": mutant.name, "lie": mutant.lie, "says": mutant.says})
    return json.dumps(rows, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    KILLS.write_text(made(), encoding="utf-8")
    print(KILLS.name)
