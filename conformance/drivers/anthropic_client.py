"""A bare client of Anthropic's SDK (`anthropic:AsyncAnthropic`), or one of its shape."""

from __future__ import annotations

from typing import Any, ClassVar

from conformance.ask import Ask
from conformance.contract import Image, Message, Reply, ToolCall, Usage
from conformance.drivers import Call
from conformance.drivers.openai_client import OpenAIClient
from conformance.drivers.openai_form import finish_reason
from conformance.drivers.running import Refused, Stream, only_set, unchanged
from conformance.trace import Outcome

MAX_TOKENS = 1024  # which the API demands, and nobody asked


class AnthropicClient(OpenAIClient):
    host: ClassVar[str] = "anthropic-sdk"
    parts: ClassVar[tuple[str, ...]] = ("messages", "models", "with_options", "beta")

    def recognise(self, target: Any) -> str | None:
        client = getattr(target, "client", target)
        return None if hasattr(client, "chat") else super().recognise(target)

    def capabilities(self, target: Any) -> dict[str, bool]:
        return {"embeddings": False, "health": False, "close": True, "structured_output": False}

    async def ask(self, adapter: Any, call: Call, outcome: Outcome) -> None:
        client, ask = adapter.client, call.ask
        if ask.response_schema is not None:
            raise Refused("the driver asks for texts and calls")
        if ask.op == "list_models":
            outcome.models = [m.id async for m in client.models.list()]
        elif ask.op in ("generate", "stream"):
            with unchanged(outcome, _request(ask, adapter.model)) as given:
                if ask.op == "generate":
                    outcome.reply = _reply(await client.messages.create(**given))
                else:
                    await _stream(client.messages.stream(**given), Stream(call, outcome))
        else:
            raise Refused(f"a client has no {ask.op}")


def _request(ask: Ask, model: str) -> dict[str, Any]:
    more = only_set(temperature=ask.temperature, top_p=ask.top_p)
    return {
        "model": ask.model or model,
        "max_tokens": MAX_TOKENS if ask.max_tokens is None else ask.max_tokens,
        "messages": [_message(m) for m in ask.messages if m.role != "system"],
        **only_set(
            system="\n\n".join(str(m.content) for m in ask.messages if m.role == "system") or None,
            stop_sequences=list(ask.stop),
            tools=[{"name": t.name, "description": t.description, "input_schema": t.parameters} for t in ask.tools],
            tool_choice=_choice(ask.tool_choice),
            extra_body=more or None,  # which the newest client has no parameters for
        ),
    }


def _choice(choice: str | None) -> dict[str, str] | None:
    if choice is None:
        return None
    known = {"auto": "auto", "none": "none", "required": "any"}
    return {"type": known[choice]} if choice in known else {"type": "tool", "name": choice}


def _message(message: Message) -> dict[str, Any]:
    if message.role == "tool":
        result = {"type": "tool_result", "tool_use_id": message.tool_call_id, "content": message.content}
        return {"role": "user", "content": [result]}
    if isinstance(message.content, str) and not message.tool_calls:
        return {"role": message.role, "content": message.content}
    said = message.content
    parts = ([{"type": "text", "text": said}] if said else []) if isinstance(said, str) else [_part(p) for p in said]
    parts += [{"type": "tool_use", "id": c.id, "name": c.name, "input": dict(c.arguments)} for c in message.tool_calls]
    return {"role": message.role, "content": parts}


def _part(part: Any) -> dict[str, Any]:
    if not isinstance(part, Image):
        return {"type": "text", "text": part.text}
    if part.url:
        return {"type": "image", "source": {"type": "url", "url": part.url}}
    return {"type": "image", "source": {"type": "base64", "media_type": part.media_type, "data": part.data}}


async def _stream(manager: Any, stream: Stream) -> None:
    async with manager as events:
        async for event in events:
            if event.type == "text":
                stream.add(event.text)
            elif event.type == "thinking":
                stream.add(None, event.thinking)
            if stream.enough:
                break
        else:
            stream.done(_reply(await events.get_final_message()))
    if stream.call.ask.leave_after is not None:
        await stream.left()


def _reply(message: Any) -> Reply:
    def joined(kind: str, name: str) -> str:
        return "".join(getattr(block, name) for block in message.content if block.type == kind)

    counts = message.usage
    uses = [block for block in message.content if block.type == "tool_use"]
    return Reply(
        text=joined("text", "text"),
        finish_reason=finish_reason(message.stop_reason),
        tool_calls=tuple(ToolCall(use.id, use.name, use.input) for use in uses),
        reasoning=joined("thinking", "thinking") or None,
        usage=counts and Usage(counts.input_tokens, counts.output_tokens, None),
        model=message.model,
        id=message.id,
    )


DRIVER = AnthropicClient()
