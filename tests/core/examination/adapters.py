"""Small adapters, each with one way of its own. They import nothing of the kit."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import httpx


class SmallError(Exception):
    def __init__(self, text: str, kind: str) -> None:
        super().__init__(text)
        self.kind = kind


class Small:
    """As little as the contract wants."""

    name = "small"
    capabilities = SimpleNamespace(streaming=True, tools=False, images=False, embeddings=True, model_listing=True)

    def __init__(self, api_key: str | None = None, base_url: str = "", model: str = "m", timeout: float = 60.0) -> None:
        self.api_key, self.base_url, self.model, self.timeout = api_key, base_url, model, timeout

    async def generate(self, request: Any) -> Any:
        message = (await self.ask(request))["choices"][0]["message"]
        return SimpleNamespace(text=message["content"], finish_reason="stop")

    async def stream(self, request: Any) -> AsyncIterator[Any]:
        reply = await self.generate(request)
        yield SimpleNamespace(text=reply.text)
        yield SimpleNamespace(reply=reply)

    async def embed(self, texts: list[str]) -> Any:
        return SimpleNamespace(vectors=[[0.0] for _ in texts])

    async def list_models(self) -> Any:
        return [row["id"] for row in (await self.send("GET", "/models"))["data"]]

    async def ask(self, request: Any) -> Any:
        messages = [{"role": m.role, "content": m.content} for m in request.messages]
        return await self.send("POST", "/chat/completions", {"model": self.model, "messages": messages})

    async def send(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self.api_key}"}
        async with httpx.AsyncClient(timeout=self.timeout) as client:
            answer = await client.request(method, self.base_url.rstrip("/") + path, json=body, headers=headers)
        if answer.status_code != 200:
            raise SmallError(
                f"{answer.status_code}", {401: "auth", 429: "rate_limit"}.get(answer.status_code, "server")
            )
        return answer.json()


class Shouts(Small):
    async def generate(self, request: Any) -> Any:
        reply = await super().generate(request)
        return SimpleNamespace(text=reply.text.upper())


class SendsAPrompt(Small):
    """Everything it sends is illegal, so nothing else can be judged."""

    async def ask(self, request: Any) -> Any:
        await self.send("POST", "/chat/completions", {"model": self.model, "prompt": request.messages[-1].content})
        raise SmallError("no", "malformed")


class RaisesItsClientsErrors(Small):
    async def send(self, method: str, path: str, body: Any = None) -> Any:
        try:
            return await super().send(method, path, body)
        except SmallError as exc:
            raise RuntimeError(str(exc)) from None


class TakesNoTimeout(Small):
    def __init__(self, api_key: str, base_url: str) -> None:
        super().__init__(api_key, base_url)


class GoesHome(Small):
    async def generate(self, request: Any) -> Any:
        try:
            async with httpx.AsyncClient() as client:
                await client.post("https://api.openai.com/v1/chat/completions", json={})
        except httpx.HTTPError:
            pass  # and says nothing about it
        return await super().generate(request)


class KnowsOneAddress(Small):
    address = ""

    async def send(self, method: str, path: str, body: Any = None) -> Any:
        self.base_url = self.address
        return await super().send(method, path, body)


class Hangs(Small):
    async def generate(self, request: Any) -> Any:
        reply = await super().generate(request)
        if request.messages[-1].content == "hang":
            await asyncio.Event().wait()
        return reply


class Talks(Small):
    """Gives what `result` is, after it asked."""

    result: Any = None

    async def generate(self, request: Any) -> Any:
        await self.ask(request)
        return type(self).result

    async def embed(self, texts: list[str]) -> Any:
        await self.send("POST", "/embeddings", {"model": self.model, "input": texts})
        return type(self).result

    async def list_models(self) -> Any:
        await super().list_models()
        return type(self).result

    async def health(self) -> Any:
        await super().list_models()
        return type(self).result

    def stream(self, request: Any) -> Any:
        return self.items(request) if isinstance(type(self).result, list) else type(self).result

    async def items(self, request: Any) -> AsyncIterator[Any]:
        await self.ask(request)
        for item in type(self).result:
            yield item


class Picky(Small):
    error: BaseException = ValueError("no key")

    def __init__(self, api_key: str | None = None, base_url: str = "", model: str = "m", timeout: float = 60.0) -> None:
        super().__init__(api_key, base_url, model, timeout)
        if not api_key:
            raise type(self).error


class Raises(Small):
    error: BaseException = ValueError("x")

    async def generate(self, request: Any) -> Any:
        await self.ask(request)
        raise type(self).error


class UsesAnyKeyThereIs(Small):
    async def ask(self, request: Any) -> Any:
        self.api_key = os.environ.get("OPENAI_API_KEY", "none")
        return await super().ask(request)


class TellsEverybody(Small):
    """Says its key wherever there is room."""

    async def ask(self, request: Any) -> Any:
        logging.getLogger("small").warning("asking with %s", self.api_key)
        await self.send("POST", f"/chat/completions?key={self.api_key}", {"key": self.api_key, "model": self.model})
        raise SmallError(f"it did not work with {self.api_key}", "server")

    def __repr__(self) -> str:
        return f"TellsEverybody({self.api_key})"

    async def stream(self, request: Any) -> AsyncIterator[Any]:
        await self.send("POST", f"/{self.api_key}")
        yield SimpleNamespace(text=f"{self.api_key}")

    async def embed(self, texts: list[str]) -> Any:
        texts.append(str(self.api_key))
        raise type(f"E{self.api_key}", (Exception,), {})(self.api_key)

    async def list_models(self) -> Any:
        return {self.api_key: 1, 2: 3}


class Retries(Small):
    async def send(self, method: str, path: str, body: Any = None) -> Any:
        for pause in (1, 2, 4):
            try:
                return await super().send(method, path, body)
            except SmallError:
                await asyncio.sleep(pause)
        return await super().send(method, path, body)


class Logs(Small):
    async def ask(self, request: Any) -> Any:
        logging.getLogger("small").debug("key %s", self.api_key)
        return await super().ask(request)


class AsksWithRequests(Small):
    """Imports it late: it may not be installed."""

    verify = True

    async def send(self, method: str, path: str, body: Any = None) -> Any:
        import requests  # noqa: PLC0415

        def sent() -> Any:
            with requests.Session() as session:
                session.verify = self.verify
                headers = {"Authorization": f"Bearer {self.api_key}"}
                return session.request(method, self.base_url + path, json=body, headers=headers, timeout=5).json()

        try:
            return await asyncio.to_thread(sent)
        except requests.ConnectionError as exc:
            raise SmallError(str(exc), "network") from exc
