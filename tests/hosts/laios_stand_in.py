"""`laios.llm.client`, of which no source was ever published, as its documentation describes it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator
from typing import Any

from pydantic import BaseModel


class LLMMessage(BaseModel):
    role: str
    content: str


class LLMResponse(BaseModel):
    content: str
    model: str
    finish_reason: str | None = None
    usage: dict[str, int] | None = None
    metadata: dict[str, Any] = {}


class LLMClient(ABC):
    def __init__(self, model: str, **kwargs: Any) -> None:
        self.model = model

    @abstractmethod
    def generate(
        self, messages: list[LLMMessage], temperature: float = 0.7, max_tokens: int = 2048, **kwargs: Any
    ) -> LLMResponse: ...

    @abstractmethod
    def generate_with_system(
        self, system_prompt: str, user_message: str, temperature: float = 0.7, max_tokens: int = 2048, **kwargs: Any
    ) -> LLMResponse: ...

    def generate_stream(
        self, messages: list[LLMMessage], temperature: float = 0.7, max_tokens: int = 2048, **kwargs: Any
    ) -> Generator[str, None, None]:
        yield self.generate(messages, temperature, max_tokens, **kwargs).content

    def count_tokens(self, text: str) -> int:
        return len(text) // 4
