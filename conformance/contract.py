"""The native contract: what a provider adapter is, in one screenful.

A host that has no contract of its own may adopt this one. An adapter is any object with the methods
of `Provider`; it need not inherit from anything here, and what it returns may be objects of its own
as long as they have the attributes named here.

    provider = MyProvider(api_key="…", base_url="https://api.example.com/v1", model="m", timeout=30.0)
    reply = await provider.generate(Request(messages=[Message("user", "Hello")]))
    async for event in provider.stream(request): ...    # deltas, then exactly one Done

Rules that the types cannot say:

* Every failure is raised, as an exception with the attributes of `ProviderError`. A reply is never
  empty because something went wrong, and a stream that breaks off raises after what it delivered.
* An empty `api_key` means that there is none: no other is looked for.
* No call outlasts its `timeout` in silence. One that is cancelled ends as cancelled, and so does a
  stream that is closed: at once, here and upstream, and the next call works.
* Calls know nothing of each other. Several may go on at once, also while a stream is open and nobody reads it.
* One call is one attempt. The host owns retries: it needs the error, `retry_after` included.
* What the request leaves `None` or empty is not sent. What it sets is sent, zero and False too.
* The host keeps a reply's `opaque` with the message that it makes of it, and drops it when it changes that message. An
  adapter leaves aside what another one made.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

Role = Literal["system", "user", "assistant", "tool"]
FinishReason = Literal["stop", "length", "tool_calls", "content_filter", "unknown"]

ERROR_KINDS = (
    "auth",  # the key is missing, wrong or expired
    "permission",  # the key is right and may not do this
    "billing",  # quota used up, no credit: waiting does not help
    "rate_limit",  # too many requests: waiting helps
    "overloaded",  # the provider is too busy
    "not_found",  # no such model or route
    "context_length",  # the prompt does not fit
    "content_filter",  # refused by a filter
    "invalid_request",  # the request is wrong in another way
    "server",  # the provider failed
    "network",  # no connection, or it broke
    "timeout",  # no answer in time
    "malformed",  # an answer that is not the protocol's
    "unsupported",  # this adapter cannot do what was asked
)
ErrorKind = Literal[
    "auth",
    "permission",
    "billing",
    "rate_limit",
    "overloaded",
    "not_found",
    "context_length",
    "content_filter",
    "invalid_request",
    "server",
    "network",
    "timeout",
    "malformed",
    "unsupported",
]


# --- what is asked -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Text:
    text: str


@dataclass(frozen=True)
class Image:
    """An image by `url`, or inline as `data` (base64, no prefix) with its `media_type`."""

    url: str | None = None
    data: str | None = None
    media_type: str = "image/png"


@dataclass(frozen=True)
class ToolCall:
    """One call that the model asks for. `arguments` is the parsed JSON object; `id` is never empty."""

    id: str
    name: str
    arguments: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Message:
    """One turn. An assistant's may carry `tool_calls`, and the `opaque` of the reply that it was; a tool's names its
    call by `tool_call_id`."""

    role: Role
    content: str | Sequence[Text | Image] = ""
    tool_calls: Sequence[ToolCall] = ()
    tool_call_id: str | None = None
    opaque: Any = None


@dataclass(frozen=True)
class Tool:
    """A function the model may call; `parameters` is a JSON Schema of an object."""

    name: str
    description: str = ""
    parameters: dict[str, Any] = field(default_factory=lambda: {"type": "object", "properties": {}})


@dataclass(frozen=True)
class JSONSchema:
    """The form that an answer must have: its text is then the JSON. `name` is only a label on the wire."""

    name: str
    schema: dict[str, Any]
    strict: bool = True


@dataclass(frozen=True)
class Request:
    """`tool_choice` is "auto", "none", "required", or the name of one tool; `reasoning_effort` the provider's word."""

    messages: Sequence[Message]
    model: str | None = None  # None: the adapter's own
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    seed: int | None = None
    stop: Sequence[str] = ()
    tools: Sequence[Tool] = ()
    tool_choice: str | None = None
    response_schema: JSONSchema | None = None
    reasoning_effort: str | None = None


# --- what comes back ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Usage:
    """Token counts as the provider reported them; a count it did not report is None, never 0."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    total_tokens: int | None = None


@dataclass(frozen=True)
class Reply:
    """One whole answer. `text` is "" when there is none; `refusal` and `reasoning` are kept apart from it.

    `opaque` is what the provider wants back with this turn and nothing here has a word for, such as signatures of its
    reasoning: any JSON value, of which only the adapter that made it knows the meaning."""

    text: str = ""
    finish_reason: FinishReason = "unknown"
    tool_calls: Sequence[ToolCall] = ()
    refusal: str | None = None
    reasoning: str | None = None
    usage: Usage | None = None
    model: str | None = None
    id: str | None = None
    opaque: Any = None


@dataclass(frozen=True)
class TextDelta:
    """The next piece of the answer's text."""

    text: str


@dataclass(frozen=True)
class ReasoningDelta:
    """The next piece of the model's reasoning, where the provider shows it."""

    reasoning: str


@dataclass(frozen=True)
class Done:
    """The last event of every complete stream: the whole reply, tool calls and usage included."""

    reply: Reply


Event = TextDelta | ReasoningDelta | Done


@dataclass(frozen=True)
class Embeddings:
    """One vector per input, in the order of the inputs."""

    vectors: Sequence[Sequence[float]]
    model: str | None = None
    usage: Usage | None = None


@dataclass(frozen=True)
class Health:
    """`ok` is True only when the service answered as itself and took the key."""

    ok: bool
    detail: str = ""


@dataclass(frozen=True)
class Capabilities:
    """What the adapter can do. What it declares it must do; what it does not, it must refuse."""

    streaming: bool = True
    tools: bool = True
    images: bool = False
    embeddings: bool = False
    model_listing: bool = False
    structured_output: bool = False
    opaque: bool = False  # a reply's `opaque`, given back with its message, is sent back


class ProviderError(Exception):
    """Any failure of a call.

    `kind` is one of `ERROR_KINDS`; `status` the HTTP status, if there was one; `code` the provider's
    own code; `retry_after` seconds to wait, if the provider said; `provider` the adapter's name.
    """

    def __init__(
        self,
        message: str,
        *,
        kind: ErrorKind,
        status: int | None = None,
        code: str | None = None,
        retry_after: float | None = None,
        provider: str | None = None,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.status = status
        self.code = code
        self.retry_after = retry_after
        self.provider = provider


class Provider(Protocol):
    """The adapter. Built with keywords: `api_key`, `base_url`, `model`, `timeout` (seconds)."""

    name: str
    capabilities: Capabilities

    async def generate(self, request: Request) -> Reply: ...

    def stream(self, request: Request) -> AsyncIterator[Event]: ...

    async def embed(self, texts: Sequence[str], *, model: str | None = None) -> Embeddings: ...

    async def list_models(self) -> Sequence[str]: ...

    async def health(self) -> Health: ...

    async def close(self) -> None: ...
