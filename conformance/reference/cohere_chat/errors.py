"""What went wrong, as Cohere says it: a message, a status, and seldom more."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, ClassVar

from conformance.contract import ErrorKind, ProviderError
from conformance.reference.wire.errors import MapsErrors

TOO_LONG = re.compile(r"too many tokens", re.I)
FAILED: dict[Any, ErrorKind] = {"ERROR": "server", "TIMEOUT": "timeout"}  # finish reasons that are none


class MapsCohereErrors(MapsErrors):
    by_code: ClassVar[Mapping[str, ErrorKind]] = {"TOO_MANY_TOKENS": "context_length"}

    def describe(self, body: bytes) -> tuple[str, list[str]]:
        text, codes = super().describe(body)
        return text, [*self.error_types(body), *codes]

    def error_types(self, body: bytes) -> list[str]:
        try:
            data = json.loads(body)
        except ValueError:
            return []
        told = data.get("error_type") if isinstance(data, dict) else None
        return [told] if isinstance(told, str) else []

    def kind(self, status: int | None, codes: list[str], text: str) -> ErrorKind:
        if status in (400, 422, None) and TOO_LONG.search(text):
            return "context_length"
        if status == 429 and "/ month" in text:
            return "billing"  # a trial that is used up: waiting does not help
        if status == 498:  # blocked by the documentation, an invalid token by the official package
            return "auth" if "token" in text.lower() else "content_filter"
        return "network" if status == 499 else super().kind(status, codes, text)

    def failed(self, finish: Any, message: Any) -> ProviderError:
        """The generation itself failed, under status 200."""
        said = message if isinstance(message, str) and message else f"the generation ended with {finish}"
        return ProviderError(
            self.clean(f"{self.name}: {said}"),
            kind="context_length" if TOO_LONG.search(said) else FAILED[finish],
            code=str(finish),
            provider=self.name,
        )
