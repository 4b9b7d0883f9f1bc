"""Lies about what is asked of Gemini: faults that are typical of its adapters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from conformance.contract import Image, Message, Request, Text, Tool, ToolCall
from conformance.reference import Gemini
from tests.mutants import mutant

REJECTED = "the real API would reject this request"


@mutant(kills="GEM-018", says="the API key is in the URL")
class KeyInTheURL(Gemini):
    """Sends the key in the URL."""

    def auth(self, key: str) -> dict[str, str]:
        return {}

    def url(self, path: str) -> Any:
        return super().url(path).copy_add_param("key", self.api_key or "")


@mutant(kills="AUT-001", says="the key is sent in more than one place")
class KeyTwice(Gemini):
    """Sends the key as a bearer token too."""

    def auth(self, key: str) -> dict[str, str]:
        return {**super().auth(key), "Authorization": f"Bearer {key}"}


@mutant(kills="GEM-019", says="messages is not sent as asked")
class TrustsTheOrderOfResults(Gemini):
    """Sends results without ids, in the order in which the host gives them."""

    def in_order(self, answers: dict[str, dict[str, Any]], calls: dict[str, ToolCall]) -> list[dict[str, Any]]:
        for answer in answers.values():
            answer["functionResponse"].pop("id")
        return list(answers.values())


@mutant(kills="REQ-012", says=REJECTED)
class AnswersCallsOneByOne(Gemini):
    """Makes a turn of each result of a call."""

    def contents(self, messages: Sequence[Message]) -> list[dict[str, Any]]:
        turns = []
        for turn in super().contents(messages):
            answers = [p for p in turn["parts"] if "functionResponse" in p]
            turns += [{**turn, "parts": [a]} for a in answers] or [turn]
        return turns


@mutant(kills="REQ-012", says=REJECTED)
class AnswersAsATool(Gemini):
    """Gives results of calls the role of a tool, which is OpenAI's."""

    def contents(self, messages: Sequence[Message]) -> list[dict[str, Any]]:
        turns = super().contents(messages)
        return [{**t, "role": "tool"} if "functionResponse" in t["parts"][0] else t for t in turns]


@mutant(kills="REQ-003", says="messages is not sent as asked")
class SpeaksAsTheUser(Gemini):
    """Sends the turns of the model as the user's."""

    def role(self, message: Message) -> str:
        return "user"


@mutant(kills="REQ-004", says="messages is not sent as asked")
class PutsTheSystemPromptFirst(Gemini):
    """Sends the system prompt as the first turn of the user."""

    def payload(self, request: Request) -> dict[str, Any]:
        turns = [replace(m, role="user") if m.role == "system" else m for m in request.messages]
        return super().payload(replace(request, messages=turns))


@mutant(kills="REQ-002", says=REJECTED)
class WritesAnySchema(Gemini):
    """Sends the schema of a tool as if it were one of the API's subset."""

    def tool(self, tool: Tool) -> dict[str, Any]:
        return {"name": tool.name, "description": tool.description, "parameters": tool.parameters}


@mutant(kills="GEM-023", says=REJECTED)
class StripsOneKeyword(Gemini):
    """Takes additionalProperties out of a schema, and thinks that the rest is the API's subset."""

    def tool(self, tool: Tool) -> dict[str, Any]:
        def stripped(node: Any) -> Any:
            if isinstance(node, dict):
                return {k: stripped(v) for k, v in node.items() if k != "additionalProperties"}
            return [stripped(n) for n in node] if isinstance(node, list) else node

        return {"name": tool.name, "description": tool.description, "parameters": stripped(tool.parameters)}


@mutant(kills="GEM-020", says="tools is not sent as asked")
class WritesPlainNames(Gemini):
    """Writes dots in the names of tools as underscores."""

    def tool(self, tool: Tool) -> dict[str, Any]:
        return super().tool(replace(tool, name=tool.name.replace(".", "_")))


@mutant(kills="GEM-021", says="the URL is joined wrongly")
class DoublesTheResource(Gemini):
    """Puts models/ before a name that has it."""

    def model_name(self, asked: str | None) -> str:
        return asked or self.model


@mutant(kills="GEM-022", says="the model list is wrong")
class ReadsOnePage(Gemini):
    """Lists the models of the first page."""

    def listed(self, page: Any, found: list[str]) -> str | None:
        super().listed(page, found)
        return None


@mutant(kills="GEM-024", says="messages is not sent as asked")
class DropsImagesByURL(Gemini):
    """Leaves images by URL out."""

    def parts(self, message: Message) -> list[dict[str, Any]]:
        if isinstance(message.content, str):
            return super().parts(message)
        kept = [p for p in message.content if isinstance(p, Text) or p.url is None]
        return super().parts(replace(message, content=kept))


@mutant(kills="GEM-025", says="messages is not sent as asked")
class MovesImages(Gemini):
    """Sends images after all the text."""

    def parts(self, message: Message) -> list[dict[str, Any]]:
        if isinstance(message.content, str):
            return super().parts(message)
        ordered = sorted(message.content, key=lambda p: isinstance(p, Image))
        return super().parts(replace(message, content=ordered))


@mutant(kills="REQ-008", says="max_tokens is not sent")
class LimitsAtTheTop(Gemini):
    """Puts the limit beside the options, and not among them."""

    def payload(self, request: Request) -> dict[str, Any]:
        body = super().payload(request)
        limit = body.get("generationConfig", {}).pop("maxOutputTokens", None)
        return body if limit is None else {**body, "maxOutputTokens": limit}


@mutant(kills="REQ-011", says="tool_choice is not sent as asked")
class ForcesSomeTool(Gemini):
    """Forces some tool, where one was named."""

    def tool_choice(self, choice: str) -> dict[str, Any]:
        return {"mode": super().tool_choice(choice)["mode"]}


@mutant(kills="REQ-023", says="parameters are set that nobody asked for")
class FiltersNothing(Gemini):
    """Switches all filters off, unasked."""

    def payload(self, request: Request) -> dict[str, Any]:
        setting = {"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}
        return {**super().payload(request), "safetySettings": [setting]}


@mutant(kills="TOL-013", says="the last message is wrong")
class SaysNoneForEmptyResults(Gemini):
    """Sends the language's word for nothing in place of an empty result."""

    def result(self, message: Message) -> dict[str, Any]:
        return {"result": message.content or str(None)}


@mutant(kills="EMB-001", says=REJECTED)
class EmbedsForAModelWithoutAName(Gemini):
    """Leaves the model out of each request of a batch."""

    def batch(self, texts: Sequence[str], model: str | None) -> dict[str, Any]:
        batch = super().batch(texts, model)
        return {"requests": [{"content": r["content"]} for r in batch["requests"]]}
