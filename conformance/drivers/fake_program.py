"""A program in place of a vendor's: prints, complains, hangs and dies as a case wants, and notes how it was called."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

# Run as a script of its own: it imports nothing of the kit. Stdin is read only where somebody has given one that ends.
_SCRIPT = """#!{python} -IS
import json, os, pathlib, select, signal, sys, time
part = json.loads({part!r})
notes = pathlib.Path({folder!r})
(notes / "pid").write_text(str(os.getpid()))
given = b""
while select.select([0], [], [], 0.2)[0] and (piece := os.read(0, 65536)):
    given += piece
called = {{"arguments": sys.argv[1:], "input": given.decode("utf-8", "replace")}}
(notes / "called.json").write_text(json.dumps(called))
for _ in range(part["times"]):
    os.write(2, part["complains"].encode())
    out = part["prints"].encode()
    while out:
        out = out[os.write(1, out):]
if part["hangs"]:
    time.sleep(600)
if part["killed"]:
    os.kill(os.getpid(), signal.SIGKILL)
os._exit(part["exit"])
"""


class FakeProgram:
    """An executable file of that name in `folder`."""

    def __init__(self, folder: Path, name: str, part: dict[str, Any]) -> None:
        self.folder, self.path = folder, folder / name
        text = _SCRIPT.format(python=sys.executable, part=json.dumps(part), folder=str(folder))
        self.path.write_text(text, "utf-8")
        self.path.chmod(0o755)

    @property
    def ran(self) -> bool:
        return (self.folder / "pid").exists()

    @property
    def still_runs(self) -> bool:
        return self.ran and Path(f"/proc/{self._pid}").exists() and not self._is_zombie()

    @property
    def arguments(self) -> Sequence[str]:
        found: list[str] = self._called().get("arguments", [])
        return found

    @property
    def input(self) -> str:
        return str(self._called().get("input", ""))

    def end(self) -> None:
        if self.still_runs:
            os.kill(self._pid, signal.SIGKILL)

    @property
    def _pid(self) -> int:
        return int((self.folder / "pid").read_text("utf-8"))

    def _is_zombie(self) -> bool:
        """Dead, and its parent has yet to ask how."""
        try:
            return Path(f"/proc/{self._pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] == "Z"
        except OSError:
            return True

    def _called(self) -> dict[str, Any]:
        path = self.folder / "called.json"
        found: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {}
        return found
