"""The host Haystack: a chat generator, asked by `run_async` or `run`. A stream is a callback, which cannot be left."""

from __future__ import annotations

import inspect
from importlib import import_module
from typing import Any, ClassVar, cast

from conformance.ask import Ask
from conformance.contract import Reply, ToolCall
from conformance.drivers import Call
from conformance.drivers.openai_form import Unreadable, finish_reason, messages, response_format, settings, usage
from conformance.drivers.openai_form import tool_choice as choice
from conformance.drivers.running import AsyncDriver, Refused, Stream, only_set, unchanged
from conformance.drivers.sdk_errors import sdk_failure
from conformance.drivers.ways import given
from conformance.trace import Failure, Outcome


class Haystack(AsyncDriver):
    host: ClassVar[str] = "haystack"
    methods: ClassVar[tuple[str, ...]] = ("run", "run_async", "to_dict")

    both_ways: ClassVar[bool] = True

    def recognise(self, target: Any) -> str | None:
        run = getattr(target, "run_async", None)
        takes = inspect.signature(run).parameters if callable(run) else ()
        return super().recognise(target) if {"messages", "generation_kwargs"} <= set(takes) else None

    def capabilities(self, target: Any) -> dict[str, bool]:
        takes = inspect.signature(target.run_async).parameters
        flags = {"streaming": "streaming_callback" in takes, "tools": "tools" in takes, "images": True}
        return {**flags, "embeddings": False, "model_listing": False, "close": False, "health": False}

    def maker(self, target: Any) -> Any:
        """The key is a `Secret` there, and the address has a name of its own."""
        if not inspect.isclass(target):
            return target
        made, names = cast("Any", target), set(inspect.signature(target.__init__).parameters)

        def build(
            base_url: str, api_key: str | None = None, model: str = "m", timeout: float = 10.0, **given: Any
        ) -> Any:
            secret = None if api_key is None else import_module("haystack.utils").Secret.from_token(api_key)
            known = {"api_base_url": base_url, "base_url": base_url, "api_key": secret, "timeout": timeout}
            return made(model=model, **only_set(**{k: v for k, v in known.items() if k in names}), **given)

        return build

    def failure(self, exc: BaseException) -> Failure:
        return sdk_failure(exc)

    async def ask(self, adapter: Any, call: Call, outcome: Outcome) -> None:
        if call.ask.op not in ("generate", "stream"):
            raise Refused(f"a chat generator has no {call.ask.op}")
        said = import_module("haystack.dataclasses").ChatMessage
        stream, plain = Stream(call, outcome), call.ask.way == "other"

        def heard(chunk: Any) -> None:
            stream.add(chunk.content, getattr(getattr(chunk, "reasoning", None), "reasoning_text", None))

        async def awaited(chunk: Any) -> None:
            heard(chunk)

        with unchanged(outcome, [said.from_openai_dict_format(m) for m in messages(call.ask)]) as asked:
            told = heard if plain else awaited
            options = only_set(
                generation_kwargs=_options(call.ask),
                tools=_tools(call.ask),
                streaming_callback=told if call.ask.op == "stream" else None,
            )
            answer = await given((adapter.run if plain else adapter.run_async)(asked, **options))
            outcome.reply = _reply(answer["replies"][0])


def _options(ask: Ask) -> dict[str, Any]:
    return settings(ask) | only_set(
        model=ask.model,
        tool_choice=choice(ask.tool_choice),
        response_format=response_format(ask.response_schema),
        reasoning_effort=ask.reasoning_effort,
    )


def _tools(ask: Ask) -> list[Any]:
    if not ask.tools:
        return []
    made = import_module("haystack.tools").Tool
    return [
        made(name=t.name, description=t.description, parameters=t.parameters, function=lambda **_: None)
        for t in ask.tools
    ]


def _reply(message: Any) -> Reply:
    meta, reasoning = message.meta, message.reasoning
    if not isinstance(message.text, str | None):
        raise Unreadable(f"the text is none: {message.text!r}"[:300])
    return Reply(
        text=message.text or "",
        finish_reason=finish_reason(meta.get("finish_reason")),
        tool_calls=tuple(ToolCall(c.id or "", c.tool_name, c.arguments) for c in message.tool_calls),
        reasoning=reasoning.reasoning_text if reasoning else None,
        usage=usage(meta.get("usage")),
        model=meta.get("model"),
    )


DRIVER = Haystack()
