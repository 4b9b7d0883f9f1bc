"""Laws of more than one answer: texts both ways, a reply in the history, calls at once."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from conformance.case import Case
from conformance.contract import Message
from conformance.laws import Example, Scenes, Stage, words
from conformance.laws.answers import asking, with_wire
from conformance.then import ReplyThen, SentThen, StreamThen, Then

GAP = 0.002  # seconds between events, so that those of several answers alternate


def _reply(pieces: list[str]) -> ReplyThen:
    return ReplyThen().model_copy(update={"text": "".join(pieces)})


def texts(_: Stage, __: Case) -> st.SearchStrategy[Example]:
    asked = words.text(nul=False)  # which an adapter may refuse (UNI-007)
    return st.fixed_dictionaries({"system": asked, "user": asked, "pieces": words.pieces()})


def said(_: Stage, case: Case, example: Example) -> Scenes:
    """Any text arrives as it was, there and back."""
    asked = asking(case, messages=[Message("system", example["system"]), Message("user", example["user"])])
    pieces = example["pieces"]
    then = Then(sent=SentThen(same=["messages"], legal=True), reply=_reply(pieces))
    if case.ask.op == "stream":
        then = then.model_copy(update={"stream": StreamThen().model_copy(update={"delivered": "".join(pieces)})})
    yield [with_wire(asked, then=then, transform=[f"text@{json.dumps(pieces)}"])]


def histories(_: Stage, __: Case) -> st.SearchStrategy[Example]:
    result = words.text(nul=False)
    return st.fixed_dictionaries({"results": st.lists(result, min_size=3, max_size=3), "more": words.text(nul=False)})


def remembered(_: Stage, case: Case, example: Example) -> Scenes:
    """What the adapter answered is asked again, as part of the conversation, with the results of its calls."""
    called, answered = case.answers
    (trace,) = yield [with_wire(case, called)]
    reply = trace.outcome.reply
    calls = list(reply.tool_calls)
    results = [
        Message("tool", text, tool_call_id=call.id) for call, text in zip(calls, example["results"], strict=False)
    ]
    again = [
        *case.ask.messages,
        Message("assistant", reply.text or "", tool_calls=calls),
        *results,
        Message("user", example["more"]),
    ]
    then = Then(sent=SentThen(same=["messages", "tools"], legal=True))
    yield [asking(with_wire(case, answered, then=then), op="generate", messages=again)]


def crowds(_: Stage, __: Case) -> st.SearchStrategy[Example]:
    return st.fixed_dictionaries({"answers": st.lists(words.pieces(), min_size=2, max_size=4)})


def at_once(_: Stage, case: Case, example: Example) -> Scenes:
    """Each call gets the answer to its own question, whatever others ask meanwhile."""
    yield [_one(case, number, pieces) for number, pieces in enumerate(example["answers"])]


def _one(case: Case, number: int, pieces: list[str]) -> Case:
    messages: list[Any] = [Message("user", f"Question {'abcd'[number] * 8}?")]
    then = Then(reply=_reply(pieces), sent=SentThen(same=["messages"]))
    told = with_wire(case, then=then, transform=[f"text@{json.dumps(pieces)}"], gap=GAP)
    return asking(told, messages=messages)
