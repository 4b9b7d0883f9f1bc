"""Lies about the model, the options and the tools that were asked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conformance.contract import Request, Tool
from conformance.reference import OpenAIChat
from tests.mutants import mutant


@mutant(kills="REQ-002", says="the real API would reject this request")
class LeavesToolsUntyped(OpenAIChat):
    """Does not say that a tool is a function."""

    def tool(self, tool: Tool) -> dict[str, Any]:
        return {"function": super().tool(tool)["function"]}


@mutant(kills="REQ-005", says="model is not sent as asked")
class AsksAlwaysItsOwnModel(OpenAIChat):
    """Takes the model of its constructor, whatever the request says."""

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        return super().payload(replace(request, model=None), stream=stream)


@mutant(kills="REQ-005", says="model is not sent as asked")
class CutsTheVendorOffTheModel(OpenAIChat):
    """Takes what stands before a slash for the provider's name and drops it."""

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        name = (request.model or self.model).rpartition("/")[2]
        return super().payload(replace(request, model=name), stream=stream)


@mutant(kills="REQ-006", says="temperature is not sent")
class DropsTemperatureZero(OpenAIChat):
    """Takes a temperature of zero for none."""

    def options(self, request: Request) -> dict[str, Any]:
        return super().options(request) | {"temperature": request.temperature or None}


@mutant(kills="REQ-006", says="temperature is not sent as asked")
class WarmsZeroUp(OpenAIChat):
    """Makes a tenth of a temperature of zero."""

    def options(self, request: Request) -> dict[str, Any]:
        return super().options(request) | ({"temperature": 0.1} if request.temperature == 0 else {})


@mutant(kills="REQ-007", says="seed is not sent")
class DropsSeedZero(OpenAIChat):
    """Takes a seed of zero for none."""

    def options(self, request: Request) -> dict[str, Any]:
        return super().options(request) | {"seed": request.seed or None}


@mutant(kills="REQ-007", says="top_p is not sent")
class ForgetsTopP(OpenAIChat):
    """Does not send top_p."""

    def options(self, request: Request) -> dict[str, Any]:
        return super().options(request) | {"top_p": None}


@mutant(kills="REQ-008", says="max_tokens is not sent")
class LosesTheLimit(OpenAIChat):
    """Does not send the limit of tokens."""

    def options(self, request: Request) -> dict[str, Any]:
        return super().options(request) | {"max_tokens": None}


@mutant(kills="REQ-008", says="the real API would reject this request")
class SendsTheLimitUnderBothNames(OpenAIChat):
    """Sends max_completion_tokens beside max_tokens, to be sure."""

    def options(self, request: Request) -> dict[str, Any]:
        return super().options(request) | {"max_completion_tokens": request.max_tokens}


@mutant(kills="REQ-008", says="max_tokens is not sent")
class LosesTheLimitInStreams(OpenAIChat):
    """Does not send the limit of tokens when it streams."""

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        return super().payload(replace(request, max_tokens=None) if stream else request, stream=stream)


@mutant(kills="REQ-009", says="stop is not sent as asked")
class SendsTheFirstStopOnly(OpenAIChat):
    """Sends the first stop sequence only."""

    def options(self, request: Request) -> dict[str, Any]:
        return super().options(replace(request, stop=request.stop[:1]))


@mutant(kills="REQ-009", says="stop is not sent as asked")
class DropsBlankStops(OpenAIChat):
    """Drops stop sequences of white space."""

    def options(self, request: Request) -> dict[str, Any]:
        return super().options(replace(request, stop=[s for s in request.stop if s.strip()]))


@mutant(kills="REQ-010", says="tools is not sent as asked")
class DropsToolDescriptions(OpenAIChat):
    """Tells the model the names of the tools and not what they do."""

    def tool(self, tool: Tool) -> dict[str, Any]:
        return super().tool(replace(tool, description=""))


@mutant(kills="REQ-010", says="tools is not sent as asked")
class PrunesSchemas(OpenAIChat):
    """Keeps only the keywords of a schema that it knows."""

    def tool(self, tool: Tool) -> dict[str, Any]:
        known = {k: v for k, v in tool.parameters.items() if k in ("type", "properties")}
        return super().tool(replace(tool, parameters=known))


@mutant(kills="REQ-010", says="tools is not sent")
class ForgetsToolsInStreams(OpenAIChat):
    """Does not send the tools when it streams."""

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        return super().payload(replace(request, tools=()) if stream else request, stream=stream)


@mutant(kills="REQ-011", says="tool_choice is not sent")
class NeverForcesATool(OpenAIChat):
    """Does not send the choice of tool."""

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        return super().payload(replace(request, tool_choice=None), stream=stream)


@mutant(kills="REQ-011", says="tool_choice is not sent as asked")
class ForcesAnyTool(OpenAIChat):
    """Asks for some tool where one was named."""

    def tool_choice(self, choice: str) -> str | dict[str, Any]:
        return choice if choice in ("auto", "none") else "required"


@mutant(kills="REQ-011", says="the real API would reject this request")
class ChoosesByABareName(OpenAIChat):
    """Sends the name of the chosen tool as it is."""

    def tool_choice(self, choice: str) -> str | dict[str, Any]:
        return choice


@mutant(kills="REQ-011", says="the real API would reject this request")
class TakesAWordForATool(OpenAIChat):
    """Takes every choice for the name of a tool, "required" too."""

    def tool_choice(self, choice: str) -> str | dict[str, Any]:
        return {"type": "function", "function": {"name": choice}}


@mutant(kills="REQ-014", says="temperature is sent although nobody asked")
class InventsATemperature(OpenAIChat):
    """Has a temperature of its own for requests without one."""

    def options(self, request: Request) -> dict[str, Any]:
        options = super().options(request)
        return options | ({"temperature": 0.7} if request.temperature is None else {})


@mutant(kills="REQ-014", says="max_tokens is sent although nobody asked")
class InventsALimitInStreams(OpenAIChat):
    """Limits every stream that has no limit."""

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        return ({"max_tokens": 1024} if stream else {}) | super().payload(request, stream=stream)


@mutant(kills="REQ-020", says="fields that the API does not have are on the wire")
class SendsItsBookkeeping(OpenAIChat):
    """Sends along what it keeps for itself."""

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        return super().payload(request, stream=stream) | {"_attempt": 1}


@mutant(kills="REQ-023", says="parameters are set that nobody asked for")
class KnowsBetter(OpenAIChat):
    """Sets a penalty that it thinks is good for every answer."""

    def options(self, request: Request) -> dict[str, Any]:
        return {**super().options(request), "frequency_penalty": 0.5}


@mutant(kills="REQ-010", says="tools is not sent as asked")
class StripsSchemasInPlace(OpenAIChat):
    """Strips a keyword from the schemas of the tools, in the host's own objects."""

    def tool(self, tool: Tool) -> dict[str, Any]:
        tool.parameters.pop("additionalProperties", None)
        return super().tool(tool)


@mutant(kills="REQ-031", says="max_tokens is not sent as asked")
class KnowsASmallLimit(OpenAIChat):
    """Asks for no more tokens than older models gave."""

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        limit = None if request.max_tokens is None else min(request.max_tokens, 4096)
        return super().payload(replace(request, max_tokens=limit), stream=stream)


@mutant(kills="REQ-031", says="temperature is not sent as asked")
class CoolsDown(OpenAIChat):
    """Asks for a temperature of 1 at most."""

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        heat = None if request.temperature is None else min(request.temperature, 1.0)
        return super().payload(replace(request, temperature=heat), stream=stream)


@mutant(kills="REQ-023", says="parameters are set that nobody asked for")
class AllowsOneCallAtATime(OpenAIChat):
    """Forbids parallel calls wherever there are tools."""

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        alone = {"parallel_tool_calls": False} if request.tools else {}
        return {**super().payload(request, stream=stream), **alone}
