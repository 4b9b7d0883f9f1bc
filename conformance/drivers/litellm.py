"""The host LiteLLM: `litellm.acompletion`, or `completion`, for a model string, and `CustomLLM` handlers, asked by it.

--provider=litellm:openai/gpt-4o       that model, by whose name LiteLLM decides what it can do
--provider=litellm:openai/             any model of that provider: the kit's own
--provider=mypkg:MyCustomLLM           registered in `custom_provider_map` while it is judged
"""

from __future__ import annotations

import importlib
import inspect
import os
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

from conformance.contract import Reply, Usage
from conformance.drivers import Call
from conformance.drivers.openai_form import messages, options, reply, streamed, vectors
from conformance.drivers.running import AsyncDriver, Refused, Stream, unchanged
from conformance.drivers.sdk_errors import sdk_failure
from conformance.drivers.ways import each, given
from conformance.trace import Failure, Outcome

_CUSTOM = "conformance-kit"  # the name under which a handler is registered


class Completion:
    """A model of LiteLLM, with what every call of it is given."""

    def __init__(
        self,
        api_base: str,
        api_key: str | None = None,
        model: str = "kit-model",
        timeout: float = 10.0,
        *,
        prefix: str,
        handler: Any = None,
        **given: Any,
    ) -> None:
        self.prefix, self.model, self.handler = prefix, model, handler
        self._given = {"api_base": api_base, "timeout": timeout, **given}
        if api_key is not None:
            self._given["api_key"] = api_key

    def __repr__(self) -> str:
        return f"litellm:{self.prefix}/{self.model}"

    def arguments(self, model: str | None) -> dict[str, Any]:
        return {"model": f"{self.prefix}/{model or self.model}", **self._given}


class LiteLLM(AsyncDriver):
    host: ClassVar[str] = "litellm"
    methods: ClassVar[tuple[str, ...]] = ("completion", "streaming", "acompletion", "astreaming")

    both_ways: ClassVar[bool] = True

    def find(self, module: str, attribute: str) -> Any:
        """`litellm:openai/gpt-4o` is no attribute of the module."""
        if module != "litellm" or "/" not in attribute:
            return None
        _host()
        prefix, _, model = attribute.partition("/")
        made = _factory(prefix)
        made.conformance_kwargs = {"model": model} if model else {}
        return made

    def recognise(self, target: Any) -> str | None:
        if isinstance(target, Completion):
            return "a model string of litellm"
        return super().recognise(target)

    def capabilities(self, target: Any) -> dict[str, bool]:
        handler = target.handler if isinstance(target, Completion) else target
        flags = {"embeddings": handler is None, "both_ways": handler is None or _has_both(handler)}
        return {**flags, "model_listing": False, "close": False, "health": False, "images": True}

    def maker(self, target: Any) -> Any:
        return _factory(_CUSTOM, target) if inspect.isclass(target) else target

    def failure(self, exc: BaseException) -> Failure:
        return sdk_failure(exc)

    async def ask(self, adapter: Any, call: Call, outcome: Outcome) -> None:
        litellm = _host()
        if adapter.handler is not None:
            litellm.custom_provider_map = [{"provider": adapter.prefix, "custom_handler": adapter.handler}]
            litellm.utils.custom_llm_setup()
        ask, arguments = call.ask, adapter.arguments(call.ask.model)
        if ask.op == "embed":
            answer = await litellm.aembedding(input=list(ask.texts), **arguments)
            outcome.vectors = vectors(answer.data)
        elif ask.op in ("generate", "stream"):
            with unchanged(outcome, messages(ask)) as asked:
                plain = ask.way == "other"
                method = litellm.completion if plain else litellm.acompletion
                complete = partial(method, messages=asked, **arguments, **options(ask))
                if ask.op == "generate":
                    outcome.reply = _counted(reply(await given(complete())))
                else:
                    chunks = await given(complete(stream=True, stream_options={"include_usage": True}))
                    await streamed(each(chunks, plain=plain), Stream(call, outcome), _counted)
        else:
            raise Refused(f"litellm is not asked for {ask.op} here")

    async def close(self, adapter: Any) -> None:
        """Its clients are kept for the next call, but belong to this loop."""
        litellm = _host()
        await litellm.close_litellm_async_clients()
        litellm.in_memory_llm_clients_cache.flush_cache()


def _host() -> Any:
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")  # else importing it downloads a list of prices
    return importlib.import_module("litellm")


def _factory(prefix: str, handler: Any = None) -> Any:
    def build(api_base: str, api_key: str | None = None, model: str = "m", timeout: float = 10.0, **given: Any) -> Any:
        made = handler() if handler else None
        return Completion(api_base, api_key, model, timeout, prefix=prefix, handler=made, **given)

    return build


def _has_both(handler: Any) -> bool:
    """Whether what it answers in one way it answers in the other: the methods of the base class only refuse."""
    cls = handler if inspect.isclass(handler) else type(handler)
    owners = {name: next((c for c in cls.__mro__ if name in vars(c)), cls) for name in LiteLLM.methods}
    own = {name: not owner.__module__.startswith("litellm.") for name, owner in owners.items()}
    return all(own[name] == own[f"a{name}"] for name in ("completion", "streaming"))


def _counted(reply: Reply) -> Reply:
    """Its counts are never None: 0 is what nobody told."""
    u = reply.usage
    told = u and Usage(u.input_tokens or None, u.output_tokens or None, u.total_tokens or None)
    return replace(reply, usage=told if told and told != Usage() else None)


DRIVER = LiteLLM()
