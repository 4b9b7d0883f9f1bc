"""A LAIOS client for the OpenAI chat API on httpx. Not derived from the host's LLMClient, which it does not import."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx

from conformance.contract import Event, Message, Reply, Request, TextDelta, Usage
from conformance.reference.openai_chat.request import BuildsRequests
from conformance.reference.openai_chat.stream import Answer, ReadsStreams
from conformance.reference.wire.http import SpeaksHTTP
from conformance.reference.wire.patience import Awaited, arrived
from conformance.reference.wire.sse import EventStream


class LLMMessage(Protocol):
    role: Any
    content: str


@dataclass
class LLMResponse:
    """`content` is a text always: what is none is raised."""

    content: str
    model: str
    finish_reason: str | None = None
    usage: dict[str, int] | None = None
    metadata: dict[str, Any] = field(default_factory=dict)


class LaiosOpenAI(BuildsRequests, ReadsStreams, SpeaksHTTP):
    """Any server that speaks the OpenAI chat API. An empty `api_key` sends none; None reads OPENAI_API_KEY."""

    name = "laios-openai"

    def __init__(
        self,
        model: str = "gpt-4o-mini",
        api_key: str | None = None,
        base_url: str = "https://api.openai.com/v1",
        timeout: float = 60.0,
    ) -> None:
        self.model = model
        self.api_key = self.key(api_key)
        self.base_url = base_url
        self.timeout = timeout

    def generate(
        self, messages: Sequence[LLMMessage], temperature: float = 0.7, max_tokens: int = 2048, **kwargs: Any
    ) -> LLMResponse:
        body = self.body(messages, temperature, max_tokens, kwargs, stream=False)
        with self.open(body) as response:
            whole = b"".join(arrived(response.iter_bytes(), Awaited(), self.timeout))
            return self.response(self.reply(self.decoded(whole)))

    def generate_with_system(
        self, system_prompt: str, user_message: str, temperature: float = 0.7, max_tokens: int = 2048, **kwargs: Any
    ) -> LLMResponse:
        messages = [Message("system", system_prompt), Message("user", user_message)]
        return self.generate(messages, temperature, max_tokens, **kwargs)  # type: ignore[arg-type]

    def generate_stream(
        self, messages: Sequence[LLMMessage], temperature: float = 0.7, max_tokens: int = 2048, **kwargs: Any
    ) -> Iterator[str]:
        """The texts as they come; a stream that was cut raises at its end, for that is all it can say."""
        body = self.body(messages, temperature, max_tokens, kwargs, stream=True)
        with self.open(body) as response:
            if not self.is_event_stream(response):
                raise self.unexpected(response.read())
            answer = Answer()
            for event in self.all_events(answer, response):
                if isinstance(event, TextDelta):
                    yield event.text
            self.speaking(self.finished(answer))

    def count_tokens(self, text: str) -> int:
        return len(text) // 4

    # --- one exchange ----------------------------------------------------------------------

    def body(
        self,
        messages: Sequence[LLMMessage],
        temperature: float,
        max_tokens: int,
        more: dict[str, Any],
        *,
        stream: bool,
    ) -> dict[str, Any]:
        asked = [Message(m.role, m.content) for m in messages]
        return self.payload(Request(asked, temperature=temperature, max_tokens=max_tokens), stream=stream) | more

    @contextmanager
    def open(self, body: dict[str, Any]) -> Iterator[httpx.Response]:
        """The answer, its body unread; anything but success raises."""
        with self.transport_errors(), httpx.Client(timeout=self.timeout) as client:
            url, content = self.url("/chat/completions"), self.encoded(body)
            with client.stream("POST", url, headers=self.headers(), content=content) as response:
                if not response.is_success:
                    raise self.error(response.status_code, response.headers, response.read())
                yield response

    def all_events(self, answer: Answer, response: httpx.Response) -> Iterator[Event]:
        sse = EventStream()
        for chunk in arrived(response.iter_bytes(), answer, self.timeout):
            for name, data in sse.feed(chunk):
                yield from self.take(answer, name, data)
            if answer.done:
                return
        for name, data in sse.end():
            yield from self.take(answer, name, data)

    # --- what the host can hold ------------------------------------------------------------

    def speaking(self, reply: Reply) -> Reply:
        """An empty content would hide why there is none."""
        if not reply.text and (reply.refusal or reply.tool_calls):
            raise self.malformed(f"an answer without a text: {reply.refusal or 'tool calls'}")
        return reply

    def response(self, reply: Reply) -> LLMResponse:
        told, usage = self.speaking(reply), reply.usage or Usage()
        counts = {
            "prompt_tokens": usage.input_tokens,
            "completion_tokens": usage.output_tokens,
            "total_tokens": usage.total_tokens,
        }
        return LLMResponse(
            content=told.text,
            model=told.model or self.model,
            finish_reason=None if told.finish_reason == "unknown" else told.finish_reason,
            usage={name: count for name, count in counts.items() if count is not None} or None,
        )
