"""Adapters that run a program, each with one fault: the cases of docs/command-line.md must find it by name."""

from __future__ import annotations

import asyncio
import subprocess
from typing import Any

from conformance.contract import ErrorKind, Reply, Request
from conformance.reference.executable import Executable


class TakesHalves(Executable):
    """Takes what a failed program printed for its answer."""

    def answer(self, code: int | None, out: str, said: str) -> str:
        return out if out else super().answer(code, out, said)


class MixesTheOutputs(Executable):
    """Reads stderr as a part of the answer."""

    def answer(self, code: int | None, out: str, said: str) -> str:
        return super().answer(code, out, said) + said


class AsciiOnly(Executable):
    """Reads the output as ASCII."""

    def answer(self, code: int | None, out: str, said: str) -> str:
        return super().answer(code, out, said).encode("ascii", "replace").decode()


class TellsNoReason(Executable):
    """Keeps the program's reason to itself."""

    def kind(self, said: str) -> ErrorKind:
        return "server"


class WaitsForEver(Executable):
    """Has no timeout."""

    def __init__(self, program: str = "kit-llm", timeout: float = 60.0) -> None:
        super().__init__(program, timeout=timeout)
        self.timeout = 600.0


class LeavesItRunning(Executable):
    """Gives up at the timeout, and leaves the program to itself."""

    async def end(self, child: asyncio.subprocess.Process) -> None:
        return


class SaysNotWhich(Executable):
    """Does not name the program that is not there."""

    async def start(self, prompt: str) -> asyncio.subprocess.Process:
        try:
            return await super().start(prompt)
        except Exception:
            raise self.error("cannot be run", "unsupported") from None


class LetsItEscape(Executable):
    """Lets the system's own error through."""

    async def start(self, prompt: str) -> asyncio.subprocess.Process:
        pipe = asyncio.subprocess.PIPE
        return await asyncio.create_subprocess_exec(self.program, stdin=pipe, stdout=pipe, stderr=pipe)


class AsksAShell(Executable):
    """Writes the prompt into a command line."""

    async def start(self, prompt: str) -> asyncio.subprocess.Process:
        pipe = asyncio.subprocess.PIPE
        return await asyncio.create_subprocess_shell(
            f'exec {self.program} "{prompt}"', stdin=pipe, stdout=pipe, stderr=pipe
        )


class ShowsTheKey(Executable):
    """Hands the key on as an argument."""

    def arguments(self, prompt: str) -> list[str]:
        return ["--api-key", str(self.api_key)]


class ReadsAfterwards(Executable):
    """Reads the output when the program has ended."""

    async def generate(self, request: Request) -> Reply:
        return await asyncio.to_thread(self.blocking, request)

    def blocking(self, request: Request) -> Reply:
        pipe = subprocess.PIPE
        child: Any = subprocess.Popen([self.program], stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe)
        try:
            child.wait(3.0)
        except subprocess.TimeoutExpired:
            raise self.error("no answer in time", "timeout") from None
        finally:
            child.kill()
            child.communicate()
        return Reply(text=child.communicate()[0].decode())


class AnswersWithNothing(Executable):
    """Takes no output for an answer."""

    async def generate(self, request: Request) -> Reply:
        return Reply(text=await self.run(self.prompt(request)))


# What finds it: the case, and what is said of it.
FAULTS = [
    (TakesHalves, "CLI-002-after-half-an-answer", "a failure was returned as an answer"),
    (TakesHalves, "CLI-002-killed-after-half-an-answer", "a failure was returned as an answer"),
    (MixesTheOutputs, "CLI-001-warnings", "the reply's text is wrong"),
    (AsciiOnly, "CLI-001-unicode", "the reply's text is wrong"),
    (TellsNoReason, "CLI-003-rate-limit", "the error is of kind server"),
    (TellsNoReason, "CLI-003-not-logged-in", "the error is of kind server"),
    (WaitsForEver, "CLI-004-hangs", "the call hung"),
    (LeavesItRunning, "CLI-004-hangs-after-half-an-answer", "the program still runs"),
    (SaysNotWhich, "CLI-005-not-installed", "the provider's own message is lost"),
    (LetsItEscape, "CLI-005-not-installed", "FileNotFoundError escaped"),
    (AsksAShell, "CLI-006-shell-words", "a shell ran what the prompt says"),
    (ShowsTheKey, "CLI-007-key", "the key is among the program's arguments"),
    (ReadsAfterwards, "CLI-008-long", "a good answer was turned into an error"),
]
