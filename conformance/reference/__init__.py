"""Adapters that must pass. Loaded by name, so that none costs anything until it is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_WHERE = {
    "OpenAIChat": "conformance.reference.openai_chat.adapter",
    "Gemini": "conformance.reference.gemini.adapter",
    "GeminiSDK": "conformance.reference.gemini_sdk",
    "LaiosOpenAI": "conformance.reference.laios",
    "CouncilOpenAI": "conformance.reference.llm_council",
}

__all__ = ["CouncilOpenAI", "Gemini", "GeminiSDK", "LaiosOpenAI", "OpenAIChat"]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_WHERE[name]), name)
