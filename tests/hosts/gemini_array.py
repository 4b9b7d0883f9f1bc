"""The reference adapter without `alt=sse`: it reads a stream as what Google sends then, one JSON array."""

from __future__ import annotations

import json
from codecs import getincrementaldecoder
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx

from conformance.contract import Done, Event
from conformance.reference import Gemini
from conformance.reference.gemini.stream import Answer
from conformance.reference.wire.patience import arriving

WHITE = " \r\n\t"


class GeminiArray(Gemini):
    def route(self, model: str | None, method: str) -> str:
        return super().route(model, method).removesuffix("?alt=sse")

    def is_event_stream(self, response: httpx.Response) -> bool:
        return response.headers.get("content-type", "").startswith("application/json")

    async def events(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[Event]:
        answer, text, decoder = Answer(), "", getincrementaldecoder("utf-8")()
        async for chunk in arriving(chunks, answer, self.timeout):
            try:
                text = (text + decoder.decode(chunk)).lstrip(WHITE)
            except ValueError:
                raise self.malformed("a stream that is not UTF-8") from None
            found, text = self.elements(text)
            for element in found:
                answer.waited = 0.0
                for event in self.chunk(answer, element):
                    yield event
        if text.strip(WHITE + ",[]"):
            raise self.unexpected(text.encode())
        yield Done(self.finished(answer))

    def elements(self, text: str) -> tuple[list[Any], str]:
        """What is whole, and the rest."""
        found = list(self.whole(text))
        return [value for value, _ in found], text[found[-1][1] :] if found else text

    def whole(self, text: str) -> Iterator[tuple[Any, int]]:
        at = 0
        while True:
            while at < len(text) and text[at] in WHITE + ",[":
                at += 1
            if text[at : at + 1] != "{" and text[at : at + 1] != '"':
                return
            try:
                value, at = json.JSONDecoder().raw_decode(text, at)
            except ValueError:
                return
            yield value, at
