"""The host LLM Council: async adapters whose `generate` gives one response, or an async iterator of them.

An error is what the host's classifier makes of its text.
"""

from __future__ import annotations

import asyncio
import copy
import gc
import inspect
import sys
import time
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from conformance.ask import Ask
from conformance.contract import Health, JSONSchema, Reply, Tool
from conformance.drivers import Call, Calls, plain
from conformance.drivers.calling import called, endless, in_time, introduce
from conformance.drivers.council_errors import classified
from conformance.drivers.council_tools import tool_calls
from conformance.drivers.failures import LONG, failure
from conformance.drivers.leaving import asked, over
from conformance.drivers.several import asynchronously, closes
from conformance.drivers.words import finish_reason, usage
from conformance.trace import Failure, Outcome, StreamEvent

_HOST_MODULE = "llm_council.providers.base"  # never imported here; an adapter on the real base class has imported it
_FLAG_OF = {
    "streaming": "streaming",
    "tools": "tool_use",
    "images": "multimodal",
    "structured_output": "structured_output",
}


@dataclass
class Message:
    """For adapters that do without the host's own."""

    role: str
    content: Any
    name: str | None = None


@dataclass
class GenerateRequest:
    """For adapters that do without the host's own."""

    messages: list[Any] | None = None
    prompt: str | None = None
    model: str | None = None
    timeout_seconds: float | None = None
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    stop: list[str] | None = None
    stream: bool = False
    tools: list[dict[str, Any]] | None = None
    tool_choice: Any = None
    response_format: Any = None
    structured_output: Any = None
    prompt_cache: Any = None
    reasoning: Any = None
    metadata: Any = None


class LLMCouncil:
    host = "llm-council"
    asynchronous = True

    def recognise(self, target: Any) -> str | None:
        found = ("generate", "supports", "doctor")
        if all(inspect.iscoroutinefunction(getattr(target, m, None)) for m in found):
            return "has async generate, supports, doctor"
        return None

    def capabilities(self, target: Any) -> dict[str, bool]:
        declared = getattr(target, "capabilities", None)
        flags = {ours: bool(getattr(declared, theirs, False)) for ours, theirs in _FLAG_OF.items()}
        return {**flags, "timeout": True, "close": closes(target)}  # every request has timeout_seconds

    def call(self, call: Call) -> Outcome:
        return called(call, lambda outcome: asyncio.run(_within(call, outcome)), _failure)

    def several(self, calls: Calls) -> list[Outcome]:
        return asynchronously(calls, _ask, _failure)


async def _within(call: Call, outcome: Outcome) -> None:
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)  # of clients that close themselves when collected
    async with in_time(outcome, call.deadline, call.started, _failure):
        adapter = call.build()
        introduce(adapter, outcome)
        await asked(partial(_ask, adapter), call, outcome)
    over(call, outcome)


async def _ask(adapter: Any, call: Call, outcome: Outcome) -> None:
    if call.ask.op == "health":
        result = await adapter.doctor()
        told = Health(ok=result.ok, detail=str(getattr(result, "message", "") or ""))
        outcome.health, outcome.health_shown = plain.health(told), plain.shown(told, LONG)
        return
    if call.ask.op not in ("generate", "stream"):
        raise NotImplementedError(f"LLM Council has no {call.ask.op}")
    request = _request(call.ask, call.timeout)
    before = copy.deepcopy(request)
    try:
        await _take(await adapter.generate(request), call, outcome)
    finally:
        if request != before:
            outcome.mutated = f"{before} became {request}"


def _request(ask: Ask, timeout: float) -> Any:
    base = sys.modules.get(_HOST_MODULE)
    message, request = getattr(base, "Message", Message), getattr(base, "GenerateRequest", GenerateRequest)
    ask = copy.deepcopy(ask)
    given = {
        "model": ask.model,
        "messages": [message(role=m.role, content=m.content) for m in ask.messages],
        "timeout_seconds": timeout,
        "max_tokens": ask.max_tokens,
        "temperature": ask.temperature,
        "top_p": ask.top_p,
        "stop": list(ask.stop) or None,
        "stream": ask.op == "stream",
        "tools": [_tool(t) for t in ask.tools] or None,
        "tool_choice": _choice(ask.tool_choice),
        "structured_output": _structured(ask.response_schema),
        "reasoning": ask.reasoning_effort and {"enabled": True, "effort": ask.reasoning_effort},
    }
    return request(**{name: value for name, value in given.items() if value is not None})


def _tool(tool: Tool) -> dict[str, Any]:
    function = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return {"type": "function", "function": function}


def _structured(asked: JSONSchema | None) -> dict[str, Any] | None:
    """As a dict, of which the host's GenerateRequest makes its own."""
    return None if asked is None else {"json_schema": asked.schema, "name": asked.name, "strict": asked.strict}


def _choice(choice: str | None) -> Any:
    if choice in (None, "auto", "none", "required"):
        return choice
    return {"type": "function", "function": {"name": choice}}


# --- what comes back ---------------------------------------------------------------------------


def _keep_whole(response: Any, call: Call, outcome: Outcome) -> None:
    """The host takes one response in place of a stream as well."""
    if nonsense := _nonsense(response):
        outcome.nonsense = nonsense
        return
    if call.ask.op == "stream" and response.text:
        outcome.events.append(StreamEvent("text", plain.plain_text(response.text), time.monotonic()))
    outcome.reply = plain.reply(_reply([response]))


async def _take(chunks: Any, call: Call, outcome: Outcome) -> None:
    """As the host does: the texts joined, the last usage and finish reason, all tool calls."""
    if not hasattr(chunks, "__aiter__"):
        _keep_whole(chunks, call, outcome)
        return
    taken = []
    async for chunk in chunks:
        if nonsense := _nonsense(chunk):
            outcome.nonsense = nonsense
            return
        taken.append(chunk)
        if len(taken) > plain.MOST:
            outcome.nonsense = f"a stream without an end: {len(taken)} chunks, and more to come"
            return
        if chunk.text:
            outcome.events.append(StreamEvent("text", plain.plain_text(chunk.text), time.monotonic()))
            if endless(outcome):
                return
            if len(outcome.events) == 1:
                call.first_event()
        if call.ask.leave_after is not None and len(taken) >= call.ask.leave_after:
            break
    if call.ask.leave_after is None:
        outcome.reply = plain.reply(_reply(taken))
        return
    if call.ask.leave == "drop":
        del chunks
        gc.collect()
    elif hasattr(chunks, "aclose"):
        await chunks.aclose()
    else:
        return
    outcome.left_at = time.monotonic()
    await asyncio.to_thread(call.left)


def _nonsense(response: Any) -> str:
    if hasattr(response, "text") and isinstance(response.text, str | None):
        return ""
    return f"a response must have a text, got {plain.shown(response)}"[:300]


def _reply(responses: list[Any]) -> Reply:
    def last(name: str) -> Any:
        return next((v for r in reversed(responses) if (v := getattr(r, name, None)) is not None), None)

    return Reply(
        text="".join(r.text or "" for r in responses),
        finish_reason=finish_reason(last("finish_reason")),
        tool_calls=tool_calls([getattr(r, "tool_calls", None) for r in responses]),
        usage=usage(last("usage")),
        model=last("model"),
    )


def _failure(exc: BaseException) -> Failure:
    seen = failure(exc)
    return replace(seen, typed=True, kind=classified(seen.text))


DRIVER = LLMCouncil()
