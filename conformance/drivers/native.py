"""The native host: adapters of `conformance.contract`, called inside one `asyncio.run` per case."""

from __future__ import annotations

import asyncio
import copy
import gc
import inspect
import time
from functools import partial
from typing import Any

from conformance import contract
from conformance.ask import Ask
from conformance.drivers import Call, Calls, plain
from conformance.drivers.calling import called, endless, in_time, introduce, quietly
from conformance.drivers.failures import LONG, failure
from conformance.drivers.history import going_on
from conformance.drivers.leaving import asked, over, paused
from conformance.drivers.several import asynchronously, closes
from conformance.trace import Outcome, StreamEvent

_FLAGS = ("streaming", "tools", "images", "embeddings", "model_listing", "structured_output", "opaque")
_METHOD_OF = {"streaming": "stream", "embeddings": "embed", "model_listing": "list_models"}
_NO_METHOD = ("structured_output", "opaque")


class Native:
    host = "native"
    asynchronous = True
    asks_meanwhile = True
    pauses = True

    def recognise(self, target: Any) -> str | None:
        if not inspect.iscoroutinefunction(getattr(target, "generate", None)):
            return None
        found = [m for m in ("stream", "embed", "list_models", "health", "close") if callable(getattr(target, m, None))]
        if "stream" not in found and callable(getattr(target, "doctor", None)):
            return None  # an adapter of LLM Council
        if "stream" not in found and not hasattr(target, "capabilities"):
            return None
        return ", ".join(["has async generate", *found])

    def capabilities(self, target: Any) -> dict[str, bool]:
        """As declared; where nothing is declared, what it has a method for."""
        declared = getattr(target, "capabilities", None)
        flags = {}
        for flag in _FLAGS:
            has = flag not in _NO_METHOD and callable(getattr(target, _METHOD_OF.get(flag, "generate"), None))
            flags[flag] = bool(getattr(declared, flag, has))
        return {**flags, "health": callable(getattr(target, "health", None)), "close": closes(target)}

    def call(self, call: Call) -> Outcome:
        return called(call, lambda outcome: asyncio.run(_within(call, outcome)))

    def several(self, calls: Calls) -> list[Outcome]:
        return asynchronously(calls, _ask, failure)


async def _within(call: Call, outcome: Outcome) -> None:
    adapter: Any = None
    async with in_time(outcome, call.deadline, call.started):
        adapter = call.build()
        introduce(adapter, outcome)
        await asked(partial(_ask, adapter), call, outcome)
    if close := getattr(adapter, "close", None):
        await quietly(close)
    over(call, outcome)


async def _ask(adapter: Any, call: Call, outcome: Outcome) -> None:
    ask = call.ask
    if ask.op in ("generate", "stream"):
        await _chat(adapter, call, _request(ask), outcome)
        if ask.follow_up is not None and outcome.reply is not None:
            await _go_on(adapter, call, outcome)
    elif ask.op == "embed":
        texts = list(ask.texts)
        try:
            _keep_vectors(await _embed(_method(adapter, "embed"), texts, ask.model), outcome)
        finally:
            if texts != ask.texts:
                outcome.mutated = f"{ask.texts} became {texts}"
    elif ask.op == "list_models":
        _keep_models(await _method(adapter, "list_models")(), outcome)
    else:
        given = await adapter.health()
        outcome.health, outcome.health_shown = plain.health(given), plain.shown(given, LONG)


def _embed(method: Any, texts: list[str], model: str | None) -> Any:
    """Where no model is named, or none can be, it is the adapter's own choice."""
    if model is None:
        return method(texts)
    try:
        inspect.signature(method).bind(texts, model=model)
    except (TypeError, ValueError):
        return method(texts)
    return method(texts, model=model)


async def _go_on(adapter: Any, call: Call, outcome: Outcome) -> None:
    reply, outcome.reply, outcome.events = outcome.reply, None, []
    try:
        request = going_on(_request(call.ask), reply, call.ask.follow_up or "")
    except ValueError as exc:
        outcome.nonsense = str(exc)
        return
    await _chat(adapter, call, request, outcome)


async def _chat(adapter: Any, call: Call, request: contract.Request, outcome: Outcome) -> None:
    given = copy.deepcopy(request)  # down to the schemas of the tools: what is done to it must not reach the next case
    try:
        if call.ask.op == "generate":
            _keep_reply(await adapter.generate(given), outcome)
        else:
            await _stream(_method(adapter, "stream")(given), call, outcome)
    finally:
        if given != request:
            outcome.mutated = f"{request} became {given}"


class Missing(NotImplementedError):
    """A method that is not there refuses as well as one that raises."""


def _method(adapter: Any, name: str) -> Any:
    method = getattr(adapter, name, None)
    if method is None:
        raise Missing(f"the adapter has no {name}")
    return method


async def _stream(events: Any, call: Call, outcome: Outcome) -> None:
    if inspect.isawaitable(events):  # `async def stream` that returns an iterator is as good
        events = await events
    async for event in events:
        kept = _event(event)
        outcome.events.append(kept)
        if endless(outcome):
            return
        if kept.kind == "text" and sum(e.kind == "text" for e in outcome.events) == 1:
            call.first_event()
            if call.meanwhile:
                await call.meanwhile()
            await paused(call.ask.pause)
        if kept.kind == "done":
            _keep_reply(event.reply, outcome)
        if call.ask.leave_after is not None and len(outcome.events) >= call.ask.leave_after:
            break
    if call.ask.leave_after is None:
        return
    if call.ask.leave == "drop":
        del events
        gc.collect()
    elif hasattr(events, "aclose"):
        await events.aclose()
    else:
        return
    outcome.left_at = time.monotonic()
    await asyncio.to_thread(call.left)  # before close(), which would hide that it was not ended


def _event(event: Any) -> StreamEvent:
    """By shape: a delta has text or reasoning, the end has the reply."""
    now = time.monotonic()
    if hasattr(event, "reply"):
        return StreamEvent("done", "", now)
    for kind in ("text", "reasoning"):
        text = plain.plain(getattr(event, kind, None))
        if isinstance(text, str):
            return StreamEvent(kind, text, now)
    return StreamEvent("other", plain.shown(event, 200), now)


def _request(ask: Ask) -> contract.Request:
    return contract.Request(
        messages=list(ask.messages),
        model=ask.model,
        temperature=ask.temperature,
        top_p=ask.top_p,
        max_tokens=ask.max_tokens,
        seed=ask.seed,
        stop=list(ask.stop),
        tools=list(ask.tools),
        tool_choice=ask.tool_choice,
        response_schema=ask.response_schema,
        reasoning_effort=ask.reasoning_effort,
    )


def _keep_reply(reply: Any, outcome: Outcome) -> None:
    text = plain.plain(getattr(reply, "text", None))
    if not isinstance(text, str | None) or not hasattr(reply, "text"):
        outcome.nonsense = f"a reply must have a text, got {plain.shown(reply)}"[:300]
        return
    outcome.reply = plain.reply(reply)


def _keep_vectors(result: Any, outcome: Outcome) -> None:
    try:
        outcome.vectors = [[float(x) for x in plain.listed(vector)] for vector in plain.listed(result.vectors)]
    except (AttributeError, TypeError, ValueError):
        outcome.nonsense = f"embeddings must have vectors of numbers, got {plain.shown(result)}"[:300]


def _keep_models(result: Any, outcome: Outcome) -> None:
    try:
        ids: list[Any] = [None] if isinstance(result, str) else [plain.plain(m) for m in plain.listed(result)]
    except (TypeError, ValueError):
        ids = [None]
    if not all(isinstance(m, str) for m in ids):
        outcome.nonsense = f"models must be a list of ids, got {plain.shown(result)}"[:300]
        return
    outcome.models = ids


DRIVER = Native()
