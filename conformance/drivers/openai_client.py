"""A bare client of OpenAI's SDK (`openai:AsyncOpenAI`), or one of its shape: judged as if it were the adapter."""

from __future__ import annotations

import inspect
from typing import Any, ClassVar

from conformance.drivers import Call
from conformance.drivers.openai_form import messages, options, reply, streamed, vectors
from conformance.drivers.running import AsyncDriver, Refused, Stream, only_set, unchanged
from conformance.drivers.sdk_errors import sdk_failure
from conformance.trace import Failure, Outcome


class Bare:
    """A client, with the model that every call of it needs."""

    def __init__(self, client: Any, model: str) -> None:
        self.client, self.model = client, model

    def __repr__(self) -> str:
        return repr(self.client)

    async def close(self) -> None:
        await self.client.close()


class OpenAIClient(AsyncDriver):
    host: ClassVar[str] = "openai-sdk"
    parts: ClassVar[tuple[str, ...]] = ("chat", "embeddings", "models", "with_options")

    def recognise(self, target: Any) -> str | None:
        client = target.client if isinstance(target, Bare) else target
        has = all(hasattr(client, name) for name in self.parts)
        asynchronous = inspect.iscoroutinefunction(getattr(client, "close", None))
        return f"an asynchronous client with {', '.join(self.parts)}" if has and asynchronous else None

    def capabilities(self, target: Any) -> dict[str, bool]:
        return {"health": False, "close": True}

    def maker(self, target: Any) -> Any:
        def build(
            base_url: str, api_key: str | None = None, model: str = "m", timeout: float = 10.0, **given: Any
        ) -> Bare:
            return Bare(target(base_url=base_url, timeout=timeout, **only_set(api_key=api_key), **given), model)

        return build if inspect.isclass(target) else target

    def failure(self, exc: BaseException) -> Failure:
        return sdk_failure(exc)

    async def ask(self, adapter: Any, call: Call, outcome: Outcome) -> None:
        client, ask = adapter.client, call.ask
        model = ask.model or adapter.model
        if ask.op == "embed":
            answer = await client.embeddings.create(model=model, input=list(ask.texts))
            outcome.vectors = vectors(answer.data)
        elif ask.op == "list_models":
            outcome.models = [m.id async for m in client.models.list()]
        elif ask.op in ("generate", "stream"):
            with unchanged(outcome, messages(ask)) as asked:
                given = {"model": model, "messages": asked, **options(ask)}
                if ask.op == "generate":
                    answer = await client.chat.completions.create(**given)
                    if getattr(answer, "choices", None):
                        outcome.reply = reply(answer)
                    else:
                        outcome.nonsense = f"an answer must have choices, got {answer!r}"[:300]
                    return
                more = {"stream": True, "stream_options": {"include_usage": True}}
                await streamed(await client.chat.completions.create(**given, **more), Stream(call, outcome))
        else:
            raise Refused(f"a client has no {ask.op}")

    async def close(self, adapter: Any) -> None:
        await adapter.client.close()


DRIVER = OpenAIClient()
