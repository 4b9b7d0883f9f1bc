"""A user's own recordings as cases: the adapter has to read each answer as it was, or to raise what it stands for.

What an answer says is told by the dialect (`said`), not by an adapter. Where it is told in a way that not every adapter
has to know, an error is as good.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from conformance import cassettes
from conformance.ask import Ask
from conformance.case import Case, Wire
from conformance.cassettes import BrokenCassette, Cassette
from conformance.contract import Tool
from conformance.dialects import Dialect, Said
from conformance.importer import is_stream, operation_of
from conformance.then import Call, ErrorThen, ReplyThen, Then

REQUIREMENT = "OWN-001"
NEEDS = {"stream": "streaming", "embed": "embeddings", "list_models": "model_listing"}
DIGITS = 4  # of a number in a vector, as the kit compares them


def cases(folder: Path, dialect: Dialect) -> list[Case]:
    """One for each cassette `folder/<dialect>/….yaml`. Raises `BrokenCassette`."""
    return [_case(name, folder, dialect) for name in cassettes.names(dialect.name, folder)]


def _case(name: str, folder: Path, dialect: Dialect) -> Case:
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
    streamed = is_stream(interaction)
    try:
        told = dialect.said(operation, interaction.status, b"".join(interaction.chunks), streamed)
    except ValueError as exc:
        raise BrokenCassette(f"{where} cannot be judged: {exc}") from None
    asked = streamed or _asks_for_stream(interaction.request_body)
    ask = _ask(operation, asked, told)
    needs = [NEEDS[ask.op]] if ask.op in NEEDS else []
    return Case(
        case=re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-"),
        proves=REQUIREMENT,
        about=_origin(cassette),
        needs=[*needs, *(["tools"] if ask.tools else [])],
        ask=ask,
        wire=Wire(cassette=name, folder=str(folder)),
        then=_then(told, odd=told.odd or asked != streamed),
    )


def _asks_for_stream(body: bytes) -> bool:
    try:
        return bool(json.loads(body).get("stream"))
    except (ValueError, AttributeError):
        return False


def _ask(operation: str, streamed: bool, told: Said) -> Ask:
    """A plain question of that kind: what was asked then is not judged, so hosts that cannot ask it are judged too."""
    if operation == "embeddings":
        return Ask(op="embed", texts=[f"text {n}" for n, _ in enumerate(told.vectors or [0])])
    if operation == "models":
        return Ask(op="list_models")
    tools = [Tool(name) for name in dict.fromkeys(name for name, _ in told.calls)]
    return Ask(op="stream" if streamed else "generate", tools=tools)


def _then(told: Said, odd: bool) -> Then:
    if told.kinds:
        return Then(error=ErrorThen(kind=sorted(told.kinds)))
    if told.vectors:
        return Then(vectors=[[round(x, DIGITS) for x in vector] for vector in told.vectors])
    if told.models:
        return Then(models=told.models)
    reply = Then(reply=_reply(told))
    silent = not (told.text or told.calls or told.refusal)  # which some hosts take for a failure
    error = Then(error=ErrorThen(kind=["malformed", "unsupported", "content_filter"]))
    return Then(either=[reply, error]) if odd or silent else reply


def _reply(told: Said) -> ReplyThen:
    wanted = ReplyThen(tool_calls=[Call(name=name, arguments=arguments) for name, arguments in told.calls])
    more = {"finish_reason": [told.finish] if told.finish != "unknown" else None, "refusal": told.refusal or None}
    # Not by the constructor: the text is a recording's, with no longhand in it to be written out.
    return wanted.model_copy(update={"text": told.text} | {k: v for k, v in more.items() if v})


def _origin(cassette: Cassette) -> str:
    return f"{cassette.provenance.source}, recorded: {cassette.provenance.date}"
