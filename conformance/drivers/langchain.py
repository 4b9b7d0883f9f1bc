"""The host LangChain: `BaseChatModel`, asked by `ainvoke` and `astream`, or `invoke` and `stream`; and `Embeddings`,
asked by `aembed_documents` and, for one text, `aembed_query`.

Messages are dicts in OpenAI's form, which every chat model takes: nothing of the host is imported here.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, ClassVar

from conformance.ask import Ask
from conformance.contract import Reply, ToolCall, Usage
from conformance.drivers import Call
from conformance.drivers.openai_form import finish_reason, messages, settings, tool
from conformance.drivers.running import AsyncDriver, Refused, Stream, only_set, unchanged
from conformance.drivers.sdk_errors import sdk_failure
from conformance.drivers.ways import each, given
from conformance.trace import Failure, Outcome


class InvalidToolCalls(ValueError):
    """LangChain raises nothing for a call that cannot be read: it lists it in `invalid_tool_calls`."""


EMBEDDINGS = ("aembed_documents", "aembed_query", "embed_documents", "embed_query")


class LangChain(AsyncDriver):
    host: ClassVar[str] = "langchain"
    methods: ClassVar[tuple[str, ...]] = ("ainvoke", "astream", "bind_tools", "with_structured_output")

    both_ways: ClassVar[bool] = True

    def recognise(self, target: Any) -> str | None:
        if hasattr(target, "_agenerate"):
            return super().recognise(target)
        return f"has {', '.join(EMBEDDINGS)}" if _embeds(target) else None

    def capabilities(self, target: Any) -> dict[str, bool]:
        """A method that the base class only refuses with is no capability."""
        cls = target if inspect.isclass(target) else type(target)
        if not hasattr(cls, "_agenerate"):
            lacks = ("chat", "streaming", "tools", "images", "structured_output", "model_listing", "close", "health")
            return {"embeddings": True, "both_ways": True, **dict.fromkeys(lacks, False)}
        return {
            "streaming": _own(cls, "_astream") or _own(cls, "_stream"),
            "tools": _own(cls, "bind_tools"),
            "both_ways": _own(cls, "_stream") or not _own(cls, "_astream"),  # else `stream` is `invoke`
            "embeddings": _embeds(cls),
            "model_listing": False,
            "close": False,
            "health": False,
        }

    def failure(self, exc: BaseException) -> Failure:
        return sdk_failure(exc)

    async def ask(self, adapter: Any, call: Call, outcome: Outcome) -> None:
        if call.ask.op == "embed" and _embeds(adapter):
            await _embed(adapter, call.ask, outcome)
            return
        if call.ask.op not in ("generate", "stream"):
            raise Refused(f"a chat model has no {call.ask.op}")
        with unchanged(outcome, messages(call.ask)) as asked:
            model, options = _bound(adapter, call.ask), _options(call.ask)
            plain = call.ask.way == "other"
            if call.ask.op == "generate":
                invoke = model.invoke if plain else model.ainvoke
                outcome.reply = _reply(_raw(await given(invoke(asked, **options))))
            else:
                stream = model.stream if plain else model.astream
                await _stream(each(stream(asked, **options), plain=plain), Stream(call, outcome))


def _embeds(target: Any) -> bool:
    return all(callable(getattr(target, name, None)) for name in EMBEDDINGS)


async def _embed(adapter: Any, ask: Ask, outcome: Outcome) -> None:
    plain, one = ask.way == "other", len(ask.texts) == 1
    with unchanged(outcome, list(ask.texts)) as texts:
        if one:
            found = [await given(adapter.embed_query(texts[0]) if plain else adapter.aembed_query(texts[0]))]
        else:
            found = await given(adapter.embed_documents(texts) if plain else adapter.aembed_documents(texts))
    try:
        outcome.vectors = [[float(x) for x in vector] for vector in found]
    except (TypeError, ValueError):
        outcome.nonsense = f"embeddings must be lists of numbers, got {found!r}"[:300]


def _own(cls: type, name: str) -> bool:
    owner = next((c for c in cls.__mro__ if name in vars(c)), None)
    return owner is not None and not owner.__module__.startswith("langchain_core.")


def _bound(adapter: Any, ask: Ask) -> Any:
    if ask.response_schema is not None:
        schema = {"title": ask.response_schema.name, **ask.response_schema.schema}
        strict = ask.response_schema.strict
        return adapter.with_structured_output(schema, method="json_schema", strict=strict, include_raw=True)
    if not ask.tools:
        return adapter
    return adapter.bind_tools([tool(t) for t in ask.tools], **only_set(tool_choice=ask.tool_choice))


def _options(ask: Ask) -> dict[str, Any]:
    """Given with the call, where they go before those of the constructor."""
    return settings(ask) | only_set(model=ask.model, reasoning_effort=ask.reasoning_effort)


async def _stream(chunks: Any, stream: Stream) -> None:
    whole: Any = None
    async for item in chunks:
        chunk = _raw(item)
        if chunk is None:
            continue
        whole = chunk if whole is None else whole + chunk
        stream.add(_text(chunk), _reasoning(chunk))
        if stream.enough:
            break
    if stream.call.ask.leave_after is not None:
        await stream.left(chunks)
    elif whole is not None:
        stream.done(_reply(whole))


def _raw(message: Any) -> Any:
    """With a schema of the answer it comes beside what was made of it."""
    return message.get("raw") if isinstance(message, Mapping) else message


def _reply(message: Any) -> Reply:
    if invalid := getattr(message, "invalid_tool_calls", None):
        raise InvalidToolCalls(f"invalid_tool_calls: {invalid[0].get('error') or invalid[0]}")
    told, more = message.response_metadata, message.additional_kwargs
    return Reply(
        text=_text(message),
        finish_reason=finish_reason(told.get("finish_reason") or told.get("stop_reason")),
        tool_calls=tuple(ToolCall(c["id"] or "", c["name"], c["args"]) for c in message.tool_calls),
        refusal=more.get("refusal"),
        reasoning=_reasoning(message) or None,
        usage=_usage(message.usage_metadata),
        model=told.get("model_name") or told.get("model"),
        id=told.get("id") or message.id,
    )


def _text(message: Any) -> str:
    if isinstance(message.content, str):
        return message.content
    parts = [p if isinstance(p, str) else p.get("text") for p in message.content if _says(p)]
    return "".join(p for p in parts if isinstance(p, str))


def _says(part: Any) -> bool:
    return isinstance(part, str) or part.get("type") == "text"


def _reasoning(message: Any) -> str:
    blocks = getattr(message, "content_blocks", None) or ()
    return "".join(b.get("reasoning") or "" for b in blocks if b.get("type") == "reasoning")


def _usage(counts: Any) -> Usage | None:
    if not counts:
        return None
    names = ("input_tokens", "output_tokens", "total_tokens")
    return Usage(*(counts.get(name) or None for name in names))  # never None there: 0 is what nobody told


DRIVER = LangChain()
