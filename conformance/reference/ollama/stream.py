"""A stream of lines as the contract's events: deltas as they come, then one `Done` with everything."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

from conformance.contract import Done, Event, ProviderError, ReasoningDelta, Reply, TextDelta, ToolCall
from conformance.reference.ollama.reply import ParsesOllamaReplies
from conformance.reference.wire.ndjson import Lines
from conformance.reference.wire.patience import Awaited, arriving


@dataclass
class Answer(Awaited):
    """What has come so far."""

    text: list[str] = field(default_factory=list)
    reasoning: list[str] = field(default_factory=list)
    calls: list[ToolCall] = field(default_factory=list)
    last: dict[str, Any] | None = None  # the line that is done


class ReadsOllamaStreams(ParsesOllamaReplies):
    async def events(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[Event]:
        answer, lines = Answer(), Lines()
        async for chunk in arriving(chunks, answer, self.timeout):
            for line in lines.feed(chunk):
                for event in self.take(answer, line):
                    yield event
                if answer.last is not None:
                    yield Done(self.finished(answer))
                    return
        for line in lines.end():
            for event in self.take(answer, line):
                yield event
        yield Done(self.finished(answer))

    def take(self, answer: Answer, line: bytes) -> Iterator[Event]:
        answer.waited = 0.0
        data = self.parsed(line, "a line of the stream")
        if not isinstance(data, dict):
            raise self.malformed("a line of the stream that is not an object")
        if data.get("error"):
            raise self.error(None, {}, json.dumps(data).encode())
        message = self.message_of(data)
        if thinking := self.text_of(message, "thinking"):
            answer.reasoning.append(thinking)
            yield ReasoningDelta(thinking)
        if text := self.text_of(message, "content"):
            answer.text.append(text)
            yield TextDelta(text)
        answer.calls.extend(self.tool_calls(message.get("tool_calls")))
        if data.get("done") is True:
            answer.last = data

    def finished(self, answer: Answer) -> Reply:
        """The end of the connection is not the end of the answer: a line must have said that it is done."""
        if answer.last is None:
            raise ProviderError(
                f"{self.name}: the stream ended before its answer was complete", kind="network", provider=self.name
            )
        calls = tuple(answer.calls)
        return Reply(
            text="".join(answer.text),
            finish_reason=self.finish(answer.last.get("done_reason"), calls),
            tool_calls=calls,
            reasoning="".join(answer.reasoning) or None,
            usage=self.usage(answer.last),
            model=self.optional(answer.last.get("model")),
        )
