"""A rule with a stable id, of an area."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from conformance.data import Data

AREAS = {
    "REQ": "requests",
    "RSP": "replies",
    "ERR": "errors",
    "STR": "streaming",
    "AUT": "auth",
    "RAT": "rate-limits",
    "MAL": "malformed",
    "TOL": "tools",
    "EMB": "embeddings",
    "USE": "usage",
    "MOD": "models",
    "HLT": "health",
    "UNI": "unicode",
    "LAW": "laws",
    "SCH": "structured-output",
    "RSN": "reasoning",
    "MUL": "multimodal",
    "CAP": "capabilities",
    "SEC": "secrets",
    "CON": "concurrency",
    "LIF": "lifecycle",
    "CFG": "configuration",
    "MAN": "manifests",
    "TIM": "timeouts",
    "FLO": "failover",
    "VEN": "vendors",
    "BED": "bedrock",
    "OLL": "ollama",
    "RES": "responses",
    "ANT": "anthropic",
    "COH": "cohere",
    "GEM": "gemini",
}
OWN = "own"  # the area of a user's own recordings, which is there where they are
Level = Literal["MUST", "SHOULD", "MAY"]
ManifestKind = Literal["openclaw-plugin", "openclaw-config", "openclaw-instance", "entry-points", "detection-order"]


class Requirement(Data):
    """A rule with a stable id."""

    id: str = Field(pattern=r"^[A-Z]{3}-\d{3}$")
    level: Level
    text: str
    why: str
    sources: list[str] = Field(min_length=1)
    needs: list[str] = Field([], description="capabilities without which the rule says nothing")
    lacks: list[str] = Field([], description="capabilities with which the rule says nothing")
    after: list[str] = Field([], description="requirements without which this one cannot be judged")
    vendor: str | None = Field(
        None,
        pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$",
        description="whose form of the protocol it is: demanded of an adapter that is configured for this vendor",
    )
    lint: list[ManifestKind] = Field(
        [], description="kinds of manifest that it is about: `conformance lint` judges them by it, no case an adapter"
    )

    @property
    def area(self) -> str:
        return AREAS.get(self.id[:3], OWN)
