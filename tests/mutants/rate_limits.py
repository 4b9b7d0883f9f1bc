"""Lies about waiting, and about who waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import aclosing
from email.utils import parsedate_to_datetime
from math import nan
from time import sleep, time
from typing import Any, TypeVar

import httpx

from conformance.config import ProviderConfig
from conformance.contract import Event, ProviderError, Request
from conformance.reference import OpenAIChat, OpenAIChatRetrying
from tests.mutants import mutant
from tests.mutants.bases import ChangesErrorsOfStreams, SeesAnswers

T = TypeVar("T", bound=type[Any])

# --- what the provider says --------------------------------------------------------------------


@mutant(kills="RAT-001", says="the wait that the provider asked for is lost")
class TakesNoWaitForNone(OpenAIChat):
    """Takes a Retry-After of 0 for no Retry-After."""

    def retry_after(self, headers: Mapping[str, str]) -> float | None:
        return super().retry_after(headers) or None


@mutant(kills="RAT-001", says="a wait was made up")
class MakesUpAWait(OpenAIChat):
    """Says a minute where the provider says nothing."""

    def retry_after(self, headers: Mapping[str, str]) -> float | None:
        return super().retry_after(headers) if "retry-after" in headers else 60.0


@mutant(kills="RAT-002", says="the wait that the provider asked for is lost")
class ReadsNoDates(OpenAIChat):
    """Understands Retry-After in seconds only."""

    def until(self, date: str) -> float:
        return nan


@mutant(kills="RAT-002", says="the wait that the provider asked for is wrong")
class HandsOnTheDate(OpenAIChat):
    """Gives the time of a Retry-After date in place of the seconds until then."""

    def until(self, date: str) -> float:
        return super().until(date) + time()


@mutant(kills="RAT-003", says="the wait that the provider asked for is lost")
class ReadsWholeSecondsOnly(OpenAIChat):
    """Reads Retry-After with int()."""

    def retry_after(self, headers: Mapping[str, str]) -> float | None:
        return None if "." in headers.get("retry-after", "") else super().retry_after(headers)


@mutant(kills="RAT-004", says="the wait that the provider asked for is wrong")
class ReadsNoMilliseconds(OpenAIChat):
    """Does not know retry-after-ms."""

    def retry_after(self, headers: Mapping[str, str]) -> float | None:
        return super().retry_after({k: v for k, v in headers.items() if k != "retry-after-ms"})


@mutant(kills="RAT-004", says="the wait that the provider asked for is wrong")
class TakesMillisecondsForSeconds(OpenAIChat):
    """Reads retry-after-ms as seconds."""

    def retry_after(self, headers: Mapping[str, str]) -> float | None:
        return super().retry_after({"retry-after": headers.get("retry-after-ms") or headers.get("retry-after", "")})


@mutant(kills="RAT-005", says="ValueError escaped in place of a provider error")
class TripsOverWords(OpenAIChat):
    """Takes what is no number for a date, whatever it is."""

    def until(self, date: str) -> float:
        return parsedate_to_datetime(date).timestamp() - time() if date else nan


@mutant(kills="RAT-005", says="a wait was made up")
class HandsOnNegativeWaits(OpenAIChat):
    """Hands any number in Retry-After on."""

    def retry_after(self, headers: Mapping[str, str]) -> float | None:
        wait = headers.get("retry-after", "")
        return -float(wait[1:]) if wait.startswith("-") else super().retry_after(headers)


@mutant(kills="RAT-005", says="a wait was made up")
class HandsOnWhatIsNoNumber(OpenAIChat):
    """Hands whatever float() takes on, "nan" among it."""

    def retry_after(self, headers: Mapping[str, str]) -> float | None:
        wait = headers.get("retry-after", "")
        return nan if wait == "nan" else super().retry_after(headers)


@mutant(kills="RAT-006", says="the wait that the provider asked for is lost")
class KnowsWaitsOf429Only(OpenAIChat):
    """Reads Retry-After of 429 and of no other status."""

    def error(self, status: int | None, headers: Mapping[str, str], body: bytes) -> ProviderError:
        return super().error(status, headers if status == 429 else {}, body)


@mutant(kills="RAT-012", says="the wait that the provider asked for is lost")
class ForgetsTheWaitOfStreams(ChangesErrorsOfStreams):
    """Reads Retry-After in calls that are not streamed only."""

    def changed(self, exc: ProviderError) -> Exception:
        exc.retry_after = None
        return exc


# --- who waits ---------------------------------------------------------------------------------


class AsksAgain(OpenAIChat):
    """No mutant: a base of those that ask once more, or `times`, after some errors."""

    times = 1

    async def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        for _ in range(self.times):
            try:
                return await super().call(method, path, body)
            except ProviderError as exc:
                if not self.mends_itself(exc):
                    raise
                await self.pause(exc)
        return await super().call(method, path, body)

    def mends_itself(self, exc: ProviderError) -> bool:
        return exc.kind == "rate_limit"

    async def pause(self, exc: ProviderError) -> None:
        return None


@mutant(kills="RAT-007", says="2 requests were sent where one call was made")
class RetriesOnce(AsksAgain):
    """Asks once more, at once, when there were too many requests."""


@mutant(kills="RAT-007", says="2 requests were sent where one call was made")
class WaitsAndRetries(AsksAgain):
    """Waits as long as the provider says, and asks once more."""

    async def pause(self, exc: ProviderError) -> None:
        await asyncio.sleep(exc.retry_after or 1)


@mutant(kills="RAT-008", says="3 requests were sent where one call was made")
class InsistsWhenTheServerFails(AsksAgain):
    """Asks twice more when the server fails."""

    times = 2

    def mends_itself(self, exc: ProviderError) -> bool:
        return exc.kind in ("server", "overloaded")


@mutant(kills="RAT-008", says="2 requests were sent where one call was made")
class AsksAgainWhenTheConnectionBreaks(AsksAgain):
    """Asks once more when the connection is lost."""

    def mends_itself(self, exc: ProviderError) -> bool:
        return exc.kind == "network"


@mutant(kills="RAT-008", says="2 requests were sent where one call was made")
class AsksAgainAfterATimeout(AsksAgain):
    """Asks once more when no answer came in time."""

    def mends_itself(self, exc: ProviderError) -> bool:
        return isinstance(exc.__cause__, httpx.TimeoutException | TimeoutError)


@mutant(kills="RAT-009", says="2 requests were sent where one call was made")
class BeginsAgain(OpenAIChat):
    """Asks once more when the connection is lost in the middle of a stream."""

    async def stream(self, request: Request) -> AsyncIterator[Event]:
        try:
            async with aclosing(super().stream(request)) as events:
                async for event in events:
                    yield event
        except ProviderError as exc:
            if not isinstance(exc.__cause__, httpx.RemoteProtocolError):
                raise
            async for event in super().stream(request):
                yield event


@mutant(kills="RAT-010", says="the adapter slept")
class WaitsAfterSuccess(SeesAnswers):
    """Obeys Retry-After on a good answer too."""

    async def came(self, response: httpx.Response) -> None:
        await asyncio.sleep(self.retry_after(response.headers) or 0)


@mutant(kills="RAT-010", says="a good answer was turned into an error")
class TakesRetryAfterForALimit(SeesAnswers):
    """Takes every answer with Retry-After for a rate limit."""

    async def came(self, response: httpx.Response) -> None:
        if "retry-after" in response.headers:
            raise self.error(429, response.headers, b"")


@mutant(kills="RAT-011", says="the adapter slept")
class SleepsBeforeItRaises(OpenAIChat):
    """Waits as long as the provider says before it raises the error."""

    async def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        try:
            return await super().call(method, path, body)
        except ProviderError as exc:
            await asyncio.sleep(exc.retry_after or 1)
            raise


@mutant(kills="RAT-013", says="2 requests were sent where one call was made")
class InsistsOnItsKey(AsksAgain):
    """Asks once more when the key is wrong."""

    def mends_itself(self, exc: ProviderError) -> bool:
        return exc.kind in ("auth", "permission")


@mutant(kills="RAT-013", says="2 requests were sent where one call was made")
class TakesASpentQuotaForALimit(AsksAgain):
    """Asks once more after every 429, that of a spent quota too."""

    def mends_itself(self, exc: ProviderError) -> bool:
        return exc.kind == "billing"


@mutant(kills="RAT-019", says="the wait that the provider asked for is wrong")
class ToldAMinuteAtMost(OpenAIChat):
    """Tells the host of no wait longer than a minute, whatever the provider says."""

    def retry_after(self, headers: Mapping[str, str]) -> float | None:
        seconds = super().retry_after(headers)
        return seconds and min(seconds, 60.0)


@mutant(kills="RAT-020", says="the wait that the provider asked for is lost")
class ReadsOneFormOfDates(OpenAIChat):
    """Reads the form of a date that is usual now, and neither of the others."""

    def until(self, date: str) -> float:
        return super().until(date) if date[3:4] == "," and date.endswith("GMT") else nan


# --- those that are configured to ask again themselves -------------------------------------------


def owning(says: str, kills: str) -> Callable[[T], T]:
    return mutant(kills=kills, says=says, config=ProviderConfig(retries="own"))


@owning(kills="RAT-014", says="a good answer was turned into an error")
class NeverAsksAgain(OpenAIChatRetrying):
    """Is configured to ask again, and does not."""

    attempts = 1


@owning(kills="RAT-015", says="it was asked again before the time that the provider told")
class WaitsByItsOwnClock(OpenAIChatRetrying):
    """Doubles its waits from half a second, whatever the provider says."""

    def wait(self, exc: ProviderError, attempt: int) -> float | None:
        return super().wait(exc, attempt) and 0.5 * 2**attempt


@owning(kills="RAT-015", says="it was asked again before the time that the provider told")
class CutsWaitsShort(OpenAIChatRetrying):
    """Waits five seconds at most, and then asks again all the same."""

    def wait(self, exc: ProviderError, attempt: int) -> float | None:
        wait = super().wait(exc, attempt)
        return wait and min(wait, 5.0)


@owning(kills="RAT-015", says="it was asked again before the time that the provider told")
class WaitsLongOnceOnly(OpenAIChatRetrying):
    """Obeys Retry-After the first time, and then asks again at once."""

    def wait(self, exc: ProviderError, attempt: int) -> float | None:
        wait = super().wait(exc, attempt)
        return wait if attempt == 1 or wait is None else 0.1


@owning(kills="RAT-016", says="it was asked again before the time that the provider told")
class WaitsWithoutMilliseconds(OpenAIChatRetrying):
    """Does not know retry-after-ms."""

    def retry_after(self, headers: Mapping[str, str]) -> float | None:
        return super().retry_after({k: v for k, v in headers.items() if k != "retry-after-ms"})


@owning(kills="RAT-017", says="the adapter slept after its last attempt")
class SleepsInVain(SeesAnswers, OpenAIChatRetrying):
    """Sleeps after each attempt, the last one too."""

    async def failed(self, exc: ProviderError) -> None:
        await asyncio.sleep(exc.retry_after or 1)


@owning(kills="RAT-017", says="requests were sent without end")
class NeverGivesUp(OpenAIChatRetrying):
    """Asks a hundred times."""

    attempts = 100


@owning(kills="RAT-018", says="the adapter slept")
class SleepsForDays(OpenAIChatRetrying):
    """Waits as long as it is told, be it three days."""

    longest = 1e9


@owning(kills="RAT-018", says="a good answer was turned into an error")
class SleepsBackwards(OpenAIChatRetrying):
    """Hands whatever number is told to time.sleep, a negative one too."""

    def retry_after(self, headers: Mapping[str, str]) -> float | None:
        told = headers.get("retry-after", "")
        return float(told) if told.startswith("-") else super().retry_after(headers)

    def wait(self, exc: ProviderError, attempt: int) -> float | None:
        if exc.retry_after is not None and exc.retry_after < 0:
            sleep(exc.retry_after)
        return super().wait(exc, attempt)
