"""Lies about the models that there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from conformance.contract import ProviderError
from conformance.reference import OpenAIChat
from tests.mutants import mutant

WRONG = "the model list is wrong"


@mutant(kills="MOD-001", says=WRONG)
class MakesAModelUp(OpenAIChat):
    """Names its own model where the list is empty."""

    async def list_models(self) -> Sequence[str]:
        return await super().list_models() or [self.model]


@mutant(kills="MOD-001", says=WRONG)
class TakesNoModelsForAnError(OpenAIChat):
    """Takes an empty list for a broken answer."""

    def model_ids(self, data: Any) -> list[str]:
        ids = super().model_ids(data)
        if not ids:
            raise self.malformed("no models")
        return ids


@mutant(kills="MOD-002", says=WRONG)
class WantsTheWholeModel(OpenAIChat):
    """Overlooks models that do not say who owns them."""

    def rows(self, data: Any) -> list[dict[str, Any]]:
        return [row for row in super().rows(data) if "embedding" in row or "owned_by" in row]


@mutant(kills="MOD-003", says=WRONG)
class ReadsTheOtherList(OpenAIChat):
    """Reads the names under `models` before the ids under `data`."""

    def model_ids(self, data: Any) -> list[str]:
        other = data.get("models") if isinstance(data, dict) else None
        return [row["name"] for row in other] if other else super().model_ids(data)


@mutant(kills="MOD-004", says=WRONG)
class DropsThePrefix(OpenAIChat):
    """Leaves `models/` out of the ids."""

    def model_ids(self, data: Any) -> list[str]:
        return [id.removeprefix("models/") for id in super().model_ids(data)]


@mutant(kills="MOD-004", says=WRONG)
class SortsModels(OpenAIChat):
    """Puts the ids in alphabetical order."""

    def model_ids(self, data: Any) -> list[str]:
        return sorted(super().model_ids(data))


@mutant(kills="MOD-005", says="a failure was returned as an answer")
class ListsNothingWhereItFails(OpenAIChat):
    """Says that there are no models where the list cannot be had."""

    async def list_models(self) -> Sequence[str]:
        try:
            return await super().list_models()
        except ProviderError as exc:
            if exc.kind == "malformed":
                raise
            return []


@mutant(kills="MOD-006", says="2 requests were sent")
class AsksForAnotherPage(OpenAIChat):
    """Asks for the list until it is the same as before."""

    async def list_models(self) -> Sequence[str]:
        known: Sequence[str] | None = None
        while (found := await super().list_models()) != known:
            known = found
        return found
