"""The reference adapter for Ollama, by its older route: /api/generate."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from conformance.contract import Event, Reply, Request
from conformance.reference import Ollama


class OllamaGenerate(Ollama):
    name = "ollama-generate"
    capabilities = replace(Ollama.capabilities, tools=False)

    async def generate(self, request: Request) -> Reply:
        self.answerable(request)
        return self.reply(await self.call("POST", "/api/generate", self.payload(request, stream=False)))

    async def stream(self, request: Request) -> AsyncIterator[Event]:
        self.answerable(request)
        body = self.payload(request, stream=True)
        async with (
            self.open("POST", "/api/generate", body) as response,
            aclosing(self.events(response.aiter_bytes())) as events,
        ):
            async for event in events:
                yield event

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        """One prompt: what a system says goes beside it, and turns are told by name."""
        body = super().payload(request, stream=stream)
        turns = [m for m in body.pop("messages") if m["role"] != "system"]
        system = [self.text(m.content) for m in request.messages if m.role == "system"]
        plain = len(turns) == 1
        body["prompt"] = turns[0]["content"] if plain else "\n".join(f"{m['role']}: {m['content']}" for m in turns)
        if system:
            body["system"] = "\n".join(system)
        if images := [image for turn in turns for image in turn.get("images", ())]:
            body["images"] = images
        return body

    def message_of(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, dict) or "response" not in data:
            raise self.malformed("an answer without a response")
        return {"content": data["response"], "thinking": data.get("thinking")}
