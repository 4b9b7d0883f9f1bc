"""Writes cassettes: VCR v1 YAML that a reviewer can read and that gives back the same bytes.

Bodies are literal blocks wherever YAML can hold them so, and quoted where it cannot; a body that is not UTF-8 is
`!!binary`. What is written is scrubbed first and searched for secrets last.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import yaml

from conformance.cassettes import Interaction, Provenance
from conformance.replay import second_scan
from conformance.replay.scrub import LeakedSecret, find_secrets, scrub, values_of


@dataclass(frozen=True)
class Recorded(Interaction):
    """An interaction as the recorder saw it."""

    broken: str = ""  # why the answer is not whole; written as `x-broken`


TOLD = 3  # findings in one sentence


def save(
    path: Path,
    interactions: Sequence[Interaction],
    provenance: Provenance,
    *,
    session: Sequence[Interaction] | None = None,
    environment: Mapping[str, str] | None = None,
    allowed: re.Pattern[str] | None = None,
) -> None:
    """Writes the cassette. Raises `LeakedSecret` rather than write a secret, `ValueError` for what cannot be kept.

    What a key or an account is called is taken from the `session`, all that was recorded with it, as it was.
    """
    session = interactions if session is None else session
    for recorded in interactions:
        if any(name.lower() == "content-encoding" and value != "identity" for name, value in recorded.headers):
            raise ValueError(
                f"{path.name} is not written, the answer of {recorded.uri} is compressed: nobody can review it"
            )
    values = values_of(session)
    written = text([scrub(i, values) for i in interactions], provenance, path.name)
    known = second_scan.credentials(session, environment)
    if secrets := find_secrets(written) or list(map(str, second_scan.search(written, known, allowed))):
        more = f" and {len(secrets) - TOLD} more" if len(secrets) > TOLD else ""
        raise LeakedSecret(f"{path.name} is not written, it would hold {'; '.join(secrets[:TOLD])}{more}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(written.encode())


def text(interactions: Sequence[Interaction], provenance: Provenance, name: str) -> str:
    """The cassette as YAML, nothing scrubbed. Raises `ValueError` for what cannot be kept."""
    document = {
        "provenance": {name: value for name, value in vars(provenance).items() if value},
        "interactions": [_interaction(i, name) for i in interactions],
        "version": 1,
    }
    written = yaml.dump(document, Dumper=_Dumper, allow_unicode=True, width=sys.maxsize, sort_keys=False)
    if yaml.safe_load(written) != document:
        raise ValueError(f"{name} is not written, YAML would not give back the same bytes")
    return written


def _interaction(recorded: Interaction, name: str) -> dict[str, Any]:
    broken = recorded.broken if isinstance(recorded, Recorded) else ""
    if not recorded.status:
        raise ValueError(f"{name} is not written, {recorded.uri} was never answered: {broken}")
    response: dict[str, Any] = {
        "status": {"code": recorded.status, "message": _reason(recorded.status)},
        "headers": _grouped(recorded.headers),
        "body": {"string": _body(b"".join(recorded.chunks))},
    }
    if len(recorded.chunks) > 1:
        response["x-chunks"] = [len(chunk) for chunk in recorded.chunks]
    if broken:
        response["x-broken"] = broken
    request = {
        "method": recorded.method,
        "uri": recorded.uri,
        "headers": _grouped(recorded.request_headers),
        "body": _body(recorded.request_body) or None,
    }
    return {"request": request, "response": response}


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def _grouped(headers: tuple[tuple[str, str], ...]) -> dict[str, list[str]]:
    """Header lines by name, in the order and the case in which each name came first."""
    groups: dict[str, tuple[str, list[str]]] = {}
    for name, value in headers:
        groups.setdefault(name.lower(), (name, []))[1].append(value)
    return dict(groups.values())


class _Body(str):
    """A text that is written as a literal block if YAML allows it."""


def _body(body: bytes) -> str | bytes:
    try:
        return _Body(body.decode())
    except UnicodeDecodeError:
        return body


class _Dumper(yaml.SafeDumper):
    """Literal blocks for bodies, one line for a list of values."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def represent_body(self, body: _Body) -> yaml.Node:
        # YAML takes these three for ends of lines and changes them, unless they are escaped.
        style = '"' if any(c in body for c in "\x85\u2028\u2029") else "|" if body else None
        return self.represent_scalar("tag:yaml.org,2002:str", str(body), style=style)

    def represent_values(self, values: list[Any]) -> yaml.Node:
        flow = not any(isinstance(v, dict | list) for v in values)
        return self.represent_sequence("tag:yaml.org,2002:seq", values, flow_style=flow)


_Dumper.add_representer(_Body, _Dumper.represent_body)
_Dumper.add_representer(list, _Dumper.represent_values)
