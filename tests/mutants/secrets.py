"""Lies about what was confided to an adapter."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import warnings
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx

from conformance.contract import Health, ProviderError, Reply, Request
from conformance.reference import OpenAIChat
from tests.mutants import mutant


class Follows(OpenAIChat):
    """Follows redirects by hand, as each liar below does it."""

    most = 20

    @asynccontextmanager
    async def open(self, method: str, path: str, body: dict[str, Any] | None) -> AsyncIterator[httpx.Response]:
        url, headers, asked = self.url(path), self.headers(), 0
        with self.transport_errors():
            while True:
                request = self.client().build_request(method, url, headers=headers, content=self.encoded(body))
                response = await self.client().send(request, stream=True)
                asked += 1
                if not response.has_redirect_location or asked > self.most:
                    break
                await response.aclose()
                url, origin = url.join(response.headers["location"]), (url.host, url.port)
                if (url.host, url.port) != origin:
                    headers, body = self.at_another_origin(headers, body)
            try:
                if not response.is_success:
                    raise self.error(response.status_code, response.headers, await response.aread())
                yield response
            finally:
                await response.aclose()

    def at_another_origin(self, headers: dict[str, str], body: Any) -> tuple[dict[str, str], Any]:
        return {}, {"model": self.model, "messages": []}


@mutant(kills="SEC-001", says="the API key is in a request to another origin")
class TakesTheKeyAlong(Follows):
    """Follows a redirect to another origin with the same headers."""

    def at_another_origin(self, headers: dict[str, str], body: Any) -> tuple[dict[str, str], Any]:
        return headers, {"model": self.model, "messages": []}


@mutant(kills="SEC-002", says="the prompt is in a request to another origin")
class TakesThePromptAlong(Follows):
    """Follows a redirect to another origin with the same body."""

    def at_another_origin(self, headers: dict[str, str], body: Any) -> tuple[dict[str, str], Any]:
        return {"Content-Type": "application/json"}, body


@mutant(kills="SEC-003", says="requests were sent without end")
class FollowsForVeryLong(Follows):
    """Follows five hundred redirects before it gives up."""

    most = 500


@mutant(kills="SEC-004", says="a failure was returned as an answer")
class TakesARedirectForSuccess(OpenAIChat):
    """Takes every status below 400 for an answer, and an empty body for an empty one."""

    def error(self, status: int | None, headers: Mapping[str, str], body: bytes) -> ProviderError:
        error = super().error(status, headers, body)
        error.redirected = status is not None and status < 400  # type: ignore[attr-defined]
        return error

    async def generate(self, request: Request) -> Reply:
        try:
            return await super().generate(request)
        except ProviderError as exc:
            if getattr(exc, "redirected", False):
                return Reply(text="", finish_reason="stop")
            raise


@mutant(kills="SEC-005", says="the password is in the exception")
class NamesTheUrlInErrors(OpenAIChat):
    """Names the whole base URL in every HTTP error."""

    def error(self, status: int | None, headers: Mapping[str, str], body: bytes) -> ProviderError:
        error = super().error(status, headers, body)
        error.args = (f"{error.args[0]} from {self.base_url}",)
        return error


@mutant(kills="SEC-006", says="the password is in the adapter's repr")
class ShowsThePassword(OpenAIChat):
    """Shows its base URL as it was given."""

    def public(self, url: str) -> str:
        return url


@mutant(kills="SEC-006", says="the password is in the exception")
class KeepsTheClientsError(OpenAIChat):
    """Has the client raise what it likes, whose text has the whole URL, and keeps that as the cause."""

    def error(self, status: int | None, headers: Mapping[str, str], body: bytes) -> ProviderError:
        error = super().error(status, headers, body)
        error.__cause__ = httpx.HTTPError(f"{status} for url {self.base_url}")
        return error


@mutant(kills="SEC-007", says="the API key is in a file")
class KeepsItsHeadersInAFile(OpenAIChat):
    """Hands its headers to the client in a temporary file, and removes it at once."""

    def headers(self) -> dict[str, str]:
        headers = super().headers()
        with tempfile.NamedTemporaryFile("w", suffix=".headers") as file:
            file.write(f"{headers}")
        return headers


@mutant(kills="SEC-008", says="the prompt is in a file")
class KeepsAJournal(OpenAIChat):
    """Writes every request to a journal, until it has been sent."""

    async def generate(self, request: Request) -> Reply:
        with tempfile.NamedTemporaryFile("w", suffix=".journal") as file:
            file.write(f"{request}")
            file.flush()
            return await super().generate(request)


@mutant(kills="SEC-009", says="the API key is in what was printed or warned of")
class PrintsItsHeaders(OpenAIChat):
    """Prints the headers of each request, left over from debugging."""

    def headers(self) -> dict[str, str]:
        headers = super().headers()
        print("sending", headers, file=sys.stderr)
        return headers


@mutant(kills="SEC-009", says="the API key is in what was printed or warned of")
class WarnsOfItsKey(OpenAIChat):
    """Warns, with the key, that the provider rejects it."""

    def error(self, status: int | None, headers: Mapping[str, str], body: bytes) -> ProviderError:
        if status == 401:
            with suppress(Warning):
                warnings.warn(f"{self.api_key} is not accepted", stacklevel=2)
        return super().error(status, headers, body)


@mutant(kills="SEC-010", says="the prompt is in the exception")
class QuotesThePrompt(OpenAIChat):
    """Quotes the question in every error."""

    async def generate(self, request: Request) -> Reply:
        try:
            return await super().generate(request)
        except ProviderError as exc:
            exc.args = (f"{exc} (asked: {request.messages[-1].content})",)
            raise


@mutant(kills="SEC-010", says="the prompt is in what was printed or warned of")
class PrintsThePrompt(OpenAIChat):
    """Prints the body of each request."""

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        body = super().payload(request, stream=stream)
        print(body["messages"])
        return body


@mutant(kills="SEC-011", says="the API key is in the environment")
class TellsTheWholeProcess(OpenAIChat):
    """Puts its key where libraries below it would look for one."""

    def key(self, given: str | None) -> str | None:
        key = super().key(given)
        os.environ["ACME_API_KEY"] = key or ""
        return key


@mutant(kills="SEC-012", says="a process was started")
class AsksTheSystemWhoItIs(OpenAIChat):
    """Starts a program to learn the system's name for a header."""

    def headers(self) -> dict[str, str]:
        subprocess.run([sys.executable, "-I", "-S", "-c", ""], check=True)
        return super().headers()


def look_up(host: str) -> None:
    """As a client does before it connects."""
    with suppress(OSError):
        socket.getaddrinfo(host, 443)


@mutant(kills="SEC-013", says="the adapter tried to reach telemetry.example.com:443")
class SendsTelemetry(OpenAIChat):
    """Tells another host of each call that met an overloaded server."""

    def error(self, status: int | None, headers: Mapping[str, str], body: bytes) -> ProviderError:
        if status == 503:
            look_up("telemetry.example.com")
        return super().error(status, headers, body)


@mutant(kills="SEC-013", says="the adapter tried to reach models.example.com:443")
class AsksAnotherHostForModels(OpenAIChat):
    """Takes the list of models from the vendor, wherever its base URL leads."""

    async def list_models(self) -> Sequence[str]:
        look_up("models.example.com")
        return await super().list_models()


@mutant(kills="SEC-013", says="the adapter tried to reach status.example.com:443")
class LooksAtAStatusPage(OpenAIChat):
    """Asks the vendor's status page for its health."""

    async def health(self) -> Health:
        look_up("status.example.com")
        return await super().health()


@mutant(kills="SEC-014", says="the API key is in the locals of a traceback")
class HoldsItsHeaders(OpenAIChat):
    """Holds its headers in a variable while it asks."""

    async def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        headers = self.headers()
        assert headers
        return await super().call(method, path, body)


@mutant(kills="SEC-015", says="the API key is in the exception's pickle")
class HandsTheRequestOn(OpenAIChat):
    """Attaches the request, with its headers, to every error."""

    def error(self, status: int | None, headers: Mapping[str, str], body: bytes) -> ProviderError:
        error = super().error(status, headers, body)
        error.request = httpx.Request("POST", "http://kit", headers=self.headers())  # type: ignore[attr-defined]
        return error
