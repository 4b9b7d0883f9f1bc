"""The manifests of all plugins that OpenClaw ships are right: whatever is found in them is our mistake.

They are fetched with npm and read where they lie, nothing of them is kept.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from conformance.manifests import lint

VERSION = "2026.9.6"
PLUGINS = 63


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed")
    folder = tmp_path_factory.mktemp("openclaw")
    command = [npm, "pack", f"openclaw@{VERSION}", "--silent", "--cache", str(folder / "cache")]
    try:
        run = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip("npm pack took more than five minutes")
    archives = list(folder.glob("openclaw-*.tgz"))
    if not archives:
        pytest.skip(f"openclaw {VERSION} cannot be fetched: {run.stderr.strip()[:200] or 'npm says nothing'}")
    with tarfile.open(archives[0]) as archive:
        wanted = [m for m in archive.getmembers() if m.name.startswith("package/dist/extensions/")]
        archive.extractall(folder, wanted, filter="data")
    return folder / "package" / "dist" / "extensions"


@pytest.mark.skipif(not os.environ.get("CONFORMANCE_NPM"), reason="nothing is fetched unless CONFORMANCE_NPM=1")
def test_nothing_is_found_in_them(shipped: Path) -> None:
    linted = list(lint([shipped]))
    assert len(linted) == PLUGINS
    assert {one.kind for one in linted} == {"openclaw-plugin"}
    assert {Path(one.path).parent.name: one.findings for one in linted if one.findings} == {}
