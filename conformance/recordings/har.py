"""HAR, version 1.2, as browsers and proxies write it. What they decoded is kept as they give it."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from conformance.cassettes import Interaction
from conformance.recordings.exchanges import (
    Exchanged,
    Headers,
    NotReadable,
    day,
    decoded,
    each,
    unframed,
    without_password,
)


def read(data: Any) -> Iterator[Exchanged] | None:
    """Its exchanges; None where it is of another kind."""
    log = data.get("log") if isinstance(data, dict) else None
    if not isinstance(log, dict) or not isinstance(log.get("entries"), list):
        return None
    return each(log["entries"], _exchange, "a HAR")


def _exchange(entry: dict[str, Any]) -> tuple[Interaction, str]:
    request, response = entry["request"], entry["response"]
    if not response["status"]:
        raise NotReadable("it was never answered")
    headers = _headers(response["headers"])
    interaction = Interaction(
        method=str(request["method"]).upper(),
        uri=without_password(str(request["url"])),
        request_headers=_headers(request["headers"]),
        request_body=_sent(request.get("postData")),
        status=int(response["status"]),
        headers=unframed(headers),
        chunks=(_body(response.get("content") or {}, headers, str(response["status"])),),
    )
    return interaction, day(entry.get("startedDateTime"), dict(headers).get("date", ""))


def _headers(rows: list[dict[str, Any]]) -> Headers:
    """Without HTTP/2's pseudo-headers."""
    pairs = ((str(row["name"]).lower(), str(row["value"])) for row in rows)
    return tuple((name, value) for name, value in pairs if not name.startswith(":"))


def _sent(data: dict[str, Any] | None) -> bytes:
    if not data:
        return b""
    if data.get("text") is None and data.get("params"):
        return urlencode([(row["name"], row.get("value", "")) for row in data["params"]]).encode()
    return str(data.get("text") or "").encode()


def _body(content: dict[str, Any], headers: Headers, status: str) -> bytes:
    if content.get("text") is None:
        if content.get("size", 0) > 0:
            raise NotReadable("its body was not saved with it (export the HAR with content)")
        return b""
    text = str(content["text"])
    if coding := content.get("encoding"):
        if coding != "base64":
            raise NotReadable(f"its body is written as {coding}; base64 is known")
        return decoded(base64.b64decode(text), headers)
    return text.encode()
