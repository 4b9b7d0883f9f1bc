"""Lies about structured output."""

from __future__ import annotations

import copy
import json
from contextlib import suppress
from dataclasses import replace
from typing import Any

from conformance.contract import JSONSchema, ProviderError, Reply, Request
from conformance.reference import OpenAIChat
from tests.mutants import mutant

Format = dict[str, Any] | None


@mutant(kills="SCH-001", says="response_schema is not sent")
class KeepsTheSchema(OpenAIChat):
    """Sends no schema."""

    def response_format(self, asked: JSONSchema | None) -> Format:
        return None


@mutant(kills="SCH-001", says="response_schema is not sent")
class KeepsTheSchemaOfStreams(OpenAIChat):
    """Sends no schema where it streams."""

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        return super().payload(replace(request, response_schema=None) if stream else request, stream=stream)


@mutant(kills="SCH-001", says="the real API would reject this request")
class SendsTheBareSchema(OpenAIChat):
    """Sends the schema where its description with name and strictness belongs."""

    def response_format(self, asked: JSONSchema | None) -> Format:
        return asked and {"type": "json_schema", "json_schema": asked.schema}  # type: ignore[return-value]


@mutant(kills="SCH-001", says="response_schema is not sent as asked")
class AsksForAnyJSON(OpenAIChat):
    """Asks for JSON of any form in place of the schema's."""

    def response_format(self, asked: JSONSchema | None) -> Format:
        return asked and {"type": "json_object"}  # type: ignore[return-value]


@mutant(kills="SCH-002", says="response_schema is not sent as asked")
class LeavesDefinitionsOut(OpenAIChat):
    """Leaves the definitions of a schema out."""

    def response_format(self, asked: JSONSchema | None) -> Format:
        kept = asked and replace(asked, schema={k: v for k, v in asked.schema.items() if k != "$defs"})
        return super().response_format(kept)


@mutant(kills="SCH-002", says="response_schema is not sent as asked")
class CleansKeywords(OpenAIChat):
    """Leaves the keywords of a schema out that strict ones may not have, where it is not strict."""

    def response_format(self, asked: JSONSchema | None) -> Format:
        kept = asked and replace(asked, schema={k: v for k, v in asked.schema.items() if not k.startswith("$s")})
        return super().response_format(kept)


@mutant(kills="SCH-003", says="response_schema is not sent as asked")
class AlwaysStrict(OpenAIChat):
    """Says of every schema that it is strict."""

    def response_format(self, asked: JSONSchema | None) -> Format:
        return super().response_format(asked and replace(asked, strict=True))


@mutant(kills="SCH-004", says="response_schema is sent although nobody asked for it")
class AlwaysWantsJSON(OpenAIChat):
    """Asks for JSON where nobody did."""

    def response_format(self, asked: JSONSchema | None) -> Format:
        return super().response_format(asked) or {"type": "json_object"}


@mutant(kills="SCH-005", says="the host's request was changed")
class WritesIntoTheSchema(OpenAIChat):
    """Gives the host's schema a title."""

    def response_format(self, asked: JSONSchema | None) -> Format:
        made = copy.deepcopy(super().response_format(asked))
        if asked:
            asked.schema.setdefault("title", asked.name)
        return made


@mutant(kills="SCH-006", says="the reply's text is wrong")
class LooksForFences(OpenAIChat):
    """Takes what stands between two fences for the JSON, even where they are part of the data."""

    def text(self, content: Any) -> str:
        text = super().text(content)
        return text.split("```")[1] if text.startswith("{") and text.count("```") > 1 else text


@mutant(kills="SCH-006", says="the reply's text is wrong")
class WritesJSONAnew(OpenAIChat):
    """Reads the JSON, and writes it in a form of its own."""

    async def generate(self, request: Request) -> Reply:
        reply = await super().generate(request)
        with suppress(ValueError):
            return replace(reply, text=json.dumps(json.loads(reply.text))) if request.response_schema else reply
        return reply


@mutant(kills="SCH-007", says="the reply's text is wrong")
class StripsHalfAFence(OpenAIChat):
    """Takes away the beginning of a fence, and not its end."""

    def text(self, content: Any) -> str:
        return super().text(content).removeprefix("```json\n")


@mutant(kills="SCH-008", says="the reply's text is wrong")
class MendsJSON(OpenAIChat):
    """Closes JSON that was cut."""

    def reply(self, data: Any) -> Reply:
        reply = super().reply(data)
        cut = reply.finish_reason == "length" and reply.text.startswith("{")
        return replace(reply, text=f'{reply.text}"]}}') if cut else reply


@mutant(kills="SCH-008", says="the finish reason is wrong")
class CallsCutJSONWhole(OpenAIChat):
    """Says of JSON that was cut that the model stopped by itself."""

    async def generate(self, request: Request) -> Reply:
        reply = await super().generate(request)
        cut = request.response_schema and reply.finish_reason == "length"
        return replace(reply, finish_reason="stop") if cut else reply


@mutant(kills="SCH-009", says="the refusal is wrong")
class RefusesWithAnEmptyObject(OpenAIChat):
    """Turns a refusal into an empty object where JSON was asked for."""

    async def generate(self, request: Request) -> Reply:
        reply = await super().generate(request)
        return replace(reply, text="{}", refusal=None) if request.response_schema and reply.refusal else reply


@mutant(kills="SCH-010", says="the finish reason is wrong")
class HidesTheFilterOfJSON(OpenAIChat):
    """Says of JSON that a filter stopped that the model stopped by itself."""

    async def generate(self, request: Request) -> Reply:
        reply = await super().generate(request)
        filtered = request.response_schema and reply.finish_reason == "content_filter"
        return replace(reply, finish_reason="stop") if filtered else reply


@mutant(kills="SCH-011", says="a failure was returned as an answer")
class TriesWithoutTheSchema(OpenAIChat):
    """Asks again without the schema where the API rejects it."""

    async def generate(self, request: Request) -> Reply:
        try:
            return await super().generate(request)
        except ProviderError as exc:
            if exc.kind != "invalid_request" or request.response_schema is None:
                raise
            return await super().generate(replace(request, response_schema=None))


@mutant(kills="SCH-012", says="the provider's own message is lost")
class KnowsSchemasBetter(OpenAIChat):
    """Says in its own words that a schema was rejected."""

    async def generate(self, request: Request) -> Reply:
        try:
            return await super().generate(request)
        except ProviderError as exc:
            if request.response_schema is not None:
                exc.args = ("the schema is not valid",)
            raise


@mutant(kills="SCH-013", says="response_schema is not sent")
class ToolsOrSchema(OpenAIChat):
    """Sends no schema beside tools."""

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        return super().payload(replace(request, response_schema=None) if request.tools else request, stream=stream)


@mutant(kills="SCH-014", says="response_schema is not sent as asked")
class LabelsWithoutDashes(OpenAIChat):
    """Writes the names of schemas in small letters and underscores."""

    def label(self, name: str) -> str:
        return super().label(name).replace("-", "_").lower()


@mutant(kills="SCH-015", says="the real API would reject this request")
class TakesAnyLabel(OpenAIChat):
    """Sends the name of a schema whatever it is."""

    def label(self, name: str) -> str:
        return name
