"""The benchmarks run and give every figure. How fast anything is, is not for a test to say."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROWS = (
    "a case / item + exchange, reused client",
    "a case / item + exchange, new client",
    "replay server / bare server, 1 KiB of JSON",
    "replay server / bare server, 100 events of SSE",
    "whole suite, N cases",
    "of it the N cases that wait by design",
    "whole suite with -n N",
    "start-up with the plugin / without, CPU",
    "start-up with the plugin / without",
    "from a bare environment to the first verdict",
)


@pytest.mark.proof
def test_all_rows_are_there_and_positive() -> None:
    command = [sys.executable, "-m", "benchmarks", "--quick"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows = [re.split(r" {2,}", line) for line in done.stdout.splitlines()[1:]]
    medians = {row[0]: float(row[1].split()[0]) for row in rows}
    assert all(median > 0 for median in medians.values())
    assert set(ROWS) <= {re.sub(r"\b\d+\b(?! KiB| events)", "N", name) for name in medians}
