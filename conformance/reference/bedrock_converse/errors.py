"""What went wrong, as Bedrock says it: a type in a header, in the body or of a message, and a text."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, ClassVar

from conformance.contract import ErrorKind, ProviderError
from conformance.reference.wire.errors import LONGEST_TEXT, MapsErrors

TOO_LONG = re.compile(
    r"input is too long|input tokens exceeded|too many (input )?tokens|prompt is too long|context (length|window|size)",
    re.I,
)
WRONG_KEY = re.compile(r"authentication failed|bearer token", re.I)


class MapsConverseErrors(MapsErrors):
    by_code: ClassVar[Mapping[str, ErrorKind]] = {
        "AccessDeniedException": "permission",
        "ExpiredTokenException": "auth",
        "IncompleteSignatureException": "auth",
        "InternalServerException": "server",
        "InvalidSignatureException": "auth",
        "MissingAuthenticationTokenException": "auth",
        "ModelErrorException": "server",
        "ModelNotReadyException": "overloaded",
        "ModelStreamErrorException": "server",
        "ModelTimeoutException": "timeout",
        "ResourceNotFoundException": "not_found",
        "ServiceQuotaExceededException": "rate_limit",
        "ServiceUnavailableException": "overloaded",
        "ThrottlingException": "rate_limit",
        "TooManyRequestsException": "rate_limit",
        "UnrecognizedClientException": "auth",
        "ValidationException": "invalid_request",
    }

    def error(self, status: int | None, headers: Mapping[str, str], body: bytes) -> ProviderError:
        """The type is in a header, whatever the body says."""
        told = self.type_name(headers.get("x-amzn-errortype"))
        return self.told(status, headers, *self.describe(body), type=told)

    def told(
        self, status: int | None, headers: Mapping[str, str], text: str, codes: list[str], *, type: str | None
    ) -> ProviderError:
        codes = [type, *codes] if type else codes
        return ProviderError(
            self.clean(f"{self.name}: {next(iter(codes), status or 'error')}: {text}"),
            kind=self.kind(status, codes, text),
            status=status,
            code=next(iter(codes), None),
            retry_after=self.retry_after(headers),
            provider=self.name,
        )

    def describe(self, body: bytes) -> tuple[str, list[str]]:
        """`message` or `Message`, and the type where the body has it."""
        try:
            data: Any = json.loads(body)
        except ValueError:
            data = None
        if not isinstance(data, dict) or "error" in data:
            return super().describe(body)  # of a gateway
        text = data.get("message") or data.get("Message") or body.decode("utf-8", "replace")
        codes = [c for name in ("__type", "code") if (c := self.type_name(data.get(name)))]
        return str(text)[:LONGEST_TEXT], codes

    def type_name(self, value: Any) -> str | None:
        """`aws.protocols#FooError:http://internal…` is FooError."""
        if not isinstance(value, str):
            return None
        name = value.partition(":")[0].rpartition("#")[2].strip()
        return name[:1].upper() + name[1:] or None

    def kind(self, status: int | None, codes: list[str], text: str) -> ErrorKind:
        found = super().kind(status, codes, text)
        if found == "invalid_request" and TOO_LONG.search(text):
            return "context_length"
        if found == "permission" and WRONG_KEY.search(text):
            return "auth"  # a wrong API key may have no type
        return found
