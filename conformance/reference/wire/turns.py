"""What a provider wants back with a turn, and the contract has no word for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from conformance.contract import Message


class KeepsTurns:
    """It is kept under the name of its protocol: what an adapter of another one made is left aside."""

    protocol: str

    def opaque(self, pieces: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
        return {self.protocol: list(pieces)} if pieces else None

    def kept(self, message: Message) -> list[dict[str, Any]]:
        """Copies, for the message is the host's. Empty where there is nothing of this protocol's."""
        pieces = message.opaque.get(self.protocol) if isinstance(message.opaque, dict) else None
        return [dict(piece) for piece in pieces if isinstance(piece, dict)] if isinstance(pieces, list) else []
