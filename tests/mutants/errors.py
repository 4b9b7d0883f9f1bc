"""Lies about what went wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import httpx

from conformance.contract import Embeddings, ErrorKind, ProviderError, Reply, Request
from conformance.reference import OpenAIChat
from conformance.reference.wire.errors import BY_STATUS
from tests.mutants import mutant
from tests.mutants.bases import ChangesErrors, ChangesErrorsOfStreams

# --- typed at all ------------------------------------------------------------------------------


@mutant(kills="ERR-001", says="HTTPError escaped in place of a provider error")
class LetsTheClientsErrorOut(OpenAIChat):
    """Raises the HTTP client's own exception."""

    def error(self, status: int | None, headers: Mapping[str, str], body: bytes) -> Any:
        return httpx.HTTPError(f"HTTP {status}")


@mutant(kills="ERR-001", says="KeyError escaped in place of a provider error")
class KnowsOnlyItsTable(OpenAIChat):
    """Looks a status up in a table that does not have them all."""

    def kind_of_status(self, status: Any) -> ErrorKind:
        return BY_STATUS[status]


@mutant(kills="ERR-001", says="a failure was returned as an answer")
class AnswersNothing(OpenAIChat):
    """Gives an empty reply for a failure."""

    async def generate(self, request: Request) -> Reply:
        try:
            return await super().generate(request)
        except ProviderError:
            return Reply()


# --- the kind ----------------------------------------------------------------------------------


@mutant(kills="ERR-002", says="of kind server, not auth")
class KnowsOnlyOpenAIsTypes(OpenAIChat):
    """Takes an error type that OpenAI does not have for a failure of the server."""

    def kind(self, status: int | None, codes: list[str], text: str) -> ErrorKind:
        return "server" if "authentication_error" in codes else super().kind(status, codes, text)


@mutant(kills="ERR-003", says="of kind invalid_request, not permission or auth")
class LumpsForbiddenWithTheRest(OpenAIChat):
    """Takes 403 for a mistake in the request."""

    def kind_of_status(self, status: int | None) -> ErrorKind:
        return "invalid_request" if status == 403 else super().kind_of_status(status)


@mutant(kills="ERR-004", says="of kind overloaded, not rate_limit")
class CallsALimitOverload(OpenAIChat):
    """Takes the host's own limit for a provider that is too busy."""

    def kind(self, status: int | None, codes: list[str], text: str) -> ErrorKind:
        return "overloaded" if "rate_limit_exceeded" in codes else super().kind(status, codes, text)


@mutant(kills="ERR-005", says="of kind invalid_request, not billing")
class HasNoWordForCredit(OpenAIChat):
    """Takes 402 for a mistake in the request."""

    def kind_of_status(self, status: int | None) -> ErrorKind:
        return "invalid_request" if status == 402 else super().kind_of_status(status)


@mutant(kills="ERR-005", says="of kind rate_limit, not billing")
class WaitsForMoney(OpenAIChat):
    """Takes a spent quota for a rate limit, as both are 429."""

    def kind(self, status: int | None, codes: list[str], text: str) -> ErrorKind:
        return "rate_limit" if status == 429 else super().kind(status, codes, text)


@mutant(kills="ERR-006", says="of kind rate_limit, not overloaded or server")
class SearchesTheTextForOverload(OpenAIChat):
    """Takes every text with "overloaded" in it for a rate limit."""

    def kind(self, status: int | None, codes: list[str], text: str) -> ErrorKind:
        return "rate_limit" if "overloaded" in text else super().kind(status, codes, text)


@mutant(kills="ERR-007", says="of kind invalid_request, not not_found")
class BelievesTheTypeBeforeTheStatus(OpenAIChat):
    """Takes a 404 of type invalid_request_error for a mistake in the request."""

    def kind(self, status: int | None, codes: list[str], text: str) -> ErrorKind:
        wrong = status == 404 and "invalid_request_error" in codes
        return "invalid_request" if wrong else super().kind(status, codes, text)


@mutant(kills="ERR-008", says="of kind invalid_request, not context_length")
class ReadsOnlyCodes(OpenAIChat):
    """Does not look into the text for a prompt that is too long."""

    def kind(self, status: int | None, codes: list[str], text: str) -> ErrorKind:
        return super().kind(status, codes, "")


@mutant(kills="ERR-009", says="of kind invalid_request, not content_filter")
class HasNeverHeardOfFilters(OpenAIChat):
    """Takes a filtered prompt for a wrong request, as both are 400."""

    def kind(self, status: int | None, codes: list[str], text: str) -> ErrorKind:
        return super().kind(status, [c for c in codes if c != "content_filter"], text)


@mutant(kills="ERR-010", says="of kind server, not invalid_request")
class BlamesTheServerFor422(OpenAIChat):
    """Takes 422 for a failure of the server."""

    def kind_of_status(self, status: int | None) -> ErrorKind:
        return "server" if status == 422 else super().kind_of_status(status)


@mutant(kills="ERR-010", says="of kind context_length, not invalid_request")
class TakesEveryWrongRequestForTooLong(OpenAIChat):
    """Takes every 400 that has no code of its own for a prompt that is too long."""

    def kind(self, status: int | None, codes: list[str], text: str) -> ErrorKind:
        return "context_length" if codes[:1] == ["400"] else super().kind(status, codes, text)


@mutant(kills="ERR-011", says="of kind invalid_request, not server or network")
class BlamesTheHostForUnknownStatuses(OpenAIChat):
    """Takes a status that no standard has for a mistake in the request."""

    def kind_of_status(self, status: int | None) -> ErrorKind:
        return "invalid_request" if status == 520 else super().kind_of_status(status)


@mutant(kills="ERR-012", says="of kind invalid_request, not timeout or server or network")
class BlamesTheHostFor408(OpenAIChat):
    """Takes 408 for a mistake in the request, as it begins with a 4."""

    def kind_of_status(self, status: int | None) -> ErrorKind:
        return "invalid_request" if status == 408 else super().kind_of_status(status)


# --- other bodies ------------------------------------------------------------------------------


@mutant(kills="ERR-013", says="JSONDecodeError escaped in place of a provider error")
class ParsesEveryErrorAsJSON(OpenAIChat):
    """Expects JSON in every error."""

    def describe(self, body: bytes) -> tuple[str, list[str]]:
        json.loads(body)
        return super().describe(body)


@mutant(kills="ERR-013", says="of kind timeout, not overloaded or server or network")
class SearchesTheTextForTimeouts(OpenAIChat):
    """Takes every text with "timeout" in it for a timeout."""

    def kind(self, status: int | None, codes: list[str], text: str) -> ErrorKind:
        return "timeout" if "timeout" in text else super().kind(status, codes, text)


@mutant(kills="ERR-014", says="AttributeError escaped in place of a provider error")
class ExpectsAnObjectInEveryError(OpenAIChat):
    """Takes the JSON of every error for an object."""

    def describe(self, body: bytes) -> tuple[str, list[str]]:
        with suppress(ValueError):
            json.loads(body).get("error")
        return super().describe(body)


@mutant(kills="ERR-014", says="IndexError escaped in place of a provider error")
class TakesTheFirstOfAnEmptyList(OpenAIChat):
    """Looks into the first object of a list of errors, where it may be empty."""

    def describe(self, body: bytes) -> tuple[str, list[str]]:
        with suppress(ValueError):
            data = json.loads(body)
            body = json.dumps(data[0]).encode() if isinstance(data, list) else body
        return super().describe(body)


@mutant(kills="ERR-014", says="TypeError escaped in place of a provider error")
class ExpectsOpenAIsErrorObject(OpenAIChat):
    """Takes what stands under "error" for an object with a message."""

    def describe(self, body: bytes) -> tuple[str, list[str]]:
        with suppress(ValueError, KeyError):
            json.loads(body)["error"]["message"].strip()
        return super().describe(body)


# --- what it carries ---------------------------------------------------------------------------


@mutant(kills="ERR-015", says="the provider's own message is lost")
class SaysOnlyThatItFailed(OpenAIChat):
    """Keeps the provider's message to itself."""

    def error(self, status: int | None, headers: Mapping[str, str], body: bytes) -> ProviderError:
        exc = super().error(status, headers, body)
        exc.args = ("the request failed",)
        return exc


@mutant(kills="ERR-016", says="does not carry the status")
class ForgetsTheStatus(OpenAIChat):
    """Raises errors without their HTTP status."""

    def error(self, status: int | None, headers: Mapping[str, str], body: bytes) -> ProviderError:
        exc = super().error(status, headers, body)
        exc.status = None
        return exc


@mutant(kills="ERR-017", says="does not carry the code")
class ForgetsTheCode(OpenAIChat):
    """Raises errors without the provider's code."""

    def error(self, status: int | None, headers: Mapping[str, str], body: bytes) -> ProviderError:
        exc = super().error(status, headers, body)
        exc.code = None
        return exc


@mutant(kills="ERR-018", says="does not name its provider")
class NamesItselfOnlyWithAStatus(ChangesErrors):
    """Names the provider in HTTP errors and in no other."""

    def changed(self, exc: ProviderError) -> Exception:
        exc.provider = exc.provider if exc.status else None
        return exc


@mutant(kills="ERR-019", says="a whole page became the error's text")
class QuotesWholePages(OpenAIChat):
    """Makes the whole body the error's text."""

    def describe(self, body: bytes) -> tuple[str, list[str]]:
        return body.decode("utf-8", "replace"), super().describe(body)[1]


@mutant(kills="ERR-020", says="a failure was returned as an answer")
class TrustsEvery200(OpenAIChat):
    """Does not look for an error object under status 200."""

    def decoded(self, body: bytes) -> Any:
        return super().decoded(body.replace(b'"error":', b'"warning":'))


@mutant(kills="ERR-021", says="of kind malformed, not rate_limit")
class IsSurprisedByErrorsUnder200(OpenAIChat):
    """Takes an error object under status 200 for an answer that it cannot read."""

    def decoded(self, body: bytes) -> Any:
        try:
            return super().decoded(body)
        except ProviderError as exc:
            raise self.malformed(str(exc)) from None


# --- the connection ----------------------------------------------------------------------------


@mutant(kills="ERR-022", says="ConnectError escaped in place of a provider error")
class LetsConnectErrorsOut(ChangesErrors):
    """Wraps what happens on a connection, and not that there is none."""

    def changed(self, exc: Any) -> Exception:
        return exc.__cause__ if "connection attempts failed" in str(exc) else exc


@mutant(kills="ERR-023", says="of kind malformed, not network")
class TakesNoAnswerForABadOne(ChangesErrors):
    """Calls an answer that never came malformed."""

    def changed(self, exc: ProviderError) -> Exception:
        exc.kind = "malformed" if "disconnected" in str(exc) else exc.kind
        return exc


@mutant(kills="ERR-023", says="ReadError escaped in place of a provider error")
class LetsResetsOut(ChangesErrors):
    """Wraps a connection that is closed, and not one that is reset."""

    def changed(self, exc: Any) -> Exception:
        return exc.__cause__ if isinstance(exc.__cause__, httpx.ReadError) else exc


@mutant(kills="ERR-024", says="of kind server, not network")
class BlamesTheServerForItsCertificate(ChangesErrors):
    """Takes a certificate that cannot be trusted for a failure of the server."""

    def changed(self, exc: ProviderError) -> Exception:
        exc.kind = "server" if "CERTIFICATE" in str(exc) else exc.kind
        return exc


@mutant(kills="ERR-025", says="the call hung")
class KnocksForEver(OpenAIChat):
    """Has no limit for the connection to be made."""

    def client(self) -> httpx.AsyncClient:
        super().client().timeout = httpx.Timeout(self.timeout, connect=None)
        return super().client()

    def limit(self) -> None:
        return None


@mutant(kills="ERR-026", says="the call hung")
class ListensForEver(OpenAIChat):
    """Has no limit for an answer that is not streamed."""

    async def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        self.client().timeout = httpx.Timeout(None, connect=self.timeout)
        return await super().call(method, path, body)

    def limit(self) -> None:
        return None


@mutant(kills="ERR-026", says="of kind network, not timeout")
class CallsSilenceALostConnection(ChangesErrors):
    """Takes a server that is silent for one that is gone."""

    def changed(self, exc: ProviderError) -> Exception:
        exc.kind = "network" if isinstance(exc.__cause__, httpx.ReadTimeout | TimeoutError) else exc.kind
        return exc


@mutant(kills="ERR-027", says="RemoteProtocolError escaped in place of a provider error")
class GuardsTheHeadOnly(OpenAIChat):
    """Wraps what goes wrong before the body, and not what goes wrong within it."""

    async def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        try:
            return await super().call(method, path, body)
        except ProviderError as exc:
            raise (exc.__cause__ if "complete" in str(exc) else None) or exc from None


# --- the other calls ---------------------------------------------------------------------------


@mutant(kills="ERR-028", says="of kind invalid_request, not context_length")
class DoesNotReadRefusals(ChangesErrorsOfStreams):
    """Raises a refused stream by its status, its body unread."""

    def changed(self, exc: ProviderError) -> Exception:
        exc.kind = self.kind_of_status(exc.status) if exc.status else exc.kind
        return exc


@mutant(kills="ERR-029", says="RuntimeError escaped in place of a provider error")
class EmbedsUnguarded(OpenAIChat):
    """Does not raise the failures of embeddings as its own."""

    async def embed(self, texts: Sequence[str], *, model: str | None = None) -> Embeddings:
        try:
            return await super().embed(texts, model=model)
        except ProviderError as exc:
            raise (RuntimeError("embedding failed") if exc.status else exc) from exc


@mutant(kills="ERR-029", says="a failure was returned as an answer")
class ListsNothing(OpenAIChat):
    """Gives an empty model list for a failure."""

    async def list_models(self) -> Sequence[str]:
        try:
            return await super().list_models()
        except ProviderError:
            return []


@mutant(kills="ERR-030", says="the error hides its cause")
class HidesTheCause(OpenAIChat):
    """Raises a new error in place of the client's, without a trace of it."""

    async def generate(self, request: Request) -> Reply:
        try:
            return await super().generate(request)
        except ProviderError as exc:
            failed = exc
        failed.__cause__ = failed.__context__ = None
        raise failed


@mutant(kills="ERR-024", says="an untrusted certificate was trusted")
class TrustsAnyCertificate(OpenAIChat):
    """Does not look at certificates."""

    def new_client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(timeout=self.timeout, verify=False)


@mutant(kills="ERR-030", says="hides its cause")
class DropsTheCause(ChangesErrors):
    """Raises the error from nothing."""

    def changed(self, exc: ProviderError) -> Exception:
        exc.__cause__ = None
        return exc
