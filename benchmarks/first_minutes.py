"""From a bare machine to the first verdict on one's own adapter, which is the tutorial's: a bare virtual environment,
one command, no test code. Making the wheel, which would lie at a registry, is not what a user waits for."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from benchmarks.figures import Figure
from benchmarks.sessions import folder
from tests.docs.pages import ROOT, tutorial

AIM = 60.0
VERDICT = re.compile(r"conformance/\S+::\S+ (PASSED|FAILED|UNSUPPORTED|ADVICE|BLOCKED)")


class Judged(NamedTuple):
    code: int
    first: float  # seconds until the first verdict; 0: none came
    whole: float


def measure(rounds: int) -> list[Figure]:
    with folder({"acme.py": tutorial()}) as where:
        made = wheel(where)
        runs = []
        for number in range(rounds):
            programs, installing = install(made, where / f"bare-{number}")
            runs.append((installing, judge(programs, where)))
    return [
        Figure("from a bare environment to the first verdict", [i + told.first for i, told in runs], "s", AIM),
        Figure("of it the installation", [i for i, _ in runs], "s"),
        Figure("from the command to the first verdict", [told.first for _, told in runs], "s"),
    ]


def wheel(where: Path) -> Path:
    quietly(sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", str(where), str(ROOT))
    (made,) = where.glob("*.whl")
    return made


def install(made: Path, where: Path) -> tuple[Path, float]:
    """The programs of a bare environment in which it was installed, and the seconds that this took."""
    began = time.monotonic()
    quietly(sys.executable, "-m", "venv", str(where))
    quietly(str(where / "bin" / "pip"), "install", str(made))
    return where / "bin", time.monotonic() - began


def judge(programs: Path, where: Path) -> Judged:
    """By what is installed there."""
    command = [str(programs / "pytest"), "-v", "--provider=acme:Acme"]
    began, first = time.monotonic(), 0.0
    with subprocess.Popen(command, cwd=where, env=bare(), stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        for line in run.stdout:
            if not first and VERDICT.match(line):
                first = time.monotonic() - began
    return Judged(run.returncode, first, time.monotonic() - began)


def quietly(*command: str) -> None:
    done = subprocess.run([*command], env=bare(), capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")


def bare() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PYTEST", "GITHUB"))}
