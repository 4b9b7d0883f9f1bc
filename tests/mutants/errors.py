"""Lies about what went wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from conformance.contract import ProviderError, Reply, Request
from conformance.reference import OpenAIChat
from tests.mutants import mutant

# --- ERR-001: typed ----------------------------------------------------------------------------


@mutant(kills="ERR-001", says="HTTPError escaped in place of a provider error")
class LetsTheClientsErrorOut(OpenAIChat):
    """Raises the HTTP client's own exception."""

    def error(self, status: int | None, headers: Mapping[str, str], body: bytes) -> Any:
        return httpx.HTTPError(f"HTTP {status}")


@mutant(kills="ERR-001", says="KeyError escaped in place of a provider error")
class HasNoWordForTheUnknown(OpenAIChat):
    """Looks a status up in a table that does not have them all."""

    def kind_of_status(self, status: int | None) -> Any:
        return {418: {}[status]} if status == 418 else super().kind_of_status(status)


@mutant(kills="ERR-001", says="a failure was returned as an answer")
class AnswersNothing(OpenAIChat):
    """Gives an empty reply for a failure."""

    async def generate(self, request: Request) -> Reply:
        try:
            return await super().generate(request)
        except ProviderError:
            return Reply()
