"""An `Embeddings` of LangChain, without LangChain: four methods, and no chat model."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx


class APIStatusError(Exception):
    """As those of the vendors' SDKs are."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__(f"Error code: {response.status_code}")
        self.status_code = response.status_code


class Embeddings:
    def __init__(self, base_url: str, api_key: str, model: str = "kit-embed", timeout: float = 10.0) -> None:
        self.model = model
        self.client = httpx.Client(base_url=base_url, headers={"authorization": f"Bearer {api_key}"}, timeout=timeout)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        if not texts:
            return []
        answer = self.client.post("/embeddings", json={"model": self.model, "input": texts})
        if answer.is_error:
            raise APIStatusError(answer)
        return self.vectors(answer.json(), len(texts))

    def vectors(self, data: Any, wanted: int) -> list[list[float]]:
        rows = sorted(data.get("data") or [], key=lambda row: row.get("index", 0))
        found = [row["embedding"] for row in rows]
        if len(found) != wanted or not all(isinstance(vector, list) for vector in found):
            raise ValueError(f"{len(found)} vectors came for {wanted} texts")
        return found

    def embed_query(self, text: str) -> list[float]:
        return self.embed_documents([text])[0]

    async def aembed_documents(self, texts: list[str]) -> list[list[float]]:
        return await asyncio.to_thread(self.embed_documents, texts)

    async def aembed_query(self, text: str) -> list[float]:
        return await asyncio.to_thread(self.embed_query, text)


class AsTheyCome(Embeddings):
    """Does not look at the index."""

    def vectors(self, data: Any, wanted: int) -> list[list[float]]:
        return [row["embedding"] for row in data["data"]]
