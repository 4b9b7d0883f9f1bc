"""Lies about structured output and reasoning of Gemini."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conformance.contract import JSONSchema, Reply, Request
from conformance.reference import Gemini
from tests.mutants import mutant

NOT_AS_ASKED = "response_schema is not sent as asked"
REJECTED = "the real API would reject this request"


def without(name: str, node: Any) -> Any:
    if isinstance(node, dict):
        return {k: without(name, v) for k, v in node.items() if k != name}
    return [without(name, n) for n in node] if isinstance(node, list) else node


@mutant(kills="SCH-001", says=REJECTED)
class SendsNoTypeOfTheAnswer(Gemini):
    """Sends a schema without the type of the answer, without which the API rejects it."""

    def form(self, asked: JSONSchema | None) -> dict[str, Any]:
        return {"responseJsonSchema": asked.schema} if asked else {}


@mutant(kills="SCH-001", says=NOT_AS_ASKED)
class AsksForAnyJSONOfGemini(Gemini):
    """Asks for JSON of any form in place of the schema's."""

    def form(self, asked: JSONSchema | None) -> dict[str, Any]:
        return {"responseMimeType": "application/json"} if asked else {}


@mutant(kills="SCH-001", says=REJECTED)
class WritesAnySchemaOfAnAnswer(Gemini):
    """Sends the schema of an answer as if it were one of the API's subset."""

    def form(self, asked: JSONSchema | None) -> dict[str, Any]:
        return {"responseMimeType": "application/json", "responseSchema": asked.schema} if asked else {}


@mutant(kills="SCH-002", says=NOT_AS_ASKED)
class LosesAlternatives(Gemini):
    """Takes anyOf out of a schema."""

    def form(self, asked: JSONSchema | None) -> dict[str, Any]:
        made = super().form(asked)
        return {**made, "responseJsonSchema": without("anyOf", made["responseJsonSchema"])} if made else made


@mutant(kills="SCH-005", says="the host's request was changed")
class ClosesNothing(Gemini):
    """Takes additionalProperties out of the host's own schema."""

    def form(self, asked: JSONSchema | None) -> dict[str, Any]:
        if asked:
            asked.schema.pop("additionalProperties", None)
        return super().form(asked)


@mutant(kills="SCH-009", says="a failure was returned as an answer")
class FillsAStoppedAnswer(Gemini):
    """Gives an empty object where the filter stopped an answer."""

    async def generate(self, request: Request) -> Reply:
        reply = await super().generate(request)
        stopped = request.response_schema is not None and reply.finish_reason == "content_filter"
        return replace(reply, text="{}", finish_reason="stop") if stopped and "{" not in reply.text else reply


@mutant(kills="RSN-007", says="the reply's text is wrong")
class AnswersWithCutThoughts(Gemini):
    """Gives the thoughts as the text where the limit came before any other."""

    def reply(self, data: Any) -> Reply:
        reply = super().reply(data)
        return replace(reply, text=reply.text or reply.reasoning or "") if reply.finish_reason == "length" else reply


@mutant(kills="RSN-009", says="reasoning_effort is not sent")
class KeepsTheEffort(Gemini):
    """Asks for thoughts to be shown, and not for the effort."""

    def thinking(self, effort: str | None) -> dict[str, Any] | None:
        return {"includeThoughts": True} if effort else None


@mutant(kills="RSN-009", says=REJECTED)
class ThinksAsAtOpenAI(Gemini):
    """Sends the effort by its name at OpenAI."""

    def options(self, request: Request) -> dict[str, Any]:
        return {**super().options(request), "thinkingConfig": None, "reasoningEffort": request.reasoning_effort}


@mutant(kills="RSN-010", says="reasoning_effort is sent although nobody asked for it")
class AlwaysThinks(Gemini):
    """Sets a budget for thoughts that nobody asked for."""

    def thinking(self, effort: str | None) -> dict[str, Any] | None:
        return super().thinking(effort or "low")
