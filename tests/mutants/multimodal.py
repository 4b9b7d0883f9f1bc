"""Lies about images."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import httpx

from conformance.contract import Image, Message, Request, Text
from conformance.reference import OpenAIChat
from tests.mutants import mutant

CHANGED = "messages is not sent as asked"
Part = dict[str, Any]


@mutant(kills="MUL-001", says=CHANGED)
class KnowsTwoKindsOfImages(OpenAIChat):
    """Calls every image a PNG that is no JPEG."""

    def part(self, part: Text | Image) -> Part:
        if isinstance(part, Image) and part.media_type != "image/jpeg":
            part = replace(part, media_type="image/png")
        return super().part(part)


@mutant(kills="MUL-002", says=CHANGED)
class StripsOnePad(OpenAIChat):
    """Leaves the padding of an image's data out where it is one character."""

    def part(self, part: Text | Image) -> Part:
        if isinstance(part, Image) and part.data and not part.data.endswith("=="):
            part = replace(part, data=part.data.rstrip("="))
        return super().part(part)


@mutant(kills="MUL-003", says=CHANGED)
class CutsTheQuery(OpenAIChat):
    """Sends the URL of an image without its query."""

    def part(self, part: Text | Image) -> Part:
        if isinstance(part, Image) and part.url:
            part = replace(part, url=part.url.partition("?")[0])
        return super().part(part)


@mutant(kills="MUL-003", says=CHANGED)
class UnquotesURLs(OpenAIChat):
    """Sends the URL of an image with its percent signs resolved."""

    def part(self, part: Text | Image) -> Part:
        return super().part(replace(part, url=unquote(part.url)) if isinstance(part, Image) and part.url else part)


@mutant(kills="MUL-004", says="the adapter tried to reach example.com")
class FetchesImages(OpenAIChat):
    """Looks whether the URL of an image leads anywhere."""

    def part(self, part: Text | Image) -> Part:
        if isinstance(part, Image) and part.url and part.url.startswith("http"):
            with suppress(Exception):
                httpx.head(part.url, timeout=1)
        return super().part(part)


@mutant(kills="MUL-005", says=CHANGED)
class SendsEqualImagesOnce(OpenAIChat):
    """Sends an image that comes twice in a message once."""

    def message(self, message: Message) -> dict[str, Any]:
        if isinstance(message.content, str):
            return super().message(message)
        return super().message(replace(message, content=list(dict.fromkeys(message.content))))


@mutant(kills="MUL-005", says=CHANGED)
class TakesTwoImages(OpenAIChat):
    """Sends two images of a message at most."""

    def message(self, message: Message) -> dict[str, Any]:
        if isinstance(message.content, str):
            return super().message(message)
        images = [i for i, p in enumerate(message.content) if isinstance(p, Image)]
        kept = [p for i, p in enumerate(message.content) if i not in images[2:]]
        return super().message(replace(message, content=kept))


@mutant(kills="MUL-006", says=CHANGED)
class ForgetsEarlierImages(OpenAIChat):
    """Sends the images of the last message only."""

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        earlier = [without_images(m) for m in request.messages[:-1]]
        return super().payload(replace(request, messages=[*earlier, *request.messages[-1:]]), stream=stream)


@mutant(kills="MUL-007", says="messages is not sent")
class AlwaysLooksClosely(OpenAIChat):
    """Asks for every image in high detail."""

    def part(self, part: Text | Image) -> Part:
        wire = super().part(part)
        if isinstance(part, Image):
            wire["image_url"]["detail"] = "high"
        return wire


@mutant(kills="MUL-008", says=CHANGED)
class CutsLargeImages(OpenAIChat):
    """Sends half a megabyte of an image at most."""

    def part(self, part: Text | Image) -> Part:
        return super().part(replace(part, data=part.data[: 2**19]) if isinstance(part, Image) and part.data else part)


@mutant(kills="MUL-009", says="the real API would reject this request")
class WrapsEveryURI(OpenAIChat):
    """Takes a data URI for the data of an image."""

    def part(self, part: Text | Image) -> Part:
        if isinstance(part, Image) and part.url and part.url.startswith("data:"):
            part = Image(data=part.url, media_type=part.media_type)
        return super().part(part)


@mutant(kills="MUL-010", says=CHANGED)
class StreamsWithoutImages(OpenAIChat):
    """Sends no images where it streams."""

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        if stream:
            request = replace(request, messages=[without_images(m) for m in request.messages])
        return super().payload(request, stream=stream)


def without_images(message: Message) -> Message:
    if isinstance(message.content, str):
        return message
    return replace(message, content=[p for p in message.content if not isinstance(p, Image)])
