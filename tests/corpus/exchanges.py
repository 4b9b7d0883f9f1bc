"""Which recordings are of a protocol that we have an adapter for, and what of each is played."""

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
ROUTES: dict[str, dict[tuple[str, str], Operation]] = {
    "openai-chat": {
        ("POST", "/chat/completions"): "generate",
        ("POST", "/embeddings"): "embed",
        ("GET", "/models"): "list_models",
    },
    "anthropic-messages": {
        ("POST", "/messages"): "generate",
        ("POST", ":rawPredict"): "generate",  # Google's Vertex passes them on
        ("POST", ":streamRawPredict"): "stream",
        ("GET", "/models"): "list_models",
    },
}
KINDS = ("chat", "embeddings", "models")  # how the names of openai-chat's vendors end; others end otherwise
OWN_PROTOCOL = {"gemini-models"}  # the route is the same, the protocol is not
PROTOCOL = dict.fromkeys(("anthropic-messages", "anthropic-models", "vertex-anthropic"), "anthropic-messages")


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
    protocol: str = "openai-chat"

    @property
    def is_event_stream(self) -> bool:
        return self.operation == "stream" and self.status == 200


def present() -> bool:
    return (CORPUS / "index.json").is_file()


@cache
def recordings() -> tuple[Recording, ...]:
    """All that could be expected to be of one of the protocols, by their names."""
    return tuple(_read()) if present() else ()


def played() -> list[Recording]:
    return [r for r in recordings() if r.operation]


def _read() -> Iterator[Recording]:
    for entry in json.loads((CORPUS / "index.json").read_text("utf-8"))["entries"]:
        if entry["dialect"].endswith(KINDS) or entry["dialect"] in PROTOCOL:
            yield _recording(json.loads((CORPUS / "exchanges" / entry["file"]).read_text("utf-8")))


def _recording(told: dict[str, Any]) -> Recording:
    request, response = told["request"], told["response"]
    path = urlsplit(request["url"]).path
    sent = request.get("json")
    operation = None
    protocol = PROTOCOL.get(told["dialect"], "openai-chat")
    if told["dialect"] not in OWN_PROTOCOL:
        routes = (
            op for (method, end), op in ROUTES[protocol].items() if method == request["method"] and path.endswith(end)
        )
        operation = next(routes, None)
    if "/organization/" in path:
        operation = None  # the usage of an account
    if operation == "generate" and isinstance(sent, dict) and sent.get("stream"):
        operation = "stream"
    return Recording(
        id=told["id"],
        vendor=told["dialect"],
        operation=operation,
        route=f"{request['method']} {path}",
        request=sent,
        status=response["status"],
        headers={name.lower(): str(value) for name, value in response["headers"].items()},
        body=response["body_text"].encode(),
        protocol=protocol,
    )
