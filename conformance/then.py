"""What must have been sent and come back. The clauses in `suites/` judge it, one function for each field of `Then`."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from conformance.contract import ErrorKind
from conformance.data import Data, Fields, Long

Asked = Literal[
    "messages",
    "model",
    "temperature",
    "top_p",
    "max_tokens",
    "seed",
    "stop",
    "tools",
    "tool_choice",
    "response_schema",
    "reasoning_effort",
    "texts",
]
Place = Literal[
    "error",  # and its causes
    "error_itself",
    "logs",
    "repr",
    "url",
    "body",
    "health",
    "elsewhere",  # in requests to another origin
    "files",
    "output",
    "environment",
    "locals",  # of the adapter's own frames in a traceback
    "pickle",  # of the exception
]  # where a secret could turn up
Action = Literal[
    "skip",  # leave this provider out until somebody mends it
    "wait",  # ask it again, when it may be asked
    "retry",  # ask it again, once
    "next",  # go to the next one, now
    "stop",  # give the error to the caller
]  # what a host does about an error
Resource = Literal["connections", "descriptors", "threads", "tasks"]


class Call(Data):
    name: str
    arguments: Fields = {}
    id: str | None = Field(None, description="None: any, as long as it is not empty")
    exact: bool = Field(False, description="numbers are of the wire's type: 2 is not 2.0")


class ReplyThen(Data):
    """Fields of the reply; those not named are not looked at."""

    text: Long = ""
    says: list[str] = Field([], description="what the text must hold, where it need not be the same")
    finish_reason: list[str] = []
    tool_calls: list[Call] = []
    refusal: str | None = None
    reasoning: str | None = None
    usage: dict[str, int | None] | None = None
    model: str | None = None
    id: str | None = None


class ErrorThen(Data):
    """An error must come. Every kind listed is right."""

    kind: list[ErrorKind] = Field(min_length=1)
    status: int | None = None
    code: str | None = None
    retry_after: float | None = Field(None, description="seconds; null: none may be told")
    within: float = Field(0.1, description="seconds by which retry_after may differ")
    says: list[str] = Field([], description="texts that the message must hold")
    provider: bool = False
    cause: bool = False
    at_most: int | None = Field(None, description="characters of the message")


class StreamThen(Data):
    """How the events came."""

    prefix_of: str | None = Field(None, description="the text delivered, ended or not, begins this text")
    at_least: str | None = Field(None, description="the text delivered begins with this")
    delivered: Long | None = Field(None, description="the text delivered, exactly")
    reasoned: Long | None = Field(None, description="the reasoning delivered, exactly")
    one_end: bool = False
    incremental: bool = Field(False, description="the first text came while the server held the rest back")


class SentThen(Data):
    """What the server saw."""

    same: list[Asked] = Field([], description="fields that arrived as they were asked")
    absent: list[Asked] = Field([], description="fields that were not asked for and must not be set")
    requests: int | None = None
    at_least: int | None = None
    at_most: int | None = None
    legal: bool = False
    known: bool = False
    only: list[str] = Field([], description="the fields of the body that may be set")
    without: list[str] = Field([], description="fields that the body may not have, not even empty")
    any_of: list[str] = Field([], description="fields of the body of which one is set at least")
    holds: dict[str, Any] = Field({}, description="fields of the body, messages.0.content too, with their values")
    tells: list[str] = Field([], description="texts that stand somewhere in the body, in any form that the API takes")
    never: list[Literal["chat", "embeddings"]] = Field([], description="routes that may not be asked")
    path: str | None = Field(None, description="of the request; {base}: path of the base URL, {chat}: of the route")
    query: str | None = None
    key: bool = Field(False, description="the key is where the dialect carries it, and nowhere else")
    nowhere: list[str] = Field([], description="texts that no header and no query may hold")
    header: dict[str, str] = Field(
        {}, description="name: regular expression; {key} is the canary key, {host} the base URL's host and port"
    )
    no_header: list[str] = []
    stream: bool | None = None
    nothing_said: str | None = Field(
        None, description="the id of a call; its empty result is the last message, as it is or with words in its place"
    )


class LeavesThen(Data):
    """What several calls leave behind."""

    no_more: list[Resource] = Field([], description="of which there are not more with every call")
    connections: int | None = Field(None, description="made by all calls together, at most")
    closed: bool = Field(False, description="closing it raises nothing, and leaves no connection open")
    loop_goes_on: bool = Field(False, description="while an answer is waited for")


class AgainThen(Data):
    """How an adapter asks again that is configured to retry itself."""

    waits_at_least: float | None = Field(None, description="seconds before each further request")
    within: float = Field(0.05, description="seconds by which it may be less")
    ends_awake: bool = Field(False, description="nothing is slept after the last request")


class FailoverThen(Data):
    """What the host does about the error. Every action listed is right."""

    does: list[Action] = Field(min_length=1)
    waits_at_least: float | None = Field(None, description="seconds before it asks the same provider again")
    within: float = Field(0.1, description="seconds by which it may be less")


class Then(Data):
    """Everything that is set must hold."""

    reply: ReplyThen | None = None
    error: ErrorThen | None = None
    stream: StreamThen | None = None
    sent: SentThen | None = None
    sent_back: dict[str, Any] = Field(
        {},
        description="places of the last request's body, such as messages.1.content, with what they hold: of an object "
        "these fields at least, of a list these at least and in this order",
    )
    once: Literal[True] | None = Field(
        None, description="each turn of the assistant's, each call and each result is in the last request once"
    )
    ids_differ: Literal[True] | None = Field(None, description="of several calls: no two tool calls have one id")
    either: list[Then] = Field([], description="one of these must hold: legal alternatives")
    vectors: list[list[float]] | None = None
    vectors_by_text: Literal[True] | None = Field(None, description="each text has the vector that was told for it")
    models: list[str] | None = None
    healthy: bool | None = None
    refused: str | None = Field(None, description="what is asked for, and refused before anything is sent")
    taken: str | None = Field(None, description="what is asked for, and not refused")
    sound: Literal[True] | None = Field(None, description="an answer, or an error that the host can read")
    ends_as: dict[str, Any] = Field({}, description="how the same question ended in the other way of asking")
    unchanged: Literal[True] | None = Field(None, description="the request object is as it was")
    printable: Literal[True] | None = Field(None, description="the adapter and its error have a str and a repr")
    signed: Literal[True] | None = Field(
        None, description="a signature of AWS, version 4, is that of the request that bears it"
    )
    secret_not_in: list[Place] = []
    prompt_not_in: list[Place] = Field([], description="the text of the last message")
    rejected: Literal[True] | None = Field(
        None, description="an error before any request, typed or from the constructor"
    )
    untouched: list[Literal["network_at_build", "environment", "processes", "process"]] = []
    waits_at_most: float | None = Field(None, description="seconds that the adapter slept")
    cancelled_within: float | None = Field(
        None, description="seconds in which a cancelled call ends as cancelled, in no other way"
    )
    hangs_up_within: float | None = Field(
        None, description="seconds in which the connection closes after the host left, or cancelled the call"
    )
    again: AgainThen | None = None
    failover: FailoverThen | None = None
    leaves: LeavesThen = LeavesThen()
    imports: Literal["needed", "absent", "broken"] | None = Field(
        None,
        description="optional packages: only those are loaded that a call uses; one is missing, or cannot be loaded",
    )
