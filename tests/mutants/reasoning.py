"""Lies about reasoning."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from conformance.contract import Event, ReasoningDelta, Reply, Request
from conformance.reference import OpenAIChat
from conformance.reference.openai_chat.stream import Answer
from tests.mutants import mutant

TEXT = "the reply's text is wrong"
NAMES = ("reasoning_content", "reasoning")


@mutant(kills="RSN-001", says="the reasoning delivered is not the reasoning sent")
class ThinksInSilence(OpenAIChat):
    """Delivers the reasoning of a stream with its end only."""

    def delta(self, answer: Answer, delta: Any) -> Iterator[Event]:
        return (event for event in super().delta(answer, delta) if not isinstance(event, ReasoningDelta))


@mutant(kills="RSN-001", says="the reasoning is wrong")
class ForgetsItsThoughts(OpenAIChat):
    """Leaves the reasoning of a stream out of its final reply."""

    def finished(self, answer: Answer) -> Reply:
        return replace(super().finished(answer), reasoning=None)


@mutant(kills="RSN-002", says="the reasoning is wrong")
class OverlooksDetails(OpenAIChat):
    """Reads no reasoning from its details."""

    def reasoning(self, message: dict[str, Any]) -> str | None:
        return super().reasoning({**message, "reasoning_details": None})


@mutant(kills="RSN-003", says="the reasoning is wrong")
class TellsEveryName(OpenAIChat):
    """Joins the reasoning of every name that it comes under."""

    def reasoning(self, message: dict[str, Any]) -> str | None:
        named = [n for n in NAMES if message.get(n)]
        if len(named) < 2:
            return super().reasoning(message)
        return "".join(message[n] for n in named)


@mutant(kills="RSN-004", says=TEXT)
class OneThingADelta(OpenAIChat):
    """Reads no text from a delta that has reasoning."""

    def delta(self, answer: Answer, delta: Any) -> Iterator[Event]:
        thinks = isinstance(delta, dict) and delta.get("reasoning_content")
        return super().delta(answer, {**delta, "content": None} if thinks else delta)


@mutant(kills="RSN-004", says=TEXT)
class ThinksOnlyFirst(OpenAIChat):
    """Takes everything for text once there was some."""

    def delta(self, answer: Answer, delta: Any) -> Iterator[Event]:
        if answer.text and isinstance(delta, dict) and delta.get("reasoning_content"):
            delta = {**delta, "content": delta["reasoning_content"] + (delta.get("content") or "")}
        return super().delta(answer, delta)


@mutant(kills="RSN-005", says="the reasoning is wrong")
class PrintsNothing(OpenAIChat):
    """Turns reasoning that is null into its name."""

    def reasoning(self, message: dict[str, Any]) -> str | None:
        found = super().reasoning(message)
        return found or (str(message["reasoning"]) if "reasoning" in message else None)


@mutant(kills="RSN-005", says="a good answer was turned into an error")
class StumblesOverNoThought(OpenAIChat):
    """Takes reasoning that is null for a fault of the protocol."""

    def reasoning(self, message: dict[str, Any]) -> str | None:
        if message.get("reasoning_content", "") is None:
            raise self.malformed("reasoning that is no text")
        return super().reasoning(message)


@mutant(kills="RSN-006", says=TEXT)
class ThinksAloudBeforeACall(OpenAIChat):
    """Takes the reasoning before a tool call for its text."""

    def reply(self, data: Any) -> Reply:
        return self.aloud(super().reply(data))

    def aloud(self, reply: Reply) -> Reply:
        return replace(reply, text=reply.text or reply.reasoning or "") if reply.tool_calls else reply


@mutant(kills="RSN-006", says=TEXT)
class ThinksAloudBeforeACallOfAStream(ThinksAloudBeforeACall):
    """Takes the reasoning before a tool call of a stream for its text."""

    def reply(self, data: Any) -> Reply:
        return OpenAIChat.reply(self, data)

    def finished(self, answer: Answer) -> Reply:
        return self.aloud(super().finished(answer))


@mutant(kills="RSN-007", says=TEXT)
class ThinksForAnAnswer(OpenAIChat):
    """Gives its reasoning for the answer where there is no other."""

    def reply(self, data: Any) -> Reply:
        reply = super().reply(data)
        silent = not reply.text and not reply.tool_calls
        return replace(reply, text=reply.reasoning) if silent and reply.reasoning else reply


@mutant(kills="RSN-008", says=TEXT)
class CutsAtATag(OpenAIChat):
    """Takes everything from the tag of a thought on for the thought."""

    def text(self, content: Any) -> str:
        return super().text(content).partition("<think>")[0]


@mutant(kills="RSN-008", says=TEXT)
class WaitsForTheClosingTag(OpenAIChat):
    """Takes a tag that is never closed for a thought that goes on to the end."""

    def text(self, content: Any) -> str:
        return re.sub(r"<think>.*?(</think>|$)", "", super().text(content), flags=re.S)


@mutant(kills="RSN-009", says="reasoning_effort is not sent")
class SparesTheEffort(OpenAIChat):
    """Sends no effort of reasoning."""

    def options(self, request: Request) -> dict[str, Any]:
        return super().options(replace(request, reasoning_effort=None))


@mutant(kills="RSN-009", says="reasoning_effort is not sent")
class TakesNoneForNothing(OpenAIChat):
    """Does not send the effort that is called none."""

    def options(self, request: Request) -> dict[str, Any]:
        asked = None if request.reasoning_effort == "none" else request.reasoning_effort
        return super().options(replace(request, reasoning_effort=asked))


@mutant(kills="RSN-009", says="reasoning_effort is not sent as asked")
class HalvesTheEffort(OpenAIChat):
    """Turns every effort of reasoning into a medium one."""

    def options(self, request: Request) -> dict[str, Any]:
        return super().options(replace(request, reasoning_effort=request.reasoning_effort and "medium"))


@mutant(kills="RSN-010", says="reasoning_effort is sent although nobody asked for it")
class AlwaysThinksHard(OpenAIChat):
    """Asks for a high effort where nobody asked for one."""

    def options(self, request: Request) -> dict[str, Any]:
        return super().options(replace(request, reasoning_effort=request.reasoning_effort or "high"))
