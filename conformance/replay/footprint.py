"""What a call does to the machine beside its requests: files it writes, processes it starts, hosts it looks for.

Filled by the guard's audit hook, so it sees what goes through Python, in every thread.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_OPEN = "/proc/self/fd" if Path("/proc/self/fd").is_dir() else "/dev/fd"
_WRITES = os.O_WRONLY | os.O_RDWR
_MOST = 4_000_000  # bytes of a file that are looked into


def descriptors() -> int | None:
    """How many files and sockets the process has open; None where the system does not tell."""
    try:
        return len(list(Path(_OPEN).iterdir()))
    except OSError:
        return None


@dataclass
class Footprint:
    reached: list[str] = field(default_factory=list)  # hosts connected to or looked up, allowed ones too
    processes: list[str] = field(default_factory=list)  # names of programs
    _written: dict[str, bytes] = field(default_factory=dict)  # path: what it held when it was removed

    def files(self) -> list[tuple[str, bytes]]:
        """What was written, as it is now or was when it was removed; paths without what is this machine's own."""
        return [(_shown(path), gone or _content(path)) for path, gone in self._written.items()]

    def opened(self, path: Any, _mode: Any, flags: Any, *_: Any) -> None:
        if isinstance(flags, int) and flags & _WRITES and not isinstance(path, int):
            self._wrote(path)

    def database(self, path: Any, *_: Any) -> None:
        self._wrote(path)

    def renamed(self, source: Any, target: Any, *_: Any) -> None:
        if _name(source) in self._written:
            self._wrote(target)

    def removed(self, path: Any, *_: Any) -> None:
        """The last moment at which a temporary file can be read."""
        if (name := _name(path)) in self._written:
            self._written[name] = _content(name)

    def started(self, program: Any, *_: Any) -> None:
        name = program[0] if isinstance(program, list | tuple) and program else program
        self.processes.append(_name(name).split(" ")[0].rpartition("/")[2])

    def _wrote(self, path: Any) -> None:
        name = _name(path)
        if name and ".pyc" not in name:  # compiled on import
            self._written.setdefault(name, b"")


EVENTS: dict[str, Callable[..., None]] = {
    "open": Footprint.opened,
    "sqlite3.connect": Footprint.database,
    "os.rename": Footprint.renamed,
    "os.remove": Footprint.removed,
    "subprocess.Popen": Footprint.started,
    "os.system": Footprint.started,
    "os.posix_spawn": Footprint.started,
}


def _name(path: Any) -> str:
    try:
        return os.fsdecode(path)
    except TypeError:
        return ""


def _content(path: str) -> bytes:
    """Of a plain file: a device or a pipe would not end."""
    try:
        if not stat.S_ISREG(Path(path).stat().st_mode):
            return b""
        with Path(path).open("rb") as file:
            return file.read(_MOST)
    except (OSError, ValueError):
        return b""


def _shown(path: str) -> str:
    for name, folder in (("<temp>", tempfile.gettempdir()), ("~", str(Path.home())), (".", str(Path.cwd()))):
        if path.startswith(folder + os.sep):
            return name + path[len(folder) :]
    return path
