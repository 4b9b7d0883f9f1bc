"""What Ruby's VCR writes, from version 2 on, as YAML or JSON."""

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
    if not isinstance(data, dict) or not isinstance(data.get("http_interactions"), list):
        return None
    return each(data["http_interactions"], _exchange, "ruby-vcr")


def _exchange(told: dict[str, Any]) -> tuple[Interaction, str]:
    request, response = told["request"], told["response"]
    asked, headers = headers_of(request.get("headers")), headers_of(response.get("headers"))
    interaction = Interaction(
        method=str(request["method"]).upper(),
        uri=without_password(str(request["uri"])),
        request_headers=asked,
        request_body=decoded(_bytes(request.get("body")), asked),
        status=int(response["status"]["code"]),
        headers=unframed(headers),
        chunks=(decoded(_bytes(response.get("body")), headers),),
    )
    return interaction, day(told.get("recorded_at"), dict(headers).get("date", ""))


def _bytes(told: Any) -> bytes:
    """`{encoding: UTF-8, string: …}`, or with a base64_string where that was asked for. The name of the encoding is
    that of Ruby's string, whose bytes are written as UTF-8 or as binary."""
    if told is None or isinstance(told, str | bytes):
        text = told or b""
    elif isinstance(told, dict) and "base64_string" in told:
        text = base64.b64decode(told["base64_string"])
    elif isinstance(told, dict) and "string" in told:
        text = told["string"] or b""
    else:
        raise NotReadable(f"a body that is a {type(told).__name__} without `string` or `base64_string`")
    return text.encode() if isinstance(text, str) else bytes(text)
