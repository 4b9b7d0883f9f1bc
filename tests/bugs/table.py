"""The page of bugs: each class, each report, and what would catch it.

python -m tests.bugs.table            writes docs/bug-coverage.md
python -m tests.bugs.table --check    exit 1 where the page is not what it would write
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from tests.bugs.reports import Covered, Instance, coverage

PAGE = Path(__file__).parents[2] / "docs" / "bug-coverage.md"

HEAD = """# Bugs that users met

{count} bugs of real adapters, each reported in public, in {classes} classes, and the requirement that would catch each.
Where it is named with a case, an adapter with exactly this bug fails that case. For bugs that the wire triggers, a test
looks for the trigger in what the server of such a case sends. `conformance explain STR-010` tells a rule, and
docs/kill-matrix.md which broken adapter proves it. The reports themselves are not part of this repository.

`python -m tests.bugs.table` writes this page from tests/bugs/coverage.yaml; tests/bugs/test_coverage.py keeps it true.

{counts}
"""


def state(told: Covered) -> str:
    if told.none and not told.by:
        return "no requirement could"
    return "caught" if told.by else "to come"


def answer(told: Covered) -> str:
    """What catches it, in a cell."""
    said = [", ".join(told.by)] if told.by else []
    if coming := [*told.expected, *([told.later] if told.later else [])]:
        said.append(f"to come: {', '.join(coming)}")
    if told.none:
        said.append(f"none: {told.none}")
    return "; ".join(said)


def lines() -> Iterator[str]:
    told = coverage()
    states = [state(i) for i in told.instances.values()]
    counts = ", ".join(f"{states.count(s)} {s}" for s in ("caught", "to come", "no requirement could") if s in states)
    yield HEAD.format(count=len(told.instances), classes=len(told.classes), counts=f"{counts}.")
    yield "## Classes\n\n| class | caught by |\n|---|---|"
    for name, by in told.classes.items():
        yield f"| {name} | {answer(by)} |"
    yield "\n## Reports\n\n| report | bug | caught by |\n|---|---|---|"
    for id, instance in told.instances.items():
        yield row(id, instance)


def row(id: str, told: Instance) -> str:
    note = f" ({told.note})" if told.note else ""
    return f"| {id} | {told.name} | {answer(told)}{note} |"


def page() -> str:
    return "\n".join(lines()) + "\n"


def main() -> int:
    if "--check" in sys.argv:
        true = PAGE.exists() and PAGE.read_text("utf-8") == page()
        print(f"{PAGE.name} is {'true' if true else 'not what it would be: python -m tests.bugs.table'}")
        return 0 if true else 1
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.name}: {len(coverage().instances)} reports")
    return 0


if __name__ == "__main__":
    sys.exit(main())
