"""The contract's request as a generateContent body."""

from __future__ import annotations

from collections.abc import Sequence
from mimetypes import guess_type
from typing import Any

from conformance.contract import Image, JSONSchema, Message, ProviderError, Request, Text, Tool, ToolCall
from conformance.reference.wire.names import NamesTools
from conformance.reference.wire.turns import KeepsTurns

BUDGETS = {"none": 0, "minimal": 1024, "low": 1024, "medium": 8192, "high": 24576}  # as Google's own OpenAI API has it
UNSIGNED = "skip_thought_signature_validator"  # Gemini 3 rejects a call without a signature, and this one it lets pass


class BuildsRequests(KeepsTurns, NamesTools):
    protocol = "gemini"
    name: str
    model: str
    tool_names = "[a-zA-Z_][a-zA-Z0-9_.:-]{0,127}"

    def model_name(self, asked: str | None) -> str:
        """A name may be given as the resource's: models/gemini-2.5-flash."""
        return (asked or self.model).removeprefix("models/")

    def payload(self, request: Request) -> dict[str, Any]:
        """Only what was asked for is sent; zero and the empty string are asked for, None is not."""
        turns = self.contents(request.messages)
        if self.model_name(request.model).startswith("gemini-3"):
            self.sign(turns)
        body: dict[str, Any] = {"contents": turns}
        if system := [m for m in request.messages if m.role == "system"]:
            body["systemInstruction"] = {"parts": [p for m in system for p in self.parts(m)]}
        if options := {name: value for name, value in self.options(request).items() if value is not None}:
            body["generationConfig"] = options
        if request.tools:
            body["tools"] = [{"functionDeclarations": [self.tool(t) for t in request.tools]}]
            if request.tool_choice is not None:
                body["toolConfig"] = {"functionCallingConfig": self.tool_choice(request.tool_choice)}
        return body

    def options(self, request: Request) -> dict[str, Any]:
        return {
            "temperature": request.temperature,
            "topP": request.top_p,
            "maxOutputTokens": request.max_tokens,
            "seed": request.seed,
            "stopSequences": list(request.stop) or None,
            "thinkingConfig": self.thinking(request.reasoning_effort),
            **self.form(request.response_schema),
        }

    def thinking(self, effort: str | None) -> dict[str, Any] | None:
        """As tokens, which more models know than levels."""
        if effort is not None and effort not in BUDGETS:
            raise ProviderError(f"{self.name}: there is no effort {effort!r}", kind="unsupported", provider=self.name)
        return None if effort is None else {"thinkingBudget": BUDGETS[effort]}

    def form(self, asked: JSONSchema | None) -> dict[str, Any]:
        """A schema without the type of the answer is rejected."""
        return {"responseMimeType": "application/json", "responseJsonSchema": asked.schema} if asked else {}

    def contents(self, messages: Sequence[Message]) -> list[dict[str, Any]]:
        """All answers to the calls of one turn make one turn, in the order of the calls."""
        turns: list[dict[str, Any]] = []
        calls: dict[str, ToolCall] = {}
        answers: dict[str, dict[str, Any]] = {}
        for message in [*(m for m in messages if m.role != "system"), None]:
            if message is not None and message.role == "tool":
                answers[message.tool_call_id or ""] = self.answer(message, calls)
                continue
            if answers:
                turns.append({"role": "user", "parts": self.in_order(answers, calls)})
                answers = {}
            if message is not None:
                calls = {call.id: call for call in message.tool_calls}
                turns.append({"role": self.role(message), "parts": self.parts(message)})
        return turns

    def sign(self, turns: list[dict[str, Any]]) -> None:
        """The first call of a turn is the one that is checked. Where nothing was kept of it there is no signature."""
        for turn in turns:
            for part in [p for p in turn["parts"] if "functionCall" in p][:1]:
                part.setdefault("thoughtSignature", UNSIGNED)

    def in_order(self, answers: dict[str, dict[str, Any]], calls: dict[str, ToolCall]) -> list[dict[str, Any]]:
        place = {id: i for i, id in enumerate(calls)}
        return [answers[id] for id in sorted(answers, key=lambda id: place.get(id, len(place)))]

    def role(self, message: Message) -> str:
        return "model" if message.role == "assistant" else "user"

    def parts(self, message: Message) -> list[dict[str, Any]]:
        if kept := self.kept(message):
            return self.identified(kept, message.tool_calls)
        if isinstance(message.content, str):
            said = [{"text": message.content}] if message.content or not message.tool_calls else []
        else:
            said = [self.part(p) for p in message.content]
        return [*said, *(self.tool_call(c) for c in message.tool_calls)]

    def identified(self, parts: list[dict[str, Any]], calls: Sequence[ToolCall]) -> list[dict[str, Any]]:
        """The host knows a call that came without an id by the one that it was given, and answers to that."""
        called = [p for p in parts if isinstance(p.get("functionCall"), dict)]
        for part, call in zip(called, calls, strict=False):
            part["functionCall"] = {**part["functionCall"], "id": call.id}
        return parts

    def part(self, part: Text | Image) -> dict[str, Any]:
        if isinstance(part, Text):
            return {"text": part.text}
        if part.url is None:
            return {"inlineData": {"mimeType": part.media_type, "data": part.data}}
        kind = guess_type(part.url)[0]
        return {"fileData": {"fileUri": part.url, **({"mimeType": kind} if kind else {})}}

    def tool_call(self, call: ToolCall) -> dict[str, Any]:
        return {"functionCall": {"id": call.id, "name": call.name, "args": call.arguments}}

    def answer(self, message: Message, calls: dict[str, ToolCall]) -> dict[str, Any]:
        """It is for the function by name, which the history knows."""
        id = message.tool_call_id or ""
        name = calls[id].name if id in calls else id
        return {"functionResponse": {"id": id, "name": name, "response": self.result(message)}}

    def result(self, message: Message) -> dict[str, Any]:
        texts = [p.text for p in message.content if isinstance(p, Text)] if not isinstance(message.content, str) else []
        return {"result": message.content if isinstance(message.content, str) else "".join(texts)}

    def tool(self, tool: Tool) -> dict[str, Any]:
        return {"name": self.named(tool), "description": tool.description, "parametersJsonSchema": tool.parameters}

    def tool_choice(self, choice: str) -> dict[str, Any]:
        modes = {"auto": "AUTO", "none": "NONE", "required": "ANY"}
        return {"mode": modes[choice]} if choice in modes else {"mode": "ANY", "allowedFunctionNames": [choice]}

    def batch(self, texts: Sequence[str], model: str | None) -> dict[str, Any]:
        name = f"models/{self.model_name(model)}"
        return {"requests": [{"model": name, "content": {"parts": [{"text": text}]}} for text in texts]}
