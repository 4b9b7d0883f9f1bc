"""A user's own recordings as cases: the adapter has to read each answer as it was, or to raise what it stands for.

What an answer says is told by the dialect (`said`), not by an adapter. Where it is told in a way that not every adapter
has to know, an error is as good.
"""

from __future__ import annotations

import re
from pathlib import Path

from conformance import cassettes
from conformance.ask import Ask
from conformance.case import Case, Wire
from conformance.cassettes import BrokenCassette, Cassette
from conformance.contract import Tool
from conformance.dialects import Dialect, Said
from conformance.recording import is_stream, operation_of, request_of
from conformance.then import Call, ErrorThen, ReplyThen, Then

REQUIREMENT = "OWN-001"
NEEDS = {"stream": "streaming", "embed": "embeddings", "list_models": "model_listing"}
DIGITS = 4  # of a number in a vector, as the kit compares them


def cases(folder: Path, dialect: Dialect) -> list[Case]:
    """One for each cassette `folder/<dialect>/….yaml`. Raises `BrokenCassette`."""
    return [case(name, folder, dialect) for name in cassettes.names(dialect.name, folder)]


def case(name: str, folder: Path, dialect: Dialect) -> Case:
    """That of one cassette. Raises `BrokenCassette` where it cannot be one."""
    cassette = cassettes.load(dialect.name, name, folder)
    where = f"cassette {folder / dialect.name / name}.yaml"
    if len(cassette.interactions) != 1:
        raise BrokenCassette(
            f"{where} holds {len(cassette.interactions)} interactions: `conformance import` splits them"
        )
    (interaction,) = cassette.interactions
    operation = operation_of(interaction, dialect)
    if operation is None:
        raise BrokenCassette(f"{where} is of {interaction.method} {interaction.uri}, no route of {dialect.name}")
    streamed = is_stream(interaction, dialect)
    try:
        told = dialect.said(operation, interaction.status, b"".join(interaction.chunks), streamed)
    except ValueError as exc:
        raise BrokenCassette(f"{where} cannot be judged: {exc}") from None
    asks = operation == "chat" and (streamed or dialect.streams(request_of(interaction)))
    ask = _ask(operation, asks, told)
    needs = [NEEDS[ask.op]] if ask.op in NEEDS else []
    return Case(
        case=re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-"),
        proves=REQUIREMENT,
        about=_origin(cassette),
        needs=[*needs, *(["tools"] if ask.tools else [])],
        ask=ask,
        wire=[Wire(cassette=name, folder=str(folder)), *([_last_page(dialect)] if told.more else [])],
        then=_then(told, ask, dialect, odd=told.odd or asks != streamed),
    )


def _last_page(dialect: Dialect) -> Wire:
    """What follows was not recorded, and may be asked for."""
    return Wire(cassette=dialect.facts.good["models"])


def _ask(operation: str, streamed: bool, told: Said) -> Ask:
    """A plain question of that kind: what was asked then is not judged, so hosts that cannot ask it are judged too."""
    if operation == "embeddings":
        return Ask(op="embed", texts=[f"text {n}" for n, _ in enumerate(told.vectors or [0])])
    if operation == "models":
        return Ask(op="list_models")
    tools = [Tool(name) for name in dict.fromkeys(name for name, _ in told.calls)]
    return Ask(op="stream" if streamed else "generate", tools=tools)


def _then(told: Said, ask: Ask, dialect: Dialect, *, odd: bool) -> Then:
    if told.kinds:
        return Then(error=ErrorThen(kind=sorted(told.kinds)))
    if ask.op == "embed":
        return Then(vectors=[[round(x, DIGITS) for x in vector] for vector in told.vectors])
    if ask.op == "list_models":
        first = Then(models=told.models)
        return Then(either=[first, Then(models=[*told.models, *_good_models(dialect)])]) if told.more else first
    reply = Then(reply=_reply(told))
    silent = not (told.text or told.calls or told.refusal)  # which some hosts take for a failure
    error = Then(error=ErrorThen(kind=["malformed", "unsupported", "content_filter"]))
    return Then(either=[reply, error]) if odd or silent else reply


def _good_models(dialect: Dialect) -> list[str]:
    last = dialect.cassette(dialect.facts.good["models"]).interactions[0]
    return dialect.said("models", last.status, b"".join(last.chunks), streamed=False).models


def _reply(told: Said) -> ReplyThen:
    wanted = ReplyThen(tool_calls=[Call(name=name, arguments=arguments) for name, arguments in told.calls])
    more = {"finish_reason": [told.finish] if told.finish != "unknown" else None, "refusal": told.refusal or None}
    # Not by the constructor: the text is a recording's, with no longhand in it to be written out.
    return wanted.model_copy(update={"text": told.text} | {k: v for k, v in more.items() if v})


def _origin(cassette: Cassette) -> str:
    return f"{cassette.provenance.source}, recorded: {cassette.provenance.date}"
