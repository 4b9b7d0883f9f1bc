"""What is asked of an adapter, and how it is built for it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from conformance.contract import JSONSchema, Message, Tool
from conformance.data import Data, Said, Texts

Operation = Literal["generate", "stream", "embed", "list_models", "health"]


class Ask(Data):
    """One call of the adapter."""

    op: Operation = "generate"
    messages: list[Said] = [Message("user", "Name three rivers.")]
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
    texts: Texts = Field(["one", "two"], description="inputs of embed; t{0..99} are a hundred")
    leave_after: int | None = Field(None, description="abandon the stream after so many events")
    leave: Literal["close", "drop"] = Field("close", description="how: closed, or forgotten without a word")
    cancel: Literal["waiting", "started"] | None = Field(
        None, description="cancel the call when the server is stuck; started: and the first text has come"
    )
    twice: bool = Field(
        False, description="ask the same adapter once more, to the end: the reply and the error are those of the second"
    )
    way: Literal["usual", "other"] = Field(
        "usual", description="as the host asks; other: plainly, with no event loop, where its adapters have that too"
    )
    pause: float = Field(0.0, description="seconds that the host takes for itself after the first text of a stream")
    patience: float | None = Field(
        None, description="seconds beyond the adapter's timeout before the call counts as hung; None: the kit's own"
    )
    follow_up: str | None = Field(
        None,
        description="asked again with the reply as a turn of the history, and after it this: the result of each of its "
        "calls, or where it has none what the user says next",
    )


class Adapter(Data):
    """How the adapter is built, where that differs from case to case. `{key}` is the canary key."""

    api_key: str | None = Field("{key}", description="null: none is given at all")
    base: str = Field("{mount}", description="path of the base URL; {mount} is the dialect's own, such as /v1")
    url: str = Field("{base_url}", description="how the base URL is written; {port} and {path} are its parts")
    model: str = "kit-model"
    timeout: int | float = Field(10.0, description="seconds")
    neighbour: Literal["before", "after"] | None = Field(
        None, description="another adapter, with a key, an address and a model of its own, is built then"
    )
    env: dict[str, str] = Field(
        {}, description="environment variables; {key_variable} is the dialect's own, {netrc} a file"
    )
