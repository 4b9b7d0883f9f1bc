"""Lies about which the error itself says nothing wrong, or that show in odd answers only; the host goes astray."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx

from conformance.contract import Event, ProviderError, Reply, Request, TextDelta
from conformance.reference import CouncilOpenAI, LaiosOpenAI, OpenAIChat
from tests.mutants import mutant
from tests.mutants.bases import ChangesEarlyBreaks, ChangesErrorsOfStreams, SeesAnswers


class SaysAnotherThing(CouncilOpenAI):
    """No mutant: a base of those that tell LLM Council, which reads words, in other words."""

    async def generate(self, request: Any) -> Any:
        try:
            return await super().generate(request)
        except Exception as exc:
            if isinstance(exc.__cause__, ProviderError):
                raise RuntimeError(self.words(exc.__cause__, str(exc))) from exc
            raise

    def words(self, exc: ProviderError, told: str) -> str:
        return told


# --- left out ----------------------------------------------------------------------------------


@mutant(kills="FLO-001", says="the host asks it once more, where it leaves this provider out")
class HandsOnTheWordsOf401(SaysAnotherThing):
    """Hands on what the provider says of a wrong key: of a page without words nothing is left."""

    def words(self, exc: ProviderError, told: str) -> str:
        return told if exc.status != 401 or "key" in str(exc).lower() else "the provider refused the request"


@mutant(kills="FLO-001", says="the host goes to the next provider, where it leaves this provider out")
class ForgetsTheStatusOfPages(OpenAIChat):
    """Takes a page for a failure of the proxy that sent it, whatever its status."""

    def error(self, status: int | None, headers: Mapping[str, str], body: bytes) -> ProviderError:
        exc = super().error(status, headers, body)
        if status == 401 and body.startswith(b"<html><head><title>Sign in"):
            exc.kind = "server"
        return exc


@mutant(kills="FLO-003", says="the host goes to the next provider, where it leaves this provider out")
class TakesPaymentForATrouble(ChangesErrorsOfStreams):
    """Tells a spent quota of a stream as a failure of the server."""

    def changed(self, exc: ProviderError) -> Exception:
        exc.kind = "server" if exc.kind == "billing" else exc.kind
        return exc


@mutant(kills="FLO-003", says="the host waits and asks it again, where it leaves this provider out")
class WaitsWhereAWaitIsTold(OpenAIChat):
    """Takes a spent quota for a rate limit if there is a Retry-After."""

    def error(self, status: int | None, headers: Mapping[str, str], body: bytes) -> ProviderError:
        exc = super().error(status, headers, body)
        exc.kind = "rate_limit" if exc.kind == "billing" and exc.retry_after else exc.kind
        return exc


# --- asked again -------------------------------------------------------------------------------


@mutant(kills="FLO-002", says="the host asks it once more, where it waits and asks it again")
class HandsOnTheWordsOf429(SaysAnotherThing):
    """Raises what the provider says of a limit and no word more: by "Slow down" the host classifies nothing."""

    def words(self, exc: ProviderError, told: str) -> str:
        return str(exc).partition("429: ")[2] if exc.kind == "rate_limit" else told


@mutant(kills="FLO-002", says="the host asks again before the time that the provider told")
class ReadsNoWaitOfPages(OpenAIChat):
    """Reads Retry-After only beside an error in JSON."""

    def error(self, status: int | None, headers: Mapping[str, str], body: bytes) -> ProviderError:
        exc = super().error(status, headers, body)
        exc.retry_after = exc.retry_after if body.startswith(b"{") else None
        return exc


@mutant(kills="FLO-002", says="the host gives up, where it waits and asks it again")
class TakesAll4xxForTheEnd(OpenAIChat):
    """Takes any status from 400 to 499 whose body is no JSON for a wrong request."""

    def error(self, status: int | None, headers: Mapping[str, str], body: bytes) -> ProviderError:
        exc = super().error(status, headers, body)
        if status is not None and status == 429 and not body.strip().startswith((b"{", b"[", b"<")):
            exc.kind = "invalid_request"
        return exc


# --- the next one ------------------------------------------------------------------------------


@mutant(kills="FLO-004", says="the host gives up, where it goes to the next provider")
class BlamesTheCallerForOverloadedStreams(ChangesErrorsOfStreams):
    """Tells an overloaded provider of a stream as a wrong request."""

    def changed(self, exc: ProviderError) -> Exception:
        exc.kind = "invalid_request" if exc.status == 503 else exc.kind
        return exc


@mutant(kills="FLO-004", says="the host leaves this provider out, where it waits and asks it again")
class FindsNoModelInEveryFailure(SaysAnotherThing):
    """Tells the host of a failing server that its model does not exist, where the provider says nothing itself."""

    def words(self, exc: ProviderError, told: str) -> str:
        return "the model does not exist any more" if "Oops" in str(exc) else told


@mutant(kills="FLO-005", says="the host gives up, where it goes to the next provider")
class GivesUpOnSilentStreams(ChangesErrorsOfStreams):
    """Tells a stream that never came as a wrong request."""

    def changed(self, exc: ProviderError) -> Exception:
        exc.kind = "invalid_request" if exc.kind == "timeout" else exc.kind
        return exc


@mutant(kills="FLO-006", says="the host leaves this provider out, where it goes to the next provider")
class TakesARefusalForAKey(ChangesErrorsOfStreams):
    """Takes a connection that is refused for a key that is, when it streams."""

    def changed(self, exc: ProviderError) -> Exception:
        exc.kind = "permission" if isinstance(exc.__cause__, httpx.ConnectError) else exc.kind
        return exc


@mutant(kills="FLO-006", says="the host gives up, where it goes to the next provider")
class EndsTheProcess(LaiosOpenAI):
    """Ends with SystemExit where nobody listens: no router catches that."""

    @contextmanager
    def transport_errors(self) -> Iterator[None]:
        try:
            with super().transport_errors():
                yield
        except ProviderError as exc:
            if isinstance(exc.__cause__, httpx.ConnectError):
                raise SystemExit(f"cannot reach {self.base_url}") from exc
            raise


# --- the caller's mistake ----------------------------------------------------------------------


@mutant(kills="FLO-007", says="the host waits and asks it again, where it asks it once more")
class ToldAsAConnection(SaysAnotherThing):
    """Tells a page under 400 as what the connection gave, and the host tries connections again."""

    def words(self, exc: ProviderError, told: str) -> str:
        return f"the connection gave {told}" if exc.status == 400 and "<html>" in str(exc) else told


@mutant(kills="FLO-007", says="the host goes to the next provider, where it gives up")
class BlamesTheServerForPages(OpenAIChat):
    """Takes a page under 400 for a failure of a proxy."""

    def error(self, status: int | None, headers: Mapping[str, str], body: bytes) -> ProviderError:
        exc = super().error(status, headers, body)
        exc.kind = "server" if status == 400 and body.startswith(b"<") else exc.kind
        return exc


# --- no answer ---------------------------------------------------------------------------------


@mutant(kills="FLO-008", says="the host gives up, where it goes to the next provider")
class BlamesTheCallerForAQueue(SeesAnswers):
    """Takes 202, in place of an answer, for a wrong request."""

    async def came(self, response: httpx.Response) -> None:
        if response.status_code == 202:
            raise ProviderError("queued", kind="invalid_request", status=202, provider=self.name)


# --- at once -----------------------------------------------------------------------------------


@mutant(kills="FLO-009", says="the adapter slept, where waiting is the host's business")
class WaitsForAServerToStart(SeesAnswers):
    """Tries a connection that is refused three times, a second apart."""

    async def failed(self, exc: ProviderError) -> None:
        if isinstance(exc.__cause__, httpx.ConnectError):
            for _ in range(3):
                await asyncio.sleep(1.0)


# --- again and again ---------------------------------------------------------------------------


@mutant(kills="FLO-010", says="call 6 of 6 in turn: no request reached the server")
class BreaksItsOwnCircuit(OpenAIChat):
    """Refuses by itself after five failures, and asks nothing any more."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.failures = 0

    async def generate(self, request: Request) -> Reply:
        if self.failures >= 5:
            raise ProviderError("the circuit is open", kind="server", provider=self.name)
        try:
            reply = await super().generate(request)
        except ProviderError:
            self.failures += 1
            raise
        self.failures = 0
        return reply


@mutant(kills="FLO-010", says="call 2 of 2 in turn: no request reached the server")
class RemembersTheLimit(OpenAIChat):
    """Refuses by itself until the time that the provider told is over."""

    remembered: ProviderError | None = None

    async def generate(self, request: Request) -> Reply:
        if self.remembered is not None:
            raise self.remembered
        try:
            return await super().generate(request)
        except ProviderError as exc:
            self.remembered = exc if exc.kind == "rate_limit" else None
            raise


# --- streams -----------------------------------------------------------------------------------


@mutant(kills="FLO-011", says="the text delivered is not the text sent")
class TellsTheFailureAsText(ChangesEarlyBreaks):
    """Delivers a word of its own where a stream broke off before its first text, and raises then."""

    def instead(self, exc: ProviderError) -> Iterator[Event]:
        yield TextDelta("(interrupted)")
        raise exc


@mutant(kills="FLO-011", says="the host gives up, where it goes to the next provider")
class LosesTheKindBeforeTheText(ChangesEarlyBreaks):
    """Tells a stream that broke off before its first text as a wrong request."""

    def instead(self, exc: ProviderError) -> Iterator[Event]:
        exc.kind = "invalid_request"
        raise exc
