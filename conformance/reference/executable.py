"""A native adapter that runs a program: the prompt goes in by stdin, the answer comes by stdout."""

from __future__ import annotations

import asyncio
import os
import re
from typing import ClassVar

from conformance.contract import Capabilities, ErrorKind, Health, ProviderError, Reply, Request

LONGEST_TEXT = 500


class Executable:
    """`program` is looked for on PATH. The key is handed on in the environment, where others cannot read it."""

    name = "executable"
    capabilities = Capabilities(streaming=False, tools=False)
    reasons: ClassVar[dict[ErrorKind, str]] = {
        "rate_limit": r"429|rate.?limit|too many requests",
        "auth": r"401|unauthori[sz]ed|not logged in|api key",
        "billing": r"402|quota|credit|billing",
    }

    def __init__(
        self, program: str = "kit-llm", api_key: str | None = None, model: str = "m", timeout: float = 60.0
    ) -> None:
        self.program, self.api_key, self.model, self.timeout = program, api_key, model, timeout

    async def generate(self, request: Request) -> Reply:
        if request.tools or request.response_schema:
            raise self.error("neither tools nor schemas", "unsupported")
        out = await self.run(self.prompt(request))
        if not out.strip():
            raise self.error("it printed nothing", "malformed")
        return Reply(text=out.strip(), finish_reason="stop")

    def prompt(self, request: Request) -> str:
        if any(not isinstance(m.content, str) for m in request.messages):
            raise self.error("texts alone", "unsupported")
        return "\n\n".join(str(m.content) for m in request.messages)

    async def run(self, prompt: str) -> str:
        child = await self.start(prompt)
        try:
            async with asyncio.timeout(self.timeout):
                out, said = await child.communicate(prompt.encode())
        except TimeoutError as exc:
            raise self.error("no answer in time", "timeout") from exc
        finally:
            await self.end(child)
        return self.answer(child.returncode, out.decode("utf-8", "replace"), said.decode("utf-8", "replace"))

    def arguments(self, prompt: str) -> list[str]:
        return ["--model", self.model]

    async def start(self, prompt: str) -> asyncio.subprocess.Process:
        pipe = asyncio.subprocess.PIPE
        env = {**os.environ, **({"LLM_API_KEY": self.api_key} if self.api_key else {})}
        try:
            return await asyncio.create_subprocess_exec(
                self.program, *self.arguments(prompt), stdin=pipe, stdout=pipe, stderr=pipe, env=env
            )
        except OSError as exc:
            raise self.error(f"{self.program} cannot be run: is it installed?", "unsupported") from exc

    async def end(self, child: asyncio.subprocess.Process) -> None:
        """However the call ended, the program does not outlive it."""
        if child.returncode is None:
            child.kill()
            await child.wait()

    def answer(self, code: int | None, out: str, said: str) -> str:
        if code != 0:
            text = said.strip()[:LONGEST_TEXT] or "no details"
            raise self.error(f"{self.program} ended with {code}: {text}", self.kind(said))
        return out

    def kind(self, said: str) -> ErrorKind:
        return next((kind for kind, words in self.reasons.items() if re.search(words, said, re.I)), "server")

    def error(self, what: str, kind: ErrorKind) -> ProviderError:
        clean = what.replace(self.api_key, "***") if self.api_key else what
        return ProviderError(f"{self.name}: {clean}", kind=kind, provider=self.name)

    async def health(self) -> Health:
        try:
            return Health(ok=bool(await self.run("Say yes.")))
        except ProviderError as exc:
            return Health(ok=False, detail=str(exc))
