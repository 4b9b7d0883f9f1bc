"""What went wrong, as the Responses API says it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from conformance.contract import ErrorKind, ProviderError
from conformance.reference.openai_chat.errors import MapsChatErrors


class MapsResponseErrors(MapsChatErrors):
    by_code: ClassVar[Mapping[str, ErrorKind]] = {
        **MapsChatErrors.by_code,
        "bio_policy": "content_filter",
        "image_content_policy_violation": "content_filter",
        "invalid_prompt": "invalid_request",
        "server_is_overloaded": "overloaded",
        "slow_down": "overloaded",
    }

    def failed(self, answer: Mapping[str, Any]) -> ProviderError:
        """An answer, or the event that ends one, with status `failed`: the reason is in `error`, or nobody told it."""
        error = answer.get("error") or {"message": "the answer failed, and does not say why"}
        return self.error(None, {}, json.dumps({"error": error}).encode())

    def kind(self, status: int | None, codes: list[str], text: str) -> ErrorKind:
        """What is wrong with an image is told by a dozen codes of one form."""
        if any("image" in code and code not in self.by_code for code in codes):
            return "invalid_request"
        return super().kind(status, codes, text)
