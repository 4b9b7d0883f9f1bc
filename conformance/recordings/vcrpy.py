"""What vcrpy and pytest-recording write (version 1, YAML or JSON), in every form they have had."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

from conformance.cassettes import Interaction
from conformance.recordings.exchanges import (
    Exchanged,
    NotReadable,
    day,
    decoded,
    each,
    headers_of,
    unframed,
    without_password,
)


def read(data: Any) -> Iterator[Exchanged] | None:
    """Its exchanges; None where it is of another kind."""
    if not isinstance(data, dict) or not isinstance(data.get("interactions"), list):
        return None
    if data.get("version", 1) != 1:
        raise NotReadable(f"is a cassette of version {data['version']}; version 1 is known")
    return each(data["interactions"], _exchange, "vcrpy")


def _exchange(told: dict[str, Any]) -> tuple[Interaction, str]:
    request, response = told["request"], told["response"]
    headers = headers_of(response.get("headers"))
    status = response["status"]["code"] if "status" in response else response["status_code"]  # httpx, by older vcrpy
    body = decoded(_bytes(response.get("body", response.get("content"))), headers)
    asked = headers_of(request.get("headers"))
    interaction = Interaction(
        method=str(request["method"]).upper(),
        uri=without_password(str(request["uri"])),
        request_headers=asked,
        request_body=decoded(_bytes(request.get("body")), asked),
        status=int(status),
        headers=unframed(headers),
        chunks=_cut(body, response.get("x-chunks")),
    )
    return interaction, day(told.get("recorded_at"), dict(headers).get("date", ""))


def _bytes(told: Any) -> bytes:
    """A text, bytes, or an object with one of these, or base64, or (pydantic-ai and others) the JSON itself."""
    if told is None:
        return b""
    if isinstance(told, bytes):
        return told
    if isinstance(told, str):
        return told.encode()
    if isinstance(told, dict) and "base64_string" in told:
        return base64.b64decode(told["base64_string"])
    if isinstance(told, dict) and "string" in told:
        return _bytes(told["string"])
    raise NotReadable(f"a body that is a {type(told).__name__} without `string` or `base64_string`")


def _cut(body: bytes, sizes: Any) -> tuple[bytes, ...]:
    """By the sizes of its reads, where a cassette of ours comes back."""
    if not isinstance(sizes, list) or sum(sizes) != len(body):
        return (body,)
    ends = [sum(sizes[: i + 1]) for i in range(len(sizes))]
    return tuple(body[end - size : end] for end, size in zip(ends, sizes, strict=True))
