"""Lies about keys."""

from __future__ import annotations

import logging
import os
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping, Sequence
from netrc import netrc
from typing import Any

import httpx

from conformance.contract import Embeddings, Event, ProviderError, Request
from conformance.reference import OpenAIChat
from tests.mutants import mutant

log = logging.getLogger(__name__)


@mutant(kills="AUT-001", says="the key is not sent as the API takes it")
class ForgetsToSayBearer(OpenAIChat):
    """Sends the bare key in the Authorization header."""

    def headers(self) -> dict[str, str]:
        return super().headers() | ({"Authorization": self.api_key} if self.api_key else {})


@mutant(kills="AUT-001", says="the key is not sent as the API takes it")
class SendsTheKeyInAHeaderOfItsOwn(OpenAIChat):
    """Sends the key as another dialect wants it."""

    def headers(self) -> dict[str, str]:
        return {"Content-Type": "application/json"} | ({"x-api-key": self.api_key} if self.api_key else {})


@mutant(kills="AUT-001", says="the key is sent in more than one place")
class SendsTheKeyTwice(OpenAIChat):
    """Sends the key in a second header too, in case the server wants it there."""

    def headers(self) -> dict[str, str]:
        return super().headers() | ({"api-key": self.api_key} if self.api_key else {})


@mutant(kills="AUT-001", says="the key is sent in more than one place")
class SendsTheHeaderTwice(OpenAIChat):
    """Sends the client's Authorization header and the request's."""

    def headers(self) -> dict[str, str]:
        return super().headers() | ({"authorization": f"Bearer {self.api_key}"} if self.api_key else {})


@mutant(kills="AUT-002", says="the key is not sent as the API takes it")
class StreamsWithoutTheKey(OpenAIChat):
    """Forgets the key when it streams."""

    def stream(self, request: Request) -> AsyncIterator[Event]:
        self.api_key = None
        return super().stream(request)


@mutant(kills="AUT-002", says="the key is not sent as the API takes it")
class ListsModelsWithoutTheKey(OpenAIChat):
    """Takes the model list for public."""

    async def list_models(self) -> Sequence[str]:
        self.api_key = None
        return await super().list_models()


@mutant(kills="AUT-002", says="the key is not sent as the API takes it")
class EmbedsWithoutTheKey(OpenAIChat):
    """Forgets the key when it embeds."""

    async def embed(self, texts: Sequence[str], *, model: str | None = None) -> Embeddings:
        self.api_key = None
        return await super().embed(texts, model=model)


@mutant(kills="AUT-003", says="the API key is in the URL")
class PutsTheKeyIntoTheUrl(OpenAIChat):
    """Sends the key as a query parameter too."""

    def url(self, path: str) -> httpx.URL:
        return super().url(path).copy_merge_params({"key": self.api_key} if self.api_key else {})


@mutant(kills="AUT-003", says="the API key is in the request's body")
class NamesTheUserByTheKey(OpenAIChat):
    """Tells the provider the key as the name of the user."""

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        return super().payload(request, stream=stream) | ({"user": self.api_key} if self.api_key else {})


@mutant(kills="AUT-004", says="the key is not sent as the API takes it")
class LetsTheEnvironmentWin(OpenAIChat):
    """Takes the key of the environment before the one that it was given."""

    def key(self, given: str | None) -> str | None:
        return super().key(os.environ.get("OPENAI_API_KEY", given))


@mutant(kills="AUT-005", says="a good answer was turned into an error")
class KeepsTheNewlineOfAKeyFile(OpenAIChat):
    """Sends the key with the white space around it."""

    def key(self, given: str | None) -> str | None:
        return given or None


@mutant(kills="AUT-006", says="a good answer was turned into an error")
class SendsAnEmptyBearer(OpenAIChat):
    """Sends an Authorization header without a key in it."""

    def headers(self) -> dict[str, str]:
        return super().headers() | {"Authorization": f"Bearer {self.api_key or ''}"}


@mutant(kills="AUT-007", says="the API key is in the exception")
class AttachesItsHeadersToErrors(OpenAIChat):
    """Gives every HTTP error the headers of its request, as an attribute."""

    def error(self, status: int | None, headers: Mapping[str, str], body: bytes) -> ProviderError:
        error = super().error(status, headers, body)
        error.request = {"headers": self.headers()}  # type: ignore[attr-defined]
        return error


@mutant(kills="AUT-007", says="the API key is in the exception")
class QuotesItselfInErrors(OpenAIChat):
    """Writes its settings into the error about an answer that it cannot read."""

    def malformed(self, what: str) -> ProviderError:
        return ProviderError(f"{what}, {vars(self)}", kind="malformed", provider=self.name)


@mutant(kills="AUT-008", says="the API key is in the log")
class LogsItsHeaders(OpenAIChat):
    """Logs the headers of every request for debugging."""

    def headers(self) -> dict[str, str]:
        headers = super().headers()
        log.debug("sending %s", headers)
        return headers


@mutant(kills="AUT-008", says="the API key is in the log")
class LogsItselfWhenItFails(OpenAIChat):
    """Logs its settings with every HTTP error."""

    def error(self, status: int | None, headers: Mapping[str, str], body: bytes) -> ProviderError:
        log.info("HTTP %s with %s", status, vars(self))
        return super().error(status, headers, body)


@mutant(kills="AUT-009", says="the API key is in the adapter's repr")
class ShowsItsKey(OpenAIChat):
    """Has the repr that a dataclass would have."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(api_key={self.api_key!r}, base_url={self.base_url!r})"


@mutant(kills="AUT-010", says="the API key is in the exception")
class PassesOnTheKeyThatIsQuoted(OpenAIChat):
    """Passes the provider's message on as it came, with the key that it quotes."""

    def clean(self, text: str) -> str:
        return text


@mutant(kills="AUT-006", says="sk-from-the-environment is sent")
class FallsBackToTheEnvironment(OpenAIChat):
    """Takes an empty key for none given, and sends the one of the environment."""

    def key(self, given: str | None) -> str | None:
        return super().key(given or None)


@mutant(kills="AUT-011", says="the key is not sent as the API takes it")
class ReadsTheNetrc(OpenAIChat):
    """Takes the password that the user's netrc has for the host."""

    def auth(self, key: str) -> dict[str, str]:
        found = netrc(os.environ["NETRC"]).authenticators(self.base_url) if "NETRC" in os.environ else None
        if found is None:
            return super().auth(key)
        return {"Authorization": "Basic " + b64encode(f"{found[0]}:{found[2]}".encode()).decode()}
