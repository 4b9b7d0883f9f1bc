"""Which recordings are of a protocol that a reference adapter speaks, and what of each is played."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

CORPUS = Path(os.environ.get("CONFORMANCE_CORPUS") or Path(__file__).parents[3] / "shared" / "corpus")
ABSENT = "the corpus of real recordings is not part of this repository: set CONFORMANCE_CORPUS"

Operation = Literal["generate", "stream", "embed", "list_models"]
Protocol = Literal["ollama", "ollama-generate", "openai-chat"]
ROUTES: dict[Protocol, dict[tuple[str, str], Operation]] = {
    "ollama": {
        ("POST", "/api/chat"): "generate",
        ("POST", "/api/embed"): "embed",
        ("GET", "/api/tags"): "list_models",
    },
    "ollama-generate": {("POST", "/api/generate"): "generate"},
    "openai-chat": {
        ("POST", "/chat/completions"): "generate",
        ("POST", "/embeddings"): "embed",
        ("GET", "/models"): "list_models",
    },
}
# How the dialects' names end; those of other protocols end otherwise.
KINDS = ("chat", "embeddings", "models", "ollama-generate")
OWN_PROTOCOL = {"anthropic-models", "gemini-models"}  # the route is the same, the protocol is not


@dataclass(frozen=True)
class Recording:
    id: str
    vendor: str  # the dialect's name in the corpus
    operation: Operation | None  # None: not of the protocol
    route: str
    request: Any
    status: int
    headers: dict[str, str]
    body: bytes
    protocol: Protocol = "openai-chat"

    @property
    def is_event_stream(self) -> bool:
        return self.operation == "stream" and self.status == 200


def present() -> bool:
    return (CORPUS / "index.json").is_file()


@cache
def recordings() -> tuple[Recording, ...]:
    """All that could be expected to be of such a protocol, by its name."""
    return tuple(_read()) if present() else ()


def played() -> list[Recording]:
    return [r for r in recordings() if r.operation]


def _read() -> Iterator[Recording]:
    for entry in json.loads((CORPUS / "index.json").read_text("utf-8"))["entries"]:
        if entry["dialect"].endswith(KINDS):
            yield _recording(json.loads((CORPUS / "exchanges" / entry["file"]).read_text("utf-8")))


def _recording(told: dict[str, Any]) -> Recording:
    request, response = told["request"], told["response"]
    path = urlsplit(request["url"]).path
    sent = request.get("json")
    protocol, operation = _route(request["method"], path, told["dialect"])
    if operation == "generate" and isinstance(sent, dict) and sent.get("stream", protocol != "openai-chat"):
        operation = "stream"
    return Recording(
        id=told["id"],
        vendor=told["dialect"],
        protocol=protocol,
        operation=operation,
        route=f"{request['method']} {path}",
        request=sent,
        status=response["status"],
        headers={name.lower(): str(value) for name, value in response["headers"].items()},
        body=response["body_text"].encode(),
    )


def _route(method: str, path: str, dialect: str) -> tuple[Protocol, Operation | None]:
    """The first protocol that has such a route; OpenAI's and no operation where none has."""
    if dialect not in OWN_PROTOCOL and "/organization/" not in path:  # the latter is the usage of an account
        for protocol, routes in ROUTES.items():
            for (wanted, end), operation in routes.items():
                if wanted == method and path.endswith(end):
                    return protocol, operation
    return "openai-chat", None
