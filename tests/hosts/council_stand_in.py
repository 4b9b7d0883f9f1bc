"""`llm_council.providers.base`, as far as the host's guide uses it, written from the documented interface."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict


class ProviderCapabilities(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    streaming: bool = False
    tool_use: bool = False
    structured_output: bool = False
    multimodal: bool = False
    max_tokens: int | None = None
    prompt_caching: str = "none"


class Message(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True)

    role: str
    content: Any
    name: str | None = None


class GenerateRequest(BaseModel):
    model_config = ConfigDict(extra="allow")

    model: str | None = None
    prompt: str | None = None
    messages: Sequence[Message] | None = None
    timeout_seconds: float | None = None
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    stop: Sequence[str] | None = None
    stream: bool = False
    tools: Sequence[Mapping[str, Any]] | None = None
    tool_choice: Any = None
    response_format: Mapping[str, Any] | None = None
    structured_output: Any = None
    prompt_cache: Any = None
    reasoning: Any = None
    metadata: Mapping[str, Any] | None = None


class GenerateResponse(BaseModel):
    model_config = ConfigDict(extra="allow")

    text: str | None = None
    content: Any = None
    tool_calls: Any = None
    usage: Mapping[str, int] | None = None
    model: str | None = None
    finish_reason: str | None = None
    raw: Any = None
    prompt_cache: Mapping[str, Any] | None = None


class DoctorResult(BaseModel):
    ok: bool
    message: str | None = None
    latency_ms: float | None = None
    details: Mapping[str, Any] | None = None


class ProviderAdapter(ABC):
    name: ClassVar[str]
    capabilities: ClassVar[ProviderCapabilities]

    @abstractmethod
    async def generate(self, request: GenerateRequest) -> GenerateResponse | AsyncIterator[GenerateResponse]: ...

    @abstractmethod
    async def supports(self, capability: str) -> bool: ...

    @abstractmethod
    async def doctor(self) -> DoctorResult: ...

    def supports_capability(self, capability: str) -> bool:
        return bool(getattr(self.capabilities, capability, False))
