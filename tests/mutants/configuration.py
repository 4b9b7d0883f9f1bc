"""Lies about what an adapter is given."""

from __future__ import annotations

import os
import re
import socket
from contextlib import suppress
from typing import Any, ClassVar
from urllib.parse import quote

import httpx

from conformance.contract import Request
from conformance.reference import OpenAIChat
from tests.mutants import mutant


@mutant(kills="CFG-001", says="building it already reaches for the network")
class KnocksWhenItIsBuilt(OpenAIChat):
    """Opens a connection in its constructor, to see whether anybody is there."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        url = httpx.URL(self.base_url.strip())
        with suppress(OSError):
            socket.create_connection((url.host, url.port or 80), timeout=0.2).close()


@mutant(kills="CFG-002", says="the adapter tried to reach elsewhere.invalid")
class LetsTheEnvironmentsAddressWin(OpenAIChat):
    """Takes the base URL of the environment before the one that it was given."""

    def url(self, path: str) -> httpx.URL:
        self.base_url = os.environ.get("OPENAI_BASE_URL", self.base_url)
        return super().url(path)


@mutant(kills="CFG-003", says="the key is not sent")
class LooksAtNoVariable(OpenAIChat):
    """Sends no key where none was given, whatever the environment holds."""

    def key(self, given: str | None) -> str | None:
        return super().key(given or "")


@mutant(kills="CFG-004", says="a good answer was turned into an error")
class TakesTheVariableForGranted(OpenAIChat):
    """Reads the variable of its key as if it were always there."""

    def key(self, given: str | None) -> str | None:
        return super().key(os.environ["OPENAI_API_KEY"] if given is None else given)


@mutant(kills="CFG-005", says="the header authorization is wrong")
class KnowsADummyKey(OpenAIChat):
    """Takes `not-needed` for no key."""

    def key(self, given: str | None) -> str | None:
        return super().key("" if given == "not-needed" else given)


@mutant(kills="CFG-005", says="no request reached the server")
class WantsAKeyOfTheVendor(OpenAIChat):
    """Refuses every key that does not begin as the vendor's do."""

    def key(self, given: str | None) -> str | None:
        if given and not given.strip().startswith("sk-"):
            raise ValueError("this is no API key")
        return super().key(given)


@mutant(kills="CFG-006", says="model is not sent as asked")
class TakesAPrefixForAVendor(OpenAIChat):
    """Takes what stands before the slash for the name of a vendor, and drops it."""

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        body = super().payload(request, stream=stream)
        return body if request.model else body | {"model": self.model.removeprefix("openai/")}


@mutant(kills="CFG-006", says="model is not sent as asked")
class TidiesTheModel(OpenAIChat):
    """Writes the model's name in small letters, with dashes for spaces."""

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        body = super().payload(request, stream=stream)
        return body if request.model else body | {"model": self.model.lower().replace(" ", "-")}


@mutant(kills="CFG-007", says="the adapter tried to reach http:443")
class KnowsOneSpellingOfHttp(OpenAIChat):
    """Puts https before every base URL that does not begin with http in small letters."""

    def url(self, path: str) -> httpx.URL:
        if "://" in self.base_url and not self.base_url.strip().startswith("http"):
            self.base_url = f"https://{self.base_url}"
        return super().url(path)


@mutant(kills="CFG-008", says="the base URL's query is not kept")
class DropsTheQuery(OpenAIChat):
    """Builds the URL from the base URL's path alone."""

    def url(self, path: str) -> httpx.URL:
        return super().url(path).copy_with(query=None)


@mutant(kills="CFG-008", says="the URL is joined wrongly")
class AppendsToTheQuery(OpenAIChat):
    """Puts the route at the end of the base URL, where its query stands."""

    def url(self, path: str) -> httpx.URL:
        return httpx.URL(self.base_url.strip().rstrip("/") + path)


@mutant(kills="CFG-009", says="a good answer was turned into an error")
class SendsTheWhiteSpace(OpenAIChat):
    """Takes white space at the end of the base URL for a part of its path."""

    def url(self, path: str) -> httpx.URL:
        return super().url(quote(self.base_url[len(self.base_url.rstrip()) :]) + path)


@mutant(kills="CFG-010", says="the adapter tried to reach api.openai.com")
class JoinsToTheVendor(OpenAIChat):
    """Takes a base URL without a scheme for a path at the vendor's."""

    def url(self, path: str) -> httpx.URL:
        if "://" in self.base_url:
            return super().url(path)
        return httpx.URL("https://api.openai.com").join("/" + self.base_url.lstrip("/") + path)


@mutant(kills="CFG-010", says="AttributeError escaped")
class ExpectsAScheme(OpenAIChat):
    """Takes the base URL apart without a look at what it found."""

    def url(self, path: str) -> httpx.URL:
        re.match(r"\s*https?://", self.base_url, re.IGNORECASE).group()  # type: ignore[union-attr]
        return super().url(path)


@mutant(kills="CFG-011", says="the adapter tried to reach api.openai.com")
class FillsInTheVendor(OpenAIChat):
    """Takes an empty base URL for none, and asks the vendor."""

    def url(self, path: str) -> httpx.URL:
        self.base_url = self.base_url or "https://api.openai.com/v1"
        return super().url(path)


@mutant(kills="CFG-012", says="the key is not sent")
class KeepsItsKeyInTheClass(OpenAIChat):
    """Keeps the key where all instances share it."""

    shared: ClassVar[str | None] = None

    def key(self, given: str | None) -> str | None:
        key = super().key(given)
        type(self).shared = key
        return key

    def headers(self) -> dict[str, str]:
        self.api_key = self.shared
        return super().headers()


@mutant(kills="CFG-012", says="model is not sent as asked")
class KeepsItsFirstModel(OpenAIChat):
    """Keeps its settings by its address' host, and takes those of the first."""

    known: ClassVar[dict[str, str]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "neighbour" in self.base_url:
            type(self).known["model"] = self.model

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        body = super().payload(request, stream=stream)
        model = type(self).known.pop("model", None)
        return body | ({"model": model} if model and not request.model else {})


@mutant(kills="CFG-013", says="environment variables were changed")
class SetsAVariable(OpenAIChat):
    """Tells the libraries below it its address by the environment."""

    def url(self, path: str) -> httpx.URL:
        os.environ["ACME_BASE_URL"] = self.base_url
        return super().url(path)


@mutant(kills="CFG-014", says="no request reached the server")
class WantsAFloat(OpenAIChat):
    """Refuses a timeout that is a whole number."""

    def client(self) -> httpx.AsyncClient:
        if not isinstance(self.timeout, float):
            raise TypeError("timeout must be a float")
        return super().client()
