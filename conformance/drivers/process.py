"""A process that speaks in JSON lines: started, asked, and, whatever becomes of it, started anew for the next case."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

TAIL = 800  # characters of stderr that are shown
_OF_THE_TEST = "PYTEST_CURRENT_TEST"  # another one in each case: no reason to start anew
LONGEST = 64_000_000  # bytes without an end of line: nobody talks like that


class Lost(Exception):
    """The process is of no more use, and was ended. `how` is one of `trace.LOST`."""

    def __init__(self, how: str, text: str) -> None:
        super().__init__(text)
        self.how = how


class Process:
    """`ask` starts it where it does not run, or ran with other environment variables."""

    def __init__(self, command: Sequence[str], folder: Path | None = None) -> None:
        self.command, self.folder = list(command), folder
        self.starts = 0
        self._child: subprocess.Popen[bytes] | None = None
        self._env: Mapping[str, str] = {}
        self._stderr: IO[bytes] | None = None
        self._rest = b""
        self._last = 0

    def start(self) -> bool:
        """Whether it had to be started. Raises OSError."""
        env = {name: value for name, value in os.environ.items() if name != _OF_THE_TEST}
        if self._child is not None and self._child.poll() is None and env == self._env:
            return False
        self.end()
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - no pipe: what nobody reads must not block it
        self._env, self._rest = env, b""
        self._child = subprocess.Popen(
            self.command,
            cwd=self.folder,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            start_new_session=True,  # Ctrl-C is the kit's, and its children end with it
        )
        self.starts += 1
        return True

    def ask(self, message: Mapping[str, Any], until: float) -> Iterator[dict[str, Any]]:
        """Says one thing, and yields what is answered, for as long as somebody listens. Raises `Lost`."""
        self._last += 1
        self.add(message)
        while True:
            line = self._line(until)
            answer = _read(line)
            id = answer.get("id") if answer else None
            if isinstance(id, int) and id < self._last:
                continue  # what was left of an answer to which nobody listened any more
            if answer is None or id != self._last:
                raise self._lost("garbage", f"on its stdout came {_shown(line)}, which is no answer to {self._last}")
            yield answer

    def add(self, message: Mapping[str, Any]) -> None:
        """Says one thing more of what was said last. Raises `Lost`."""
        self._say({"id": self._last, **message})

    @property
    def runs(self) -> bool:
        return self._child is not None

    @property
    def last(self) -> int:
        """The id of what was said last."""
        return self._last

    def said(self, since: int = 0) -> str:
        """On stderr, from this byte on."""
        if self._stderr is None:
            return ""
        length = os.fstat(self._stderr.fileno()).st_size
        return os.pread(self._stderr.fileno(), max(0, length - since), since).decode("utf-8", "replace")

    def mark(self) -> int:
        """How much was said on stderr so far."""
        return os.fstat(self._stderr.fileno()).st_size if self._stderr else 0

    def end(self) -> None:
        """With all that it started."""
        child, self._child = self._child, None
        if child is not None:
            _end(child)
        if self._stderr is not None:
            self._stderr.close()
            self._stderr = None

    def _say(self, message: Mapping[str, Any]) -> None:
        assert self._child is not None
        assert self._child.stdin is not None
        try:
            self._child.stdin.write(json.dumps(message).encode() + b"\n")
            self._child.stdin.flush()
        except OSError:
            raise self._crashed() from None

    def _line(self, until: float) -> bytes:
        assert self._child is not None
        assert self._child.stdout is not None
        out = self._child.stdout.fileno()
        while b"\n" not in self._rest:
            left = until - time.monotonic()
            if left <= 0 or not select.select([out], [], [], left)[0]:
                raise self._lost("hung", "no answer in time: the process was ended")
            piece = os.read(out, 1 << 16)
            if not piece:
                raise self._crashed()
            self._rest += piece
            if len(self._rest) > LONGEST:
                raise self._lost("garbage", "its stdout has no end of line")
        line, _, self._rest = self._rest.partition(b"\n")
        return line

    def _crashed(self) -> Lost:
        assert self._child is not None
        try:
            code: int | None = self._child.wait(1.0)
        except subprocess.TimeoutExpired:
            code = None
        how = "its stdout was closed" if code is None else f"signal {-code}" if code < 0 else f"exit code {code}"
        return self._lost("crashed", f"the process ended: {how}")

    def _lost(self, how: str, text: str) -> Lost:
        tail = self.said()[-TAIL:].strip()
        self.end()
        return Lost(how, f"{text}; on its stderr: {tail}" if tail else f"{text}; nothing on its stderr")


def _read(line: bytes) -> dict[str, Any] | None:
    try:
        answer = json.loads(line, parse_float=_number)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None


def _number(text: str) -> float:
    """JavaScript writes its large whole numbers with an exponent: 1.2e+21."""
    value = float(text)
    return int(value) if value.is_integer() and abs(value) >= 1e21 else value


def _shown(line: bytes) -> str:
    text = line.decode("utf-8", "replace")
    return repr(text if len(text) <= 200 else f"{text[:200]} …")


def _end(child: subprocess.Popen[bytes]) -> None:
    for pipe in filter(None, (child.stdin, child.stdout)):
        with suppress(OSError):  # what was not yet written cannot be any more
            pipe.close()
    with suppress(OSError):  # it has ended, and its children with it
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
