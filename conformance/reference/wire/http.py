"""What a call over HTTP is made of, whoever sends it: address, headers, bodies, and the client's own errors."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from conformance.contract import ProviderError
from conformance.reference.wire.errors import MapsErrors


class SpeaksHTTP(MapsErrors):
    base_url: str
    key_variable = "OPENAI_API_KEY"

    @contextmanager
    def transport_errors(self) -> Iterator[None]:
        try:
            yield
        except (httpx.TimeoutException, TimeoutError) as exc:
            raise ProviderError(f"{self.name}: no answer in time", kind="timeout", provider=self.name) from exc
        except (httpx.TransportError, httpx.DecodingError) as exc:
            raise ProviderError(f"{self.name}: {exc}", kind="network", provider=self.name) from exc
        except httpx.InvalidURL as exc:
            raise ProviderError(f"{self.name}: {exc}", kind="invalid_request", provider=self.name) from exc

    def url(self, path: str) -> httpx.URL:
        base = httpx.URL(self.base_url.strip())
        return base.copy_with(path=base.path.rstrip("/") + path)

    def public(self, url: str) -> str:
        """Without a user and password."""
        return re.sub(r"//[^/@]*@", "//", url)

    def headers(self) -> dict[str, str]:
        return {"Content-Type": "application/json", **(self.auth(self.api_key) if self.api_key else {})}

    def auth(self, key: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {key}"}

    def key(self, given: str | None) -> str | None:
        """A key given wins, even an empty one; a newline from a file is not part of it."""
        key = os.environ.get(self.key_variable) if given is None else given
        return key.strip() if key else None

    def encoded(self, body: dict[str, Any] | None) -> bytes | None:
        return None if body is None else json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")

    def decoded(self, body: bytes) -> Any:
        try:
            data = json.loads(body.decode())
        except ValueError:
            raise self.malformed(f"an answer that is not JSON: {body[:80]!r}") from None
        if isinstance(data, dict) and data.get("error"):
            raise self.error(None, {}, body)  # a 200 that is none
        return data

    def is_event_stream(self, response: httpx.Response) -> bool:
        """A body that is labelled as one JSON document or a page is no stream."""
        kind = response.headers.get("content-type", "")
        return not kind.startswith(("application/json", "text/html"))

    def unexpected(self, body: bytes) -> ProviderError:
        """What came in place of a stream: an error object, or nothing that we know."""
        try:
            self.decoded(body)
        except ProviderError as exc:
            return exc
        return self.malformed("an answer that is not a stream")
