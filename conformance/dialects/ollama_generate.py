"""Ollama's older route for an answer, /api/generate: one prompt, no conversation, no tools.

The answers are those of /api/chat, told as this route tells them: `response` and `thinking` in place of a message.
How an adapter makes one prompt of several turns is its own business, so cases with a history say nothing here.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from conformance.case import Case
from conformance.dialects import Read
from conformance.dialects.ollama import Ollama
from conformance.replay.script import Script
from conformance.trace import Exchange


class OllamaGenerate(Ollama):
    def read(self, exchange: Exchange) -> Read:
        body = exchange.json()
        if exchange.operation != "chat" or not isinstance(body, dict):
            return super().read(exchange)
        said = {"role": "user", "content": body.get("prompt"), "images": body.get("images")}
        system = [{"role": "system", "content": body["system"]}] if body.get("system") else []
        return super().read(replace(exchange, body=json.dumps({**body, "messages": [*system, said]}).encode()))

    def cannot(self, case: Case) -> str | None:
        turns = [m.role for m in case.ask.messages]
        if case.ask.follow_up is not None or turns not in (["user"], ["system", "user"]):
            return f"dialect {self.name}: there is one prompt, and no history"
        if case.ask.tools:
            return f"dialect {self.name}: the route takes no tools"
        return super().cannot(case)

    def told(self, exchange: Exchange, made: Script) -> Script:
        if exchange.operation != "chat":
            return super().told(exchange, made)
        return replace(made, chunks=tuple(_told(chunk) for chunk in made.chunks))


def _told(chunk: bytes) -> bytes:
    """Line by line; what is no message, an error say, stays as it is."""
    return b"".join(_line(line) for line in chunk.splitlines(keepends=True))


def _line(line: bytes) -> bytes:
    try:
        data: Any = json.loads(line)
    except ValueError:
        return line
    if not isinstance(data, dict) or not isinstance(message := data.get("message"), dict):
        return line
    said = {"response": message.get("content")}  # which this route never leaves out
    said |= {"thinking": message["thinking"]} if "thinking" in message else {}
    made = {**{k: v for k, v in data.items() if k != "message"}, **said}
    return json.dumps(made, ensure_ascii=False, separators=(",", ":")).encode() + line[len(line.rstrip()) :]


DIALECT = OllamaGenerate.shipped("ollama-generate")
