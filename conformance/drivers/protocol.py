"""The words that the kit and an adapter in another process say to each other: one JSON object a line.

docs/process-protocol.md tells the conversation; `fixtures/schemas/process-*.json` are made from these models.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from conformance.contract import Health, JSONSchema, Message, Reply, Tool

VERSION = 1
Asks = Literal["generate", "stream", "embed", "list_models", "health"]
Taken = Literal["base_url", "api_key", "model", "timeout"]
Ability = Literal[
    "streaming", "tools", "images", "embeddings", "model_listing", "structured_output", "opaque", "health", "timeout"
]


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid")


# --- what the kit says -------------------------------------------------------------------------


class Greeting(_Said):
    protocol: Literal[1] = 1


class Build(_Said):
    """Make a new adapter. What is not there is not given: an adapter without an api_key looks for its own."""

    base_url: str | None = None
    api_key: str | None = None
    model: str | None = None
    timeout: float | None = Field(None, description="seconds")
    options: dict[str, Any] = Field({}, description="kwargs of pyproject.toml")


class Question(_Said):
    """What is not set is not there. The fields are those of conformance.contract.Request."""

    op: Asks
    messages: list[Message] = []
    model: str | None = None
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    seed: int | None = None
    stop: list[str] = []
    tools: list[Tool] = []
    tool_choice: str | None = None
    response_schema: JSONSchema | None = None
    reasoning_effort: str | None = None
    texts: list[str] = Field([], description="inputs of embed")
    leave_after: int | None = Field(None, description="stop listening to the stream after so many events")
    timeout: float | None = Field(None, description="seconds, for hosts that tell it with each request")


class FromKit(_Said):
    """Exactly one of the others beside the id, and with `ask` the adapter that is asked."""

    id: int
    hello: Greeting | None = None
    build: Build | None = None
    ask: Question | None = None
    adapter: int | None = Field(None, description="the id of the `build` that made it")
    close: int | None = Field(None, description="the id of the `build` that made it")
    abort: Literal[True] | None = Field(None, description="with the id of an `ask`: the host cancels it")


# --- what the process says ---------------------------------------------------------------------


class Hello(_Said):
    protocol: Literal[1]
    host: str = Field("native", description="whose interface the adapter has: the profile by which it is judged")
    why: str = Field("", description="how that is known")
    name: str = ""
    capabilities: dict[Ability, bool] = Field({}, description="what is not named it cannot do")
    takes: list[Taken] = ["base_url", "api_key", "model", "timeout"]
    asks: list[Asks] = Field(["generate", "stream", "embed", "list_models", "health"], description="the host's calls")
    watches: list[Literal["unchanged", "hosts"]] = Field(
        [], description="what the process looks out for: `mutated` and `reached` are then told"
    )
    aborts: bool = Field(False, description="a call can be cancelled: `abort` is understood")
    doubles: bool = Field(False, description="all numbers of its language are doubles, as in JavaScript")


class Built(_Said):
    name: str = ""


class Decided(_Said):
    """What the host does about an error, where its own code is there and was asked."""

    does: Literal["skip", "wait", "retry", "next", "stop"]
    reason: str = Field("", description="in the host's words")
    wait: float | None = Field(None, description="seconds before it asks this provider again")
    by: str = Field("", description="whose code that was")


class Error(_Said):
    """As the adapter raised it; nothing is made up. Where the host has no kinds, `kind` is None."""

    message: str
    type: str = "Error"
    kind: str | None = Field(None, description="the contract's, or of a host that reads errors the host's own word")
    status: int | None = None
    code: str | None = None
    retry_after: float | None = Field(None, description="seconds")
    provider: str | None = None
    cause: bool = Field(False, description="it carries the error that it came of")
    itself: str = Field("", description="all text in it: its message and fields, where a secret could leak")
    everything: str = Field("", description="the same of it and its causes")
    where: str = Field("", description="the innermost place in the adapter")
    decided: Decided | None = Field(None, description="by the host's own code; the kit has models of it")


class Event(_Said):
    """One of them; `done` only where the host's stream has a last event."""

    text: str | None = None
    reasoning: str | None = None
    done: Reply | None = None
    other: str | None = None


class FromProcess(_Said):
    """The answer to the message of that id. `event` and `left` come before it, everything else is the last word."""

    id: int
    hello: Hello | None = None
    built: Built | None = None
    event: Event | None = None
    left: Literal[True] | None = Field(None, description="the stream was left, as leave_after wants it")
    reply: Reply | None = None
    end: Literal[True] | None = Field(None, description="the stream ended; its reply was in `done`, if at all")
    vectors: list[list[float]] | None = None
    models: list[str] | None = None
    health: Health | None = None
    error: Error | None = None
    aborted: Literal[True] | None = Field(None, description="it was cancelled, and ended as such")
    closed: Literal[True] | None = None
    mutated: str | None = Field(None, description="how the request object was changed")
    reached: list[str] = Field([], description="hosts other than this machine that were tried")


RESULTS = ("event", "reply", "vectors", "models", "health")  # told by the adapter; all else by its shim
