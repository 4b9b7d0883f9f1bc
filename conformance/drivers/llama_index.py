"""The host LlamaIndex: an `LLM`, asked by `achat` and `astream_chat`, or `chat` and `stream_chat`."""

from __future__ import annotations

from importlib import import_module
from typing import Any, ClassVar

from conformance.ask import Ask
from conformance.contract import Reply
from conformance.drivers import Call
from conformance.drivers.openai_form import finish_reason, of, settings, usage
from conformance.drivers.running import AsyncDriver, Refused, Stream, only_set, unchanged
from conformance.drivers.sdk_errors import sdk_failure
from conformance.drivers.ways import each, given
from conformance.trace import Failure, Outcome


class LlamaIndex(AsyncDriver):
    host: ClassVar[str] = "llama-index"
    methods: ClassVar[tuple[str, ...]] = ("achat", "astream_chat", "acomplete", "astream_complete")

    both_ways: ClassVar[bool] = True

    def capabilities(self, target: Any) -> dict[str, bool]:
        return dict.fromkeys(
            ("tools", "images", "structured_output", "embeddings", "model_listing", "close", "health"), False
        )

    def failure(self, exc: BaseException) -> Failure:
        return sdk_failure(exc)

    async def ask(self, adapter: Any, call: Call, outcome: Outcome) -> None:
        if call.ask.op not in ("generate", "stream") or call.ask.tools or call.ask.response_schema:
            raise Refused(f"an LLM is not asked for {call.ask.op} so")
        types = import_module("llama_index.core.base.llms.types")
        made = [types.ChatMessage(role=m.role, content=_text(m.content)) for m in call.ask.messages]
        with unchanged(outcome, made) as asked:
            plain = call.ask.way == "other"
            if call.ask.op == "generate":
                chat = adapter.chat if plain else adapter.achat
                outcome.reply = _reply(await given(chat(asked, **_options(call.ask))))
            else:
                stream = adapter.stream_chat if plain else adapter.astream_chat
                await _stream(
                    each(await given(stream(asked, **_options(call.ask))), plain=plain), Stream(call, outcome)
                )


def _text(content: Any) -> str:
    return content if isinstance(content, str) else "".join(part.text for part in content)


def _options(ask: Ask) -> dict[str, Any]:
    return settings(ask) | only_set(model=ask.model)


async def _stream(answers: Any, stream: Stream) -> None:
    last: Any = None
    async for answer in answers:
        last = answer
        stream.add(answer.delta)
        if stream.enough:
            break
    if stream.call.ask.leave_after is not None:
        await stream.left(answers)
    elif last is not None:
        stream.done(_reply(last))


def _reply(answer: Any) -> Reply:
    """What is not text is in the vendor's own answer."""
    choice = next(iter(of(answer.raw, "choices") or ()), None)
    return Reply(
        text=answer.message.content or "",
        finish_reason=finish_reason(of(choice, "finish_reason")),
        usage=usage(of(answer.raw, "usage")),
        model=of(answer.raw, "model"),
        id=of(answer.raw, "id"),
    )


DRIVER = LlamaIndex()
