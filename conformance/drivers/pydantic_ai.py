"""The host pydantic-ai: a `Model`, asked by `request` and `request_stream` as an agent asks it."""

from __future__ import annotations

import base64
import inspect
import warnings
from importlib import import_module
from typing import Any, ClassVar, cast

from conformance.ask import Ask
from conformance.contract import Image, Message, Reply, ToolCall, Usage
from conformance.drivers import Call
from conformance.drivers.openai_form import finish_reason
from conformance.drivers.running import AsyncDriver, Refused, Stream, only_set, unchanged
from conformance.drivers.sdk_errors import sdk_failure
from conformance.trace import Failure, Outcome


class PydanticAI(AsyncDriver):
    host: ClassVar[str] = "pydantic-ai"
    methods: ClassVar[tuple[str, ...]] = ("request", "request_stream", "customize_request_parameters")

    def capabilities(self, target: Any) -> dict[str, bool]:
        cls = target if inspect.isclass(target) else type(target)
        owner = next((c for c in cls.__mro__ if "request_stream" in vars(c)), None)
        streams = owner is not None and owner.__module__ != "pydantic_ai.models"
        return {
            "streaming": streams,
            "embeddings": False,
            "model_listing": False,
            "close": False,
            "health": False,
            "timeout": True,
        }

    def maker(self, target: Any) -> Any:
        """A model is given a provider, which has the key and the address: the one of its own that it would infer."""
        parameter = inspect.signature(target).parameters.get("provider")
        if not inspect.isclass(target) or parameter is None or not isinstance(parameter.default, str):
            return target
        made, name = cast("Any", target), parameter.default

        def build(base_url: str, api_key: str | None = None, model: str = "m", **given: Any) -> Any:
            provider = import_module("pydantic_ai.providers").infer_provider_class(name)
            return made(model, provider=provider(**only_set(base_url=base_url, api_key=api_key)), **given)

        return build

    def failure(self, exc: BaseException) -> Failure:
        return sdk_failure(exc)

    async def ask(self, adapter: Any, call: Call, outcome: Outcome) -> None:
        if call.ask.op not in ("generate", "stream"):
            raise Refused(f"a Model has no {call.ask.op}")
        parameters = _parameters(adapter, call.ask)
        with unchanged(outcome, _messages(call.ask)) as messages, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if call.ask.op == "generate":
                outcome.reply = _reply(await adapter.request(messages, _settings(call), parameters))
                return
            stream = Stream(call, outcome)
            async with adapter.request_stream(messages, _settings(call), parameters) as response:
                async for event in response:
                    stream.add(*_delta(event))
                    if stream.enough:
                        break
                else:
                    stream.done(_reply(response.get()))
            if call.ask.leave_after is not None:
                await stream.left()

    async def close(self, adapter: Any) -> None:
        await adapter.client.close()


def _settings(call: Call) -> Any:
    ask = call.ask
    choice = ask.tool_choice
    return only_set(
        timeout=call.timeout,
        temperature=ask.temperature,
        top_p=ask.top_p,
        max_tokens=ask.max_tokens,
        seed=ask.seed,
        stop_sequences=list(ask.stop),
        tool_choice=choice if choice in (None, "auto", "none", "required") else [choice],
        thinking=ask.reasoning_effort,
    )


def _parameters(adapter: Any, ask: Ask) -> Any:
    definition = import_module("pydantic_ai.tools").ToolDefinition
    tools = [
        definition(name=t.name, description=t.description, parameters_json_schema=t.parameters, strict=False)
        for t in ask.tools
    ]
    given: dict[str, Any] = {"function_tools": tools}
    if form := ask.response_schema:
        made = import_module("pydantic_ai.output").OutputObjectDefinition
        given["output_mode"] = "native"
        given["output_object"] = made(json_schema=form.schema, name=form.name, strict=form.strict)
    return import_module("pydantic_ai.models").ModelRequestParameters(**given)


def _messages(ask: Ask) -> list[Any]:
    m = import_module("pydantic_ai.messages")
    names = {c.id: c.name for said in ask.messages for c in said.tool_calls}
    made: list[Any] = []
    for said in ask.messages:
        if said.role == "assistant":
            parts = [m.TextPart(_text(said))] if said.content else []
            parts += [m.ToolCallPart(c.name, dict(c.arguments), tool_call_id=c.id) for c in said.tool_calls]
            made.append(m.ModelResponse(parts=parts))
            continue
        if said.role == "system":
            part = m.SystemPromptPart(_text(said))
        elif said.role == "tool":
            id = said.tool_call_id or ""
            part = m.ToolReturnPart(tool_name=names.get(id, ""), content=_text(said), tool_call_id=id)
        else:
            part = m.UserPromptPart(said.content if isinstance(said.content, str) else _parts(m, said))
        if made and isinstance(made[-1], m.ModelRequest):
            made[-1].parts.append(part)  # an agent sends what belongs together in one request
        else:
            made.append(m.ModelRequest(parts=[part]))
    return made


def _text(said: Message) -> str:
    return said.content if isinstance(said.content, str) else "".join(getattr(p, "text", "") for p in said.content)


def _parts(m: Any, said: Message) -> list[Any]:
    made: list[Any] = []
    for part in said.content:
        if not isinstance(part, Image):
            made.append(part if isinstance(part, str) else part.text)
        elif part.url and part.url.startswith("data:"):
            made.append(m.BinaryContent.from_data_uri(part.url))
        elif part.url:
            made.append(m.ImageUrl(url=part.url))
        else:
            made.append(m.BinaryContent(data=base64.b64decode(part.data or ""), media_type=part.media_type))
    return made


def _delta(event: Any) -> tuple[str | None, str | None]:
    """A part begins with what came first of it, and goes on in deltas."""
    if event.event_kind == "part_start":
        kind, said = event.part.part_kind, getattr(event.part, "content", None)
    elif event.event_kind == "part_delta":
        kind, said = event.delta.part_delta_kind, getattr(event.delta, "content_delta", None)
    else:
        return None, None
    return (said if kind == "text" else None), (said if kind == "thinking" else None)


def _reply(response: Any) -> Reply:
    def joined(kind: str) -> str:
        return "".join(p.content for p in response.parts if p.part_kind == kind)

    calls = [p for p in response.parts if p.part_kind == "tool-call"]
    counts = response.usage
    both = counts.input_tokens and counts.output_tokens
    total = counts.input_tokens + counts.output_tokens if both else None
    told = Usage(counts.input_tokens or None, counts.output_tokens or None, total)  # 0 is what nobody told
    details = response.provider_details or {}
    return Reply(
        text=joined("text"),
        finish_reason=finish_reason(response.finish_reason),
        tool_calls=tuple(ToolCall(c.tool_call_id, c.tool_name, c.args_as_dict()) for c in calls),
        refusal=details.get("refusal"),
        reasoning=joined("thinking") or None,
        usage=told if counts.has_values() else None,
        model=response.model_name,
        id=response.provider_response_id,
    )


DRIVER = PydanticAI()
