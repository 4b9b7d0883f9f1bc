"""Packages of npm, each in a folder of the test's own; nothing is fetched unless CONFORMANCE_NPM=1."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

OPT_IN = [
    pytest.mark.skipif(not os.environ.get("CONFORMANCE_NPM"), reason="nothing is fetched unless CONFORMANCE_NPM=1"),
    pytest.mark.skipif(shutil.which("node") is None, reason="there is no node on PATH"),
]


def install(package: str, folder: Path, *options: str) -> Path:
    """The folder, with the package in it. Skips where it cannot be fetched."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed")
    command = [npm, "install", package, "--prefix", str(folder), "--ignore-scripts", "--no-audit", "--no-fund"]
    try:
        run = subprocess.run(
            [*command, "--cache", str(folder / "cache"), *options],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
    except subprocess.TimeoutExpired:
        pytest.skip("npm install took more than five minutes")
    if run.returncode:
        pytest.skip(f"{package} cannot be fetched: {run.stderr.strip()[:200] or 'npm says nothing'}")
    return folder
