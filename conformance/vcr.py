"""For tests that record with vcrpy: what it writes then holds no secret.

    vcr.VCR(**conformance.vcr.scrubbed(record_mode="once"))      # or what pytest-recording's vcr_config returns

Keys, cookies and ids of accounts are taken out of both sides, and answers are kept decoded. A second scan looks at each
exchange; what it objects to is not recorded: `LeakedSecret`, which says where. `conformance import` makes cases of it.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.cassettes import Interaction, Provenance
from conformance.recordings.exchanges import headers_of
from conformance.replay import cassette_writer, second_scan
from conformance.replay.scrub import LeakedSecret, scrub, values_of

__all__ = ["LeakedSecret", "scrubbed"]

_Hook = Callable[[Any], Any]


def scrubbed(*, allow: str | None = None, **config: Any) -> dict[str, Any]:
    """The configuration with the kit's filters in it; hooks of one's own run first. `allow`: what is no secret."""
    ours = _Scrubber(re.compile(allow) if allow else None)
    request = config.pop("before_record_request", None), ours.request
    response = config.pop("before_record_response", None), ours.response
    return {
        "decode_compressed_response": True,
        **config,
        "before_record_request": _in_turn(request),
        "before_record_response": _in_turn(response),
    }


def _in_turn(hooks: tuple[Any, _Hook]) -> _Hook:
    theirs, ours = hooks
    all_of_them = [*(theirs if isinstance(theirs, (list, tuple)) else filter(None, [theirs])), ours]

    def run(told: Any) -> Any:
        for hook in all_of_them:
            if told is None:
                return None
            told = hook(told)
        return told

    return run


class _Scrubber:
    def __init__(self, allowed: re.Pattern[str] | None) -> None:
        self._allowed = allowed
        self._values: dict[str, None] = {}
        self._known: dict[second_scan.Known, None] = {}
        self._asked = threading.local()  # vcrpy asks about a request, then about its answer

    def request(self, request: Any) -> Any:
        asked = Interaction(
            method=request.method,
            uri=request.uri,
            request_headers=headers_of(dict(request.headers)),
            request_body=_bytes(request.body),
            status=0,
            headers=(),
            chunks=(),
        )
        self._note(asked)
        clean = scrub(asked, tuple(self._values))
        request.uri = clean.uri
        request.headers = dict(clean.request_headers)
        if asked.request_body:
            request.body = clean.request_body
        self._asked.clean = clean
        return request

    def response(self, response: dict[str, Any]) -> dict[str, Any]:
        body = response.get("body") or {}
        asked = getattr(self._asked, "clean", None) or Interaction("GET", "", (), b"", 0, (), ())
        answer = replace(
            asked,
            status=int(response["status"]["code"]),
            headers=headers_of(response.get("headers")),
            chunks=(_bytes(body.get("string")),),
        )
        self._note(replace(answer, uri="", request_headers=()))
        clean = scrub(answer, tuple(self._values))
        self._prove(clean)
        told: dict[str, list[str]] = {}
        for name, value in clean.headers:
            told.setdefault(name, []).append(value)
        return {**response, "headers": told, "body": {**body, "string": b"".join(clean.chunks)}}

    def _note(self, raw: Interaction) -> None:
        self._values |= dict.fromkeys(values_of([raw]))
        self._known |= dict.fromkeys(second_scan.credentials([raw]))

    def _prove(self, clean: Interaction) -> None:
        unwritten = Provenance(origin="recorded", source="vcrpy", date="")
        found = second_scan.search(cassette_writer.text([clean], unwritten, "the exchange"), self._known, self._allowed)
        if found:
            raise LeakedSecret(f"it is not recorded, it would hold {found[0].kind} in {found[0].where}")


def _bytes(told: Any) -> bytes:
    return told.encode() if isinstance(told, str) else bytes(told or b"")
