"""The host `llm`, the command: an `AsyncModel`, asked by `prompt`."""

from __future__ import annotations

import inspect
from importlib import import_module
from typing import Any, ClassVar, cast

from conformance.ask import Ask
from conformance.contract import Reply, ToolCall, Usage
from conformance.drivers import Call
from conformance.drivers.openai_form import finish_reason
from conformance.drivers.running import AsyncDriver, Refused, Stream, only_set
from conformance.drivers.sdk_errors import sdk_failure
from conformance.trace import Failure, Outcome


class Keyed:
    """A model, and the key that every prompt of it is given."""

    def __init__(self, model: Any, key: str | None) -> None:
        self.model, self.key = model, key

    def __repr__(self) -> str:
        return repr(self.model)


class LLM(AsyncDriver):
    host: ClassVar[str] = "llm"
    methods: ClassVar[tuple[str, ...]] = ("prompt", "execute", "conversation")

    def recognise(self, target: Any) -> str | None:
        return super().recognise(target.model if isinstance(target, Keyed) else target)

    def capabilities(self, target: Any) -> dict[str, bool]:
        """As the model says; a schema is given without a name."""
        model = target.model if isinstance(target, Keyed) else target
        flags = {
            "streaming": bool(getattr(model, "can_stream", False)),
            "tools": bool(getattr(model, "supports_tools", False)),
        }
        return {
            **flags,
            **dict.fromkeys(("images", "structured_output", "embeddings", "model_listing", "close", "health"), False),
        }

    def maker(self, target: Any) -> Any:
        if not inspect.isclass(target):
            return target
        made, known = cast("Any", target), set(inspect.signature(target).parameters)

        def build(base_url: str, api_key: str | None = None, model: str = "m", **given: Any) -> Keyed:
            told = {"api_base": base_url, "base_url": base_url, "model_name": model, "supports_tools": True}
            return Keyed(made(model, **{k: v for k, v in told.items() if k in known}, **given), api_key)

        return build

    def failure(self, exc: BaseException) -> Failure:
        return sdk_failure(exc)

    async def ask(self, adapter: Any, call: Call, outcome: Outcome) -> None:
        if call.ask.op not in ("generate", "stream") or call.ask.response_schema:
            raise Refused(f"a model is not asked for {call.ask.op} so")
        response = adapter.model.prompt(
            messages=_messages(call.ask),
            stream=call.ask.op == "stream",
            **only_set(key=adapter.key, tools=_tools(call.ask), options=_options(call.ask)),
        )
        if call.ask.op == "stream":
            stream = Stream(call, outcome)
            async for text in response:
                stream.add(text)
                if stream.enough:
                    break
            if call.ask.leave_after is not None:
                await stream.left(response)
                return
        outcome.reply = await _reply(response)


def _messages(ask: Ask) -> list[Any]:
    parts = import_module("llm.parts")
    if any(m.tool_calls or m.role == "tool" or not isinstance(m.content, str) for m in ask.messages):
        raise Refused("the driver says texts only")
    return [parts.Message(m.role, [parts.TextPart(text=m.content)]) for m in ask.messages]


def _tools(ask: Ask) -> list[Any]:
    made = import_module("llm").Tool
    return [made(name=t.name, description=t.description, input_schema=t.parameters) for t in ask.tools]


def _options(ask: Ask) -> dict[str, Any]:
    return only_set(temperature=ask.temperature, top_p=ask.top_p, max_tokens=ask.max_tokens, seed=ask.seed)


async def _reply(response: Any) -> Reply:
    text, calls, counts = await response.text(), await response.tool_calls(), await response.usage()
    told = response.response_json or {}
    choice: Any = next(iter(told.get("choices") or ()), {})
    return Reply(
        text=text,
        finish_reason=finish_reason(told.get("finish_reason") or choice.get("finish_reason")),
        tool_calls=tuple(ToolCall(c.tool_call_id or "", c.name, c.arguments) for c in calls),
        usage=_usage(counts),
        model=told.get("model"),
        id=told.get("id"),
    )


def _usage(counts: Any) -> Usage | None:
    if counts is None or (counts.input, counts.output) == (None, None):
        return None
    both = counts.input is not None and counts.output is not None
    return Usage(counts.input, counts.output, counts.input + counts.output if both else None)


DRIVER = LLM()
