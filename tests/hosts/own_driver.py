"""A host of one's own, as docs/hosts/your-own.md shows it: everything that it takes to be judged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from conformance.contract import Reply, Usage
from conformance.drivers.openai_form import finish_reason, messages
from conformance.drivers.running import AsyncDriver, Refused, Stream
from conformance.drivers.sdk_errors import sdk_failure


class Parrot(AsyncDriver):
    host = "parrot"
    methods = ("say", "chat")  # by which its adapters are told
    profile = str(Path(__file__).with_name("own_driver.yaml"))

    def capabilities(self, target: Any) -> dict[str, bool]:
        return dict.fromkeys(
            ("tools", "images", "structured_output", "embeddings", "model_listing", "close", "health"), False
        )

    def failure(self, exc: BaseException) -> Any:
        return sdk_failure(exc)

    async def ask(self, adapter: Any, call: Any, outcome: Any) -> None:
        if call.ask.op == "generate":
            answer = await adapter.say(messages(call.ask))
            counts = Usage(*answer["tokens"]) if answer["tokens"] else None
            outcome.reply = Reply(answer["text"], finish_reason(answer["why"]), usage=counts)
        elif call.ask.op == "stream":
            stream = Stream(call, outcome)
            async for text in adapter.chat(messages(call.ask)):
                stream.add(text)
            stream.done(Reply("".join(e.text for e in outcome.events)))
        else:
            raise Refused(f"a parrot has no {call.ask.op}")
