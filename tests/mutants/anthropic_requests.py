"""Lies of requests in Anthropic's Messages API."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from conformance.contract import (
    Image,
    Message,
    Request,
    Text,
    Tool,
)
from conformance.reference import AnthropicMessages
from tests.mutants import mutant

REJECTED = "the real API would reject this request"


@mutant(kills="ANT-001", says="the header anthropic-version is wrong")
class KnowsNoVersions(AnthropicMessages):
    """Does not say which version of the API it speaks."""

    def headers(self) -> dict[str, str]:
        return {name: value for name, value in super().headers().items() if name != "anthropic-version"}


@mutant(kills="ANT-001", says="the header anthropic-version is wrong")
class ListsModelsWithoutAVersion(AnthropicMessages):
    """Names the version only where a message is created."""

    async def list_models(self) -> Sequence[str]:
        with_version = AnthropicMessages.headers(self)
        self.headers = lambda: {k: v for k, v in with_version.items() if k != "anthropic-version"}  # type: ignore[method-assign]
        return await super().list_models()


@mutant(kills="ANT-002", says=REJECTED)
class SendsEmptyBlocks(AnthropicMessages):
    """Sends a block for each part, empty or not."""

    def content(self, content: str | Sequence[Text | Image]) -> list[dict[str, Any]]:
        return [self.part(p) for p in ([Text(content)] if isinstance(content, str) else content)]


@mutant(kills="ANT-003", says=REJECTED)
class LeavesTheEndAlone(AnthropicMessages):
    """Sends the white space at the end of a last turn of the assistant."""

    def ended(self, turns: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return turns


@mutant(kills="ANT-004", says=REJECTED)
class StopsAtNewlines(AnthropicMessages):
    """Sends a newline as a stop sequence, as other APIs take it."""

    def stop(self, sequences: Sequence[str]) -> list[str] | None:
        return list(sequences) or None


@mutant(kills="ANT-005", says=REJECTED)
class BelievesTheLabel(AnthropicMessages):
    """Sends the media type of an image as it was told."""

    def part(self, part: Text | Image) -> dict[str, Any]:
        made = super().part(replace(part, media_type="image/png") if isinstance(part, Image) else part)
        if isinstance(part, Image) and not part.url:
            made["source"]["media_type"] = part.media_type
        return made


@mutant(kills="ANT-006", says=REJECTED)
class SendsASeed(AnthropicMessages):
    """Sends a seed as other APIs have it."""

    def options(self, request: Request) -> dict[str, Any]:
        return {**super().options(request), "seed": request.seed}


@mutant(kills="ANT-007", says=REJECTED)
class SendsIdsOfOthers(AnthropicMessages):
    """Sends ids of calls as another provider made them."""

    def id(self, id: str) -> str:
        return id


@mutant(kills="ANT-007", says=REJECTED)
class MixesUpIds(AnthropicMessages):
    """Writes two ids alike that differ in what is rejected."""

    def id(self, id: str) -> str:
        return "".join(c if c.isalnum() or c in "-_" else "_" for c in id)


@mutant(kills="REQ-001", says=REJECTED)
class NamesNoLimit(AnthropicMessages):
    """Sends a limit of tokens only where one was asked for."""

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        body = super().payload(request, stream=stream)
        return body if request.max_tokens is not None else {k: v for k, v in body.items() if k != "max_tokens"}


@mutant(kills="REQ-004", says="messages is not sent as asked")
class ForgetsTheSystem(AnthropicMessages):
    """Leaves the system prompt, which is no message here, out."""

    def system(self, messages: Sequence[Message]) -> str:
        return ""


@mutant(kills="REQ-002", says=REJECTED)
class KeepsTheSystemAmongTheMessages(AnthropicMessages):
    """Sends the system prompt as the first message."""

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        body = super().payload(request, stream=stream)
        if system := body.pop("system", None):
            body["messages"].insert(0, {"role": "system", "content": system})
        return body


@mutant(kills="REQ-012", says=REJECTED)
class AnswersAfterTheUser(AnthropicMessages):
    """Puts the results of tools behind what the user says next."""

    def messages(self, messages: Sequence[Message]) -> list[dict[str, Any]]:
        turns = super().messages(messages)
        for turn in turns:
            turn["content"].sort(key=lambda block: block["type"] == "tool_result")
            if turn["role"] == "user" and turn["content"][0]["type"] == "tool_result":
                turn["content"].insert(0, {"type": "text", "text": "The results:"})
        return turns


@mutant(kills="REQ-002", says=REJECTED)
class OffersFunctions(AnthropicMessages):
    """Sends tools in OpenAI's form."""

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        body = super().payload(request, stream=stream)
        if request.tools:
            body["tools"] = [self.function(t) for t in request.tools]
        return body

    def function(self, tool: Tool) -> dict[str, Any]:
        return {"type": "function", "function": {"name": tool.name, "parameters": tool.parameters}}


@mutant(kills="SCH-001", says="response_schema is not sent")
class AsksForAFormAsOpenAI(AnthropicMessages):
    """Asks for the form of the answer under OpenAI's name."""

    def options(self, request: Request) -> dict[str, Any]:
        asked = request.response_schema
        form = asked and {"type": "json_schema", "json_schema": {"name": asked.name, "schema": asked.schema}}
        return {**super().options(replace(request, response_schema=None)), "response_format": form}


@mutant(kills="SCH-002", says="response_schema is not sent as asked")
class LeavesDefinitionsOut(AnthropicMessages):
    """Leaves the definitions of a schema out."""

    def output(self, request: Request) -> dict[str, Any]:
        made = super().output(request)
        if "format" in made:
            made["format"]["schema"] = {k: v for k, v in made["format"]["schema"].items() if k != "$defs"}
        return made


@mutant(kills="SCH-005", says="the host's request was changed")
class TitlesTheSchema(AnthropicMessages):
    """Gives the host's schema a title."""

    def output(self, request: Request) -> dict[str, Any]:
        made = copy.deepcopy(super().output(request))
        if asked := request.response_schema:
            asked.schema.setdefault("title", asked.name)
        return made


@mutant(kills="RSN-009", says="reasoning_effort is not sent")
class SendsEffortOnlyWithAForm(AnthropicMessages):
    """Forgets the effort where no form of the answer is asked for."""

    def output(self, request: Request) -> dict[str, Any]:
        return super().output(request) if request.response_schema else {}


@mutant(kills="REQ-011", says="tool_choice is not sent")
class StripsToolsForNone(AnthropicMessages):
    """Leaves tools and choice out where no tool may be called."""

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        none = request.tool_choice == "none"
        return super().payload(replace(request, tools=(), tool_choice=None) if none else request, stream=stream)


@mutant(kills="AUT-001", says="the key is sent in more than one place")
class SendsTheKeyInBothHeaders(AnthropicMessages):
    """Sends the key in both of its headers, to be sure."""

    def auth(self, key: str) -> dict[str, str]:
        return {"x-api-key": key, "Authorization": f"Bearer {key}"}
