"""What went wrong, as Ollama says it: a status and one text."""

from __future__ import annotations

import re

from conformance.contract import ErrorKind
from conformance.reference.wire.errors import MapsErrors

TOO_LONG = re.compile(r"exceed(s|ed)? (the (available )?|max )?context|prompt (is )?too long|exceed_context_size", re.I)


class MapsOllamaErrors(MapsErrors):
    def describe(self, body: bytes) -> tuple[str, list[str]]:
        """A runner's error comes as JSON inside of the text."""
        text, codes = super().describe(body)
        return super().describe(text.encode()) if text.startswith('{"error":') else (text, codes)

    def kind(self, status: int | None, codes: list[str], text: str) -> ErrorKind:
        if status in (400, 413, 500, None) and TOO_LONG.search(text):
            return "context_length"
        if text == "invalid JSON schema in format":
            return "invalid_request"
        return super().kind(status, codes, text)
