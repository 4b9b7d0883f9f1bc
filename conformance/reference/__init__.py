"""Adapters that must pass. Loaded by name, so that none costs anything until it is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_WHERE = {
    "OpenAIChat": "conformance.reference.openai_chat.adapter",
    "CohereChat": "conformance.reference.cohere_chat.adapter",
    "CohereChatSDK": "conformance.reference.cohere_chat_sdk",  # needs the cohere SDK
    "OpenAIChatSDK": "conformance.reference.openai_chat_sdk",  # needs the openai SDK
    "LaiosOpenAI": "conformance.reference.laios",
    "CouncilOpenAI": "conformance.reference.llm_council",
}

__all__ = ["CohereChat", "CohereChatSDK", "CouncilOpenAI", "LaiosOpenAI", "OpenAIChat", "OpenAIChatSDK"]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_WHERE[name]), name)
