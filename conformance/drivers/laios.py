"""The host LAIOS: synchronous clients, called plainly, with no event loop running.

A call runs in a thread of its own, so that one that hangs can be given up. It cannot be ended: it goes
on until the server, at the end of the case, closes its connections.
"""

from __future__ import annotations

import copy
import gc
import inspect
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from threading import Event as Signal
from typing import Any

from conformance.ask import Ask
from conformance.contract import Reply
from conformance.deadline import Endable, end
from conformance.drivers import Call, Calls, plain
from conformance.drivers.calling import endless, introduce
from conformance.drivers.failures import failure, hung
from conformance.drivers.leaving import once_more
from conformance.drivers.several import closes, synchronously
from conformance.drivers.words import finish_reason, usage
from conformance.trace import Outcome, StreamEvent

_HOST_MODULE = "laios.llm.client"  # never imported here; an adapter on the real base class has imported it


@dataclass
class Message:
    """LLMMessage, for adapters that do without the host's own."""

    role: str
    content: str


class Laios:
    host = "laios"
    asynchronous = False
    asks_meanwhile = True
    pauses = True

    def recognise(self, target: Any) -> str | None:
        generate = getattr(target, "generate", None)
        if not callable(generate) or inspect.iscoroutinefunction(generate):
            return None
        found = [m for m in ("generate_with_system", "generate_stream") if callable(getattr(target, m, None))]
        return f"has generate, {', '.join(found)}, none of them async" if found else None

    def capabilities(self, target: Any) -> dict[str, bool]:
        """The host's own generate_stream calls generate, and is no stream."""
        cls = target if inspect.isclass(target) else type(target)
        owner = next((c for c in cls.__mro__ if "generate_stream" in vars(c)), None)
        streams = owner is not None and owner.__module__ != _HOST_MODULE
        return {"streaming": streams, "close": closes(target)}

    def call(self, call: Call) -> Outcome:
        outcome = Outcome()
        thread = Endable(partial(_within, call, outcome))
        thread.start()
        thread.join(call.deadline)
        if thread.is_alive():
            end(thread)
            outcome = Outcome(error=hung(call.deadline), events=list(outcome.events), provider=outcome.provider)
        outcome.finished_at = time.monotonic()
        return outcome

    def several(self, calls: Calls) -> list[Outcome]:
        return synchronously(calls, _ask, failure)


def _within(call: Call, outcome: Outcome) -> None:
    try:
        adapter = call.build()
        introduce(adapter, outcome)
        _ask(adapter, call, outcome)
        if call.ask.twice:
            call.left()  # the server has done what it does after the answer
            second = Outcome()
            _ask(adapter, once_more(call), second)
            outcome.reply, outcome.nonsense = second.reply, outcome.nonsense or second.nonsense
    except BaseException as exc:  # in this thread all of them are the adapter's own
        outcome.error = failure(exc)


def _ask(adapter: Any, call: Call, outcome: Outcome) -> None:
    if call.ask.op not in ("generate", "stream"):
        raise NotImplementedError(f"LAIOS has no {call.ask.op}")
    messages = _messages(call.ask)
    before = copy.deepcopy(messages)
    try:
        if call.ask.op == "stream":
            _stream(adapter.generate_stream(messages, **_options(call.ask)), call, outcome)
        else:
            _keep(_generate(adapter, messages, call.ask), outcome)
    finally:
        if messages != before:
            outcome.mutated = f"{before} became {messages}"


def _generate(adapter: Any, messages: list[Any], ask: Ask) -> Any:
    """A system prompt and one question have a method of their own."""
    if [m.role for m in messages] == ["system", "user"] and hasattr(adapter, "generate_with_system"):
        return adapter.generate_with_system(messages[0].content, messages[1].content, **_options(ask))
    return adapter.generate(messages, **_options(ask))


def _options(ask: Ask) -> dict[str, Any]:
    """Only what is asked: the host has defaults of its own."""
    asked = {"temperature": ask.temperature, "max_tokens": ask.max_tokens}
    return {name: value for name, value in asked.items() if value is not None}


def _messages(ask: Ask) -> list[Any]:
    made: Any = getattr(sys.modules.get(_HOST_MODULE), "LLMMessage", Message)
    return [made(role=m.role, content=m.content) for m in ask.messages]


def _stream(texts: Iterable[Any], call: Call, outcome: Outcome) -> None:
    """Bare texts, with no event after the last: that the generator ends is all that tells the end."""
    for text in texts:
        if not isinstance(said := plain.plain(text), str):
            outcome.nonsense = f"a stream must yield texts, got {plain.shown(text)}"[:300]
            return
        outcome.events.append(StreamEvent("text", said, time.monotonic()))
        if endless(outcome):
            return
        if len(outcome.events) == 1:
            call.first_event()
            if call.meanwhile:
                call.meanwhile()
            Signal().wait(call.ask.pause)  # real, where `time.sleep` is not
        if call.ask.leave_after is not None and len(outcome.events) >= call.ask.leave_after:
            break
    if call.ask.leave_after is None:
        outcome.reply = Reply(text="".join(e.text for e in outcome.events))
        return
    if call.ask.leave == "drop":
        del texts
        gc.collect()
    elif hasattr(texts, "close"):
        texts.close()
    else:
        return
    outcome.left_at = time.monotonic()
    call.left()


def _keep(response: Any, outcome: Outcome) -> None:
    content = plain.plain(getattr(response, "content", None))
    if not isinstance(content, str):
        outcome.nonsense = f"a response must have a content that is a text, got {plain.shown(response)}"[:300]
        return
    said = Reply(
        text=content,
        finish_reason=finish_reason(getattr(response, "finish_reason", None)),
        usage=usage(getattr(response, "usage", None)),
        model=getattr(response, "model", None),
    )
    outcome.reply = plain.reply(said)


DRIVER = Laios()
