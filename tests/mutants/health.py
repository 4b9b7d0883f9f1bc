"""Lies about whether the service is usable."""

from __future__ import annotations

import httpx

from conformance.contract import Health, Message, ProviderError, Request
from conformance.reference import OpenAIChat
from tests.mutants import mutant

WRONG = "the health check is wrong"


@mutant(kills="HLT-001", says="no request reached the server")
class AsksNobody(OpenAIChat):
    """Says that all is well without asking."""

    async def health(self) -> Health:
        return Health(ok=True)


@mutant(kills="HLT-009", says=WRONG)
class MissesItsModel(OpenAIChat):
    """Says that the service is down where its list does not name the model."""

    async def health(self) -> Health:
        return Health(ok=self.model in await self.list_models())


@mutant(kills="HLT-001", says=WRONG)
class IsNeverWell(OpenAIChat):
    """Says that the service is down although it answered."""

    async def health(self) -> Health:
        await self.list_models()
        return Health(ok=False, detail="down")


class BelievesSome(OpenAIChat):
    """Takes errors of some kinds for health: what the mutants below have in common."""

    believes: tuple[str, ...] = ()

    async def health(self) -> Health:
        try:
            await self.list_models()
        except ProviderError as exc:
            return Health(ok=exc.kind in self.believes, detail=str(exc))
        return Health(ok=True)


@mutant(kills="HLT-002", says=WRONG)
class TakesA401ForHealth(BelievesSome):
    """Takes a rejected key for a sign of life."""

    believes = ("auth", "permission")


@mutant(kills="HLT-003", says=WRONG)
class TakesA500ForHealth(BelievesSome):
    """Takes an answer that is an error for a sign of life."""

    believes = ("server", "overloaded")


@mutant(kills="HLT-004", says=WRONG)
class SwallowsARefusedConnection(BelievesSome):
    """Says that all is well where it cannot connect."""

    believes = ("network",)


@mutant(kills="HLT-004", says="escaped from the health check")
class LetsTheClientSpeak(OpenAIChat):
    """Lets the client's exception through."""

    async def health(self) -> Health:
        try:
            return Health(ok=bool(await self.list_models()))
        except ProviderError as exc:
            if isinstance(exc.__cause__, httpx.TransportError):
                raise exc.__cause__ from None
            return Health(ok=False)


@mutant(kills="HLT-005", says=WRONG)
class TakesAPageForHealth(BelievesSome):
    """Takes whatever comes with status 200 for health."""

    believes = ("malformed",)


@mutant(kills="HLT-006", says="the health check is wrong")
class TakesSilenceForHealth(BelievesSome):
    """Says that all is well where nobody answers."""

    believes = ("timeout",)


@mutant(kills="HLT-007", says="the API key is in what the health check tells")
class ShowsTheKey(OpenAIChat):
    """Tells the key in what it says about health."""

    async def health(self) -> Health:
        told = await super().health()
        return Health(ok=told.ok, detail=f"{told.detail} (key {self.api_key})")


@mutant(kills="HLT-008", says="a request of chat is made")
class PaysForItsHealth(OpenAIChat):
    """Asks for a completion to see whether the service is up."""

    async def health(self) -> Health:
        try:
            await self.generate(Request([Message("user", "ping")], max_tokens=1))
        except ProviderError as exc:
            return Health(ok=False, detail=str(exc))
        return Health(ok=True)


@mutant(kills="HLT-010", says="no request reached the server")
class RemembersThatItWasWell(OpenAIChat):
    """Asks once, and says what it found then for ever."""

    was_well = False

    async def health(self) -> Health:
        self.was_well = self.was_well or (await super().health()).ok
        return Health(ok=self.was_well)
