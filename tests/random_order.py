"""Verdicts depend neither on the order of the cases nor on the process that runs them.

python -m tests.random_order                 5 runs in random order, every other one with `-n 2`
python -m tests.random_order --runs 50       as CI does
python -m tests.random_order --first 7       seeds 7, 8, …: what a failure names

Judges a reference adapter and two broken ones, so that there are verdicts of every kind.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

SEED = "CONFORMANCE_TEST_SEED"
PROVIDERS = (
    "conformance.reference:OpenAIChat",
    "tests.mutants.streaming:InsistsOnDone",
    "tests.mutants.tools:CountsFromZero",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """As a plugin (`-p tests.random_order`): the order of that seed, the same in every worker."""
    if seed := os.environ.get(SEED):
        random.Random(seed).shuffle(items)


def report(seed: int | None, *options: str, providers: tuple[str, ...] = PROVIDERS) -> list[Any]:
    """The verdicts of one run, without what may differ: times, and places on this machine."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.random_order", "-p", "no:cacheprovider"]
        given = [*(f"--provider={p}" for p in providers), "--conformance-report=report.json", *options]
        root = str(Path(__file__).parents[1])
        path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
        told = {**os.environ, "PYTHONPATH": path, SEED: "" if seed is None else str(seed)}
        done = subprocess.run([*command, *given], cwd=folder, env=told, capture_output=True, text=True, check=False)
        made = Path(folder, "report.json")
        if not made.is_file():
            raise RuntimeError(done.stdout + done.stderr)
        return _rows(made.read_text("utf-8"))


def _rows(text: str) -> list[Any]:
    text = re.sub(r"127\.0\.0\.1:\d+(/[a-z]{12})?", "127.0.0.1", text)
    told = json.loads(re.sub(r"call_[0-9a-f]{32}", "call_", text))
    found = []
    for provider in told["providers"]:
        for rule in provider["requirements"]:
            for case in rule["cases"]:
                headlines = [v["headline"] for v in case["violations"]]
                found.append([case["id"], case["verdict"], case["checks"], case["reason"], headlines])
    return found


def difference(one: list[Any], other: list[Any]) -> list[str]:
    """The cases whose verdicts are not the same."""
    before, after = ({row[0]: row[1:] for row in rows} for rows in (one, other))
    return [
        f"{id}: {before.get(id)} / {after.get(id)}" for id in {**before, **after} if before.get(id) != after.get(id)
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--first", type=int, default=1, metavar="SEED")
    given = parser.parse_args()
    expected, bad = report(None), 0
    for seed in range(given.first, given.first + given.runs):
        options = ("-n", "2") if seed % 2 else ()
        found = difference(expected, report(seed, *options))
        bad += bool(found)
        print(
            "\n  ".join([f"seed {seed} {' '.join(options)}: {len(found)} of {len(expected)} differ", *found]),
            flush=True,
        )
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
