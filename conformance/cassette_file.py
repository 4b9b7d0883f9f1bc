"""What a cassette's file looks like, in full (`fixtures/schemas/cassette.json`)."""

from __future__ import annotations

import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Text = str | bytes
Value = str | int | float | bool | datetime.datetime | datetime.date


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Origin(_Data):
    origin: Literal["recorded", "derived", "authored"] = Field(
        description="a server sent it; it was made from another by a transform; it was written from documentation"
    )
    source: str = Field(min_length=1, description="the server and its version, the parent, or the documentation")
    date: str | datetime.date = Field(description="the day, or `unknown` for a recording that does not tell")
    note: str = ""
    transform: str = ""


class Asked(_Data):
    method: str = Field(pattern="^[A-Za-z]+$")
    uri: str = Field(pattern="^https?://")
    headers: dict[str, list[Value] | Value] | None = None
    body: Text | None = None


class Status(_Data):
    code: int = Field(ge=100, le=599)
    message: str = ""


class Body(_Data):
    string: Text


class Answered(_Data):
    status: Status
    headers: dict[str, list[Value] | Value] | None = None
    body: Body
    chunks: list[Annotated[int, Field(ge=1)]] | None = Field(
        None, alias="x-chunks", description="bytes of each read; together the body"
    )
    events: list[Text] | None = Field(None, alias="x-events", description="what a binary body says")
    broken: str = Field("", alias="x-broken", description="why the answer is not whole")


class Interaction(_Data):
    request: Asked
    response: Answered


class CassetteFile(_Data):
    provenance: Origin
    interactions: list[Interaction] = Field(min_length=1)
    version: Literal[1] = 1
